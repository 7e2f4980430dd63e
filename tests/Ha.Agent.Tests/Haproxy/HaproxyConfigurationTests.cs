using Ha.Agent.Haproxy;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Tests.Haproxy;

/// <summary>The configuration of a real HAProxy is checked before it is used, and again and again.</summary>
public sealed class HaproxyConfigurationTests : IDisposable
{
    private readonly HaproxyBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData("nonsense", "unknown keyword 'nonsense' in 'frontend' section")]
    [InlineData("bind 127.0.0.1:8443 ssl crt /etc/no-such.pem", "/etc/no-such.pem")]
    public void Broken_ItIsNotStarted_AndTheFirstErrorIsToldWithItsLine(string line, string problem)
    {
        bench.WriteConfiguration(more: line);

        var start = bench.Run(OperationKind.Start);

        Assert.Equal(OperationOutcome.Failed, start.Outcome);
        Assert.StartsWith($"{bench.Config} is refused by haproxy -c: parsing [{bench.Config}:10]", start.Output,
            StringComparison.Ordinal);
        Assert.Contains(problem, start.Output, StringComparison.Ordinal);
        Assert.Empty(bench.Processes);
    }

    [Fact]
    public void Reloaded_EveryRequestIsAnswered_AndABrokenOneChangesNothing()
    {
        bench.Run(OperationKind.Start);
        var stop = false;
        var answers = new List<string>();
        var client = bench.Host.Run(() =>
        {
            var thread = new Thread(() =>
            {
                while (!Volatile.Read(ref stop)) answers.Add(HaproxyBench.RequestHere());
            });
            thread.Start();
            return thread;
        });
        for (var i = 1; i <= 5; i++)
        {
            bench.WriteConfiguration($"answer{i}");
            Assert.Null(bench.Reload());
            Assert.Equal($"answer{i}", bench.Request());
        }

        bench.WriteConfiguration(more: "nonsense");
        var refused = bench.Reload();
        Assert.StartsWith("HAProxy was not reloaded and goes on as it was: ", refused, StringComparison.Ordinal);
        Assert.Contains($"[{bench.Config}:10]", refused, StringComparison.Ordinal);
        Assert.Equal("answer5", bench.Request());
        Volatile.Write(ref stop, true);
        Assert.True(client.Join(TimeSpan.FromSeconds(60)));

        Assert.All(answers, static answer => Assert.Matches("^(hello|answer[1-5])$", answer));
        Assert.Contains("answer3", answers);
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Monitor).Outcome);
        Assert.DoesNotContain(bench.Posted, static one => one is ResourceDisturbed);
    }

    [Fact]
    public void AlsoWhereItDoesNotRun_ItIsCheckedWhenAFileOfItChanges()
    {
        var certificate = bench.File("page.http");
        File.WriteAllText(certificate, "HTTP/1.0 500 no\r\n\r\n");
        bench.WriteConfiguration(more: $"errorfile 500 {certificate}");
        var first = bench.Await<ServiceConfigurationSeen>(static one => one.Problem.Length == 0, "it is checked");
        Assert.Equal((HaproxyBench.Id, 64), (first.Resource, first.Hash.Length));

        File.WriteAllText(certificate, "HTTP/1.0 500 other\r\n\r\n");
        bench.Await<ServiceConfigurationSeen>(
            one => one.Problem.Length == 0 && one.Hash.Length == 64 && one.Hash != first.Hash, "the other page is seen");

        bench.WriteConfiguration(more: "nonsense");
        var error = $"{bench.Config} is refused by haproxy -c: parsing [{bench.Config}:10] : unknown keyword 'nonsense'";
        bench.Await<ServiceConfigurationSeen>(one => one.Problem.StartsWith(error, StringComparison.Ordinal), error);
        Assert.StartsWith(error, bench.Status().Configuration.Problem, StringComparison.Ordinal);
        Assert.Empty(bench.Processes);
    }

    [Fact]
    public void FilesOfAConfiguration_AreThoseThatItNames()
    {
        string Write(string name)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(bench.File(name))!);
            File.WriteAllText(bench.File(name), name);
            return bench.File(name);
        }

        string[] named = [Write("certs/a.pem"), Write("certs/dir/b.pem"), Write("hosts.map"), Write("quoted name.lst")];
        var (pid, comment) = (Write("haproxy.pid"), Write("comment.map"));
        File.WriteAllText(bench.Config, $"""
            global
              pidfile {pid}
              crt-base {bench.File("certs")}
              log /dev/log local0
            frontend f
              bind :1 ssl crt a.pem crt dir
              use_backend %[req.hdr(host),map({named[2]},b)] # {comment}
              acl x src -f "{named[3]}"
              acl y path_beg /no/such/file
            """);

        var files = HaproxyFiles.Find(bench.Config);

        Assert.Equal([bench.Config, .. named.Append(bench.File("certs/dir")).Order(StringComparer.Ordinal)],
            files.Paths.AsEnumerable());
        var hash = files.Hash();
        Assert.False(files.HaveChanged);
        File.AppendAllText(named[1], "more");
        Assert.True(files.HaveChanged);
        Assert.NotEqual(hash, HaproxyFiles.Find(bench.Config).Hash());
    }
}
