using System.Diagnostics;
using System.Net;
using System.Text;
using Ha.Agent.Health;
using Ha.Agent.Interop;
using Ha.Agent.Tests.Hosts;
using Ha.Agent.Tests.Resources;
using Ha.Core.Health;
using static Ha.Agent.Tests.Health.Looking;

namespace Ha.Agent.Tests.Health;

/// <summary>HTTP checks against servers that answer well, badly, slowly, endlessly or not at all.</summary>
public sealed class HttpCheckTests : IDisposable
{
    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void GoodAnswer_IsGood_AndTheRequestIsWhatAServerExpects()
    {
        using var server = new HttpServer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine!");

        Good("HTTP 200 OK", Look(server.Url));

        Assert.True(server.Requests.TryDequeue(out var request));
        Assert.Equal($"GET /health?x=1 HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nUser-Agent: ha-agent\r\n"
            + "Accept: */*\r\nConnection: close\r\n\r\n", request);
    }

    [Fact]
    public void NameWithAddress_IsSentToTheServer_AndNotLookedUp()
    {
        using var server = new HttpServer("HTTP/1.0 204\r\n\r\n");

        Good("HTTP 204", Look($"http://www.example.org:{server.Port}/", ("address", "127.0.0.1")));
        Assert.True(server.Requests.TryDequeue(out var request));
        Assert.Contains($"\r\nHost: www.example.org:{server.Port}\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public void VersionSix_Works()
    {
        using var server = new HttpServer("HTTP/1.1 200 OK\r\n\r\n", address: IPAddress.IPv6Loopback);

        Good("HTTP 200 OK", Look($"http://[::1]:{server.Port}/"));
        Assert.True(server.Requests.TryDequeue(out var request));
        Assert.Contains($"\r\nHost: [::1]:{server.Port}\r\n", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("503 Service Unavailable", "", "HTTP 503 Service Unavailable")]
    [InlineData("404 Not Found", "", "HTTP 404 Not Found")]
    [InlineData("200 OK", "201,204,300-308", "HTTP 200 OK")]
    public void WrongStatus_IsBad(string status, string good, string expected)
    {
        using var server = new HttpServer($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");

        Bad(expected, good.Length == 0 ? Look(server.Url) : Look(server.Url, ("status", good)));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nall is well")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nall is well")]
    [InlineData("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4;x=y\r\nall \r\n7\r\nis well\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nall is well")]
    public void TextInTheBody_IsFound_HoweverTheBodyIsCoded(string answer)
    {
        using var server = new HttpServer(answer);

        Good("HTTP 200 OK", Look(server.Url, ("contains", "is well")));
        Bad("HTTP 200 OK, but without the text 'is ill'", Look(server.Url, ("contains", "is ill")));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n", "no HTTP: it says 'SSH-2.0-OpenSSH_9.2'")]
    [InlineData("HTTP/1.1 2xx OK\r\n\r\n", "no HTTP")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n", "no HTTP")]
    [InlineData("\r\n\r\n", "no HTTP")]
    [InlineData("", "the connection was closed without an answer")]
    [InlineData("HTTP/1.1 200 OK\r\nX: y\r\n", "the connection was closed without an answer")]
    [InlineData("HTTP/1.1 500 \u001b[2J\u0007Bell\r\n\r\n", "HTTP 500 ?[2J?Bell")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "the body of the answer is broken")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "the body of the answer is broken")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "the body of the answer is broken")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", "the body of the answer is broken")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
        "the body of the answer is broken")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\nx",
        "the body of the answer is broken")]
    public void BrokenAnswer_IsBad_AndSaysWhatIsWrong(string answer, string expected)
    {
        using var server = new HttpServer(answer);

        Bad(expected, Look(server.Url, ("contains", "x")));
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", "announces an answer again and again")]
    [InlineData("HTTP/1.1 200 OK\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nY: ",
        "longer than 16 KiB")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "longer than 16 KiB")]
    public void EndlessAnswer_IsGivenUp(string piece, string expected)
    {
        using var server = new HttpServer(stream =>
        {
            for (var i = 0; i < 100_000; i++) stream.Write(Encoding.ASCII.GetBytes(piece));
        });

        Bad(expected, Look(server.Url));
    }

    [Fact]
    public void EndlessBody_IsReadToItsBound()
    {
        using var server = new HttpServer(stream =>
        {
            stream.Write("HTTP/1.1 200 OK\r\n\r\n"u8);
            var zeros = new byte[64 * 1024];
            for (var i = 0; i < 10_000; i++) stream.Write(zeros);
        });

        Bad("without the text 'x'", Look(server.Url, ("contains", "x")));
    }

    [Fact]
    public void ServerThatHangs_OrAnswersByteByByte_IsLateInTime()
    {
        using var release = new ManualResetEventSlim();
        using var hanging = new HttpServer(_ => release.Wait(Patience));
        using var dripping = new HttpServer(stream =>
        {
            foreach (var one in "HTTP/1.1 200 OK\r\nX: " + new string('y', 1000))
            {
                stream.WriteByte((byte)one);
                if (release.Wait(20)) return;
            }
        });
        var clock = Stopwatch.StartNew();
        foreach (var url in (string[])[hanging.Url, dripping.Url])
            Bad("no answer within 300ms", Once(Kind, At(CheckKind.Http, Short, ("url", url))));

        Assert.True(clock.Elapsed < Patience, $"{clock.Elapsed}");
        release.Set();
    }

    [Fact]
    public void NobodyListens_IsRefused() =>
        Bad("Connection refused", Look($"http://127.0.0.1:{LoopbackPort.Free()}/"));

    [Fact]
    public void HaproxyServes_IsFrozen_AndServesAgain()
    {
        var port = LoopbackPort.Free();
        var file = folder.File("haproxy.cfg");
        File.WriteAllText(file, $"""
            defaults
                mode http
                timeout client 60s
                timeout connect 60s
                timeout server 60s
            frontend all
                bind 127.0.0.1:{port}
                http-request return status 200 content-type text/plain string "all is well"

            """);
        using var haproxy = Process.Start("/usr/sbin/haproxy", ["-db", "-q", "-f", file]);
        try
        {
            var url = $"http://127.0.0.1:{port}/";
            Wait.Until(() => Look(url, ("contains", "is well")).IsGood, "HAProxy serves");

            // The kernel still accepts: that the port is open says nothing.
            Assert.Equal(0, Libc.Kill(haproxy.Id, SignalStop));
            Good("connected", Once(new TcpCheck(), At(CheckKind.Tcp, ("address", "127.0.0.1"), ("port", $"{port}"))));
            Bad("no answer within 300ms", Once(Kind, At(CheckKind.Http, Short, ("url", url))));
            Assert.Equal(0, Libc.Kill(haproxy.Id, SignalContinue));
            Good("HTTP 200 OK", Look(url, ("contains", "is well")));
        }
        finally
        {
            haproxy.Kill();
            haproxy.WaitForExit();
        }
    }

    private const int SignalStop = 19;
    private const int SignalContinue = 18;

    private HttpCheck Kind => new(folder.Environment, folder.Programs, AgentProgram.Path);

    private CheckFinding Look(string url, params (string, string)[] more) =>
        Once(Kind, At(CheckKind.Http, [("url", url), .. more]));
}
