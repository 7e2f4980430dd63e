using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ha.Agent.Haproxy;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Haproxy;

/// <summary>A host with a real HAProxy in a folder of its own, which ends with the test.</summary>
internal sealed class HaproxyBench : IDisposable
{
    public const string Id = "web";

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(50);

    private static readonly string[] Environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C"];

    private readonly TestHost host = new();
    private readonly TemporaryFolder folder = new();
    private HaproxyInstances instances;

    public HaproxyBench()
    {
        WriteConfiguration();
        instances = NewLife();
    }

    /// <summary>What the engine was told.</summary>
    public ConcurrentQueue<ClusterInput> Posted { get; } = [];

    /// <summary>Parameters besides the configuration.</summary>
    public Dictionary<string, string> Parameters { get; } = [];

    public string Config => folder.File("haproxy.cfg");

    public string Socket => folder.File("run/web.sock");

    public TestHost Host => host;

    public HaproxyInstances Instances => instances;

    public ResourceDefinition Definition => new()
    {
        Id = Id, Class = "builtin", Type = "haproxy",
        Parameters = new Dictionary<string, string>(Parameters) { ["config"] = Config }
            .ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    /// <summary>Processes that are alive and named by the socket.</summary>
    public ImmutableArray<int> Processes
    {
        get
        {
            using var found = host.Run(() => HaproxyProcesses.Find(Settings));
            return [.. found.All.Where(static one => !one.HasEnded).Select(static one => one.Id)];
        }
    }

    public HaproxySettings Settings => HaproxySettings.Read(Definition, folder.File("run"), out _)!;

    public string File(string name) => folder.File(name);

    /// <summary>Writes a configuration that answers by itself.</summary>
    /// <param name="answer">What it answers.</param>
    /// <param name="more">Further lines of the frontend.</param>
    public void WriteConfiguration(string answer = "hello", string more = "") => System.IO.File.WriteAllText(Config, $$"""
        global
          maxconn 200
        defaults
          mode http
          timeout connect 1s
          timeout client 10s
          timeout server 10s
        frontend web
          bind 127.0.0.1:8080
          {{more}}
          http-request return status 503 content-type text/plain string bad if { path /bad }
          http-request return status 200 content-type text/plain string {{answer}} unless { path /app }
          default_backend app
        backend app
          server a 127.0.0.1:9001 weight 100
          server b 127.0.0.1:9002 weight 50 check
        """ + "\n");

    /// <summary>The agent is gone without a farewell to HAProxy, and another begins.</summary>
    public void RestartAgent()
    {
        instances.Dispose();
        instances = NewLife();
    }

    public OperationResult Run(OperationKind kind, TimeSpan? limit = null) => host.Run(() =>
        instances.Run(new AgentCall(Definition, kind, limit ?? Limit, 0, static _ => { })));

    public string? Reload() => host.Run(() => instances.Reload(Id));

    public HaproxyStatus Status() => Assert.Single(host.Run(() => instances.Status()));

    /// <summary>One request on a connection of its own; what went wrong, or the body.</summary>
    public string Request(string path = "/") => host.Run(() => RequestHere(path));

    public static string RequestHere(string path = "/")
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            SendTimeout = 20_000, ReceiveTimeout = 20_000,
        };
        try
        {
            socket.Connect(IPAddress.Loopback, 8080);
            socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\nHost: a\r\n\r\n"));
            var answer = new StringBuilder();
            var buffer = new byte[4096];
            for (int length; (length = socket.Receive(buffer)) > 0;) answer.Append(Encoding.ASCII.GetString(buffer, 0, length));
            return answer.ToString().Split("\r\n\r\n", 2)[^1];
        }
        catch (SocketException refused)
        {
            return refused.Message;
        }
    }

    public void Signal(int process, int signal) => Assert.Equal(0, Ha.Agent.Interop.Libc.Kill(process, signal));

    /// <summary>Waits for an input that fits.</summary>
    public T Await<T>(Func<T, bool> fits, string what)
        where T : ClusterInput
    {
        var begin = Stopwatch.GetTimestamp();
        while (!Posted.OfType<T>().Any(fits))
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Limit, $"not within {Limit.TotalSeconds} s: {what}; only "
                + string.Join(" | ", Posted.Select(Describe)));
            Thread.Sleep(2);
        }

        return Posted.OfType<T>().First(fits);
    }

    private static string Describe(ClusterInput input) => input switch
    {
        ResourceDisturbed disturbed => disturbed.Detail,
        ServiceConfigurationSeen seen => $"{seen.Hash} '{seen.Problem}'",
        ShellReported reported => reported.Sentence,
        _ => input.ToString()!,
    };

    public void Dispose()
    {
        instances.Dispose();
        HaproxyProcesses.Kill(Settings, Limit);
        host.Dispose();
        folder.Dispose();
    }

    // Its threads belong to the thread that makes them: so does their network.
    private HaproxyInstances NewLife() => host.Run(() =>
    {
        var life = new HaproxyInstances(new HaproxySurroundings(
            "s1", folder.File("run"), new ProgramRun(null, null), Environment, Posted.Enqueue));
        life.Configure([Definition]);
        return life;
    });
}
