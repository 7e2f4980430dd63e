using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>
/// Whether an HTTP server gives the right answer. TLS is never spoken in the agent itself: an https URL is looked at
/// by a short-lived process of the same program (<see cref="TlsLook"/>, docs/health.md).
/// </summary>
/// <param name="environment">What that process gets.</param>
/// <param name="programs">Runs it.</param>
/// <param name="agent">Path of this program.</param>
internal sealed class HttpCheck(ScriptEnvironment environment, ProgramRun programs, string agent) : ICheckKind
{
    /// <inheritdoc/>
    public CheckFinding Look(CheckLook look)
    {
        var url = new Uri(look.Parameter(CheckParameters.Url));
        return url.Scheme == Uri.UriSchemeHttps ? LookApart(look)
            : Look(look, url, static socket => new HttpPipe(socket.Send, socket.Receive));
    }

    /// <summary>Asks, over whatever the connection is wrapped in.</summary>
    /// <param name="look">The look.</param>
    /// <param name="url">What is asked for.</param>
    /// <param name="wrap">How bytes are sent and received.</param>
    public static CheckFinding Look(CheckLook look, Uri url, Func<CheckSocket, HttpPipe> wrap)
    {
        var address = IPAddress.Parse(look.Parameter(CheckParameters.Address, url.IdnHost));
        using var socket = CheckSocket.Open(look, address, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(new IPEndPoint(address, url.Port));
        using var pipe = wrap(socket);
        pipe.Send(Encoding.ASCII.GetBytes($"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {Host(url)}\r\n"
            + "User-Agent: ha-agent\r\nAccept: */*\r\nConnection: close\r\n\r\n"));
        var wanted = look.Parameter(CheckParameters.Contains);
        var answer = HttpAnswer.Read(pipe.Receive, wanted.Length > 0);
        if (answer.Problem.Length > 0) return CheckFinding.Bad(answer.Problem);
        var text = $"HTTP {answer.Status.ToString(CultureInfo.InvariantCulture)} {answer.Reason}".TrimEnd();
        var good = StatusRanges.TryParse(look.Parameter(CheckParameters.Status, CheckParameters.DefaultStatus))!;
        if (!good.Contains(answer.Status)) return CheckFinding.Bad(text);
        return wanted.Length == 0 || answer.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(wanted)) >= 0
            ? CheckFinding.Good(text) : CheckFinding.Bad($"{text}, but without the text '{wanted}'");
    }

    private static string Host(Uri url)
    {
        var host = url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost;
        return url.IsDefaultPort ? host : $"{host}:{url.Port.ToString(CultureInfo.InvariantCulture)}";
    }

    private CheckFinding LookApart(CheckLook look)
    {
        string[] parameters =
            [.. look.Check.Parameters.SelectMany(static one => (string[])["--set", $"{one.Key}={one.Value}"])];
        string[] timeout = ["--within", ((long)look.Left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)];
        var end = programs.Run(ExecCheck.Call(look), agent, ["look", .. timeout, .. parameters],
            environment.Variables, "look");
        if (end.Failure is not { } failure) return new CheckFinding(end.Code == 0, end.Output);
        return CheckFinding.Bad(failure.Outcome == OperationOutcome.TimedOut ? look.Late
            : failure.Output);
    }
}

/// <summary>How bytes of a request and its answer travel.</summary>
/// <param name="Send">Sends all.</param>
/// <param name="Receive">Receives some; 0: the other side has ended.</param>
internal sealed record HttpPipe(HttpPipe.Sender Send, HttpPipe.Receiver Receive) : IDisposable
{
    /// <summary>Sends all.</summary>
    public delegate void Sender(ReadOnlySpan<byte> bytes);

    /// <summary>Receives some.</summary>
    public delegate int Receiver(Span<byte> buffer);

    /// <summary>Closes what is around the connection; null: nothing.</summary>
    public IDisposable? Around { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Around?.Dispose();
}
