using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;

namespace Ha.Lab.Running;

/// <summary>
/// <c>./run.sh</c>: the reference cluster on this machine until Ctrl-C, for a person to look at and to break.
/// </summary>
internal sealed class ReferenceRun : IDisposable
{
    private const int DashboardPort = 8080;
    private const int ServicePort = 8088;
    private const int FirstApiPort = 8443;
    private const string TokenFile = "/etc/ha.d/api-token";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ReferenceCluster _cluster;
    private readonly List<PortForward> _forwards = [];
    private readonly ManualResetEventSlim _end = new();
    private readonly Lock _lock = new();
    private readonly string _token = "ha_" + RandomNumberGenerator.GetHexString(40, lowercase: true);

    private readonly bool _warm;

    private ReferenceRun(TimerProfile? timers, bool warm, int nodes)
    {
        _warm = warm;
        _cluster = new ReferenceCluster(timers, nodes, warm ? ReferenceHaproxy.Warm : ReferenceHaproxy.Script);
    }

    /// <summary>Runs the scenario to its end.</summary>
    /// <returns>Exit code.</returns>
    internal static int Run(bool fast, bool warm, int nodes)
    {
        if (RunControl.RunningFolder is not null)
        {
            Console.Error.WriteLine("the reference scenario runs already; ./run.sh stop ends it");
            return 1;
        }
        using var run = new ReferenceRun(fast ? TimerProfile.Fast : null, warm, nodes);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, run.EndOn);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, run.EndOn);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, run.EndOn);
        return run.Live();
    }

    public void Dispose()
    {
        foreach (var forward in _forwards)
        {
            forward.Dispose();
        }
        _cluster.Dispose();
        _end.Dispose();
    }

    private void EndOn(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _end.Set();
    }

    private int Live()
    {
        var lab = _cluster.Lab;
        Console.WriteLine($"{lab.Nodes.Count} nodes, a client and a gateway on a network of their own ({lab.Id}); "
            + $"times of ha.cf: keepalive {_cluster.Timers.Keepalive}, deadtime {_cluster.Timers.Deadtime}");
        if (_warm)
        {
            Console.WriteLine("""
                --warm: packaging/examples/warm.json stands for haresources. HAProxy is builtin:haproxy and runs on every
                node; only the address moves, and only to where HAProxy is well. Both are watched each second, HAProxy's
                end is noticed at once: try './run.sh exec s1 pkill -KILL haproxy'. Without --warm it is a script that is
                started at a takeover, as Heartbeat does. './run.sh exec s1 ha-agent haproxy' shows it.
                """);
        }
        var from = LabClock.Now;
        _cluster.StartAgents();
        if (!LabClock.Holds(() => _end.IsSet || _cluster.Probe.LastAnswer > 0, s_patience) || _end.IsSet)
        {
            Console.Error.WriteLine(_end.IsSet ? "stopped" : "the service does not start:\n" + _cluster.Story);
            return 1;
        }
        var seconds = LabClock.Milliseconds(from, _cluster.Probe.LastAnswer) / 1000;
        Console.WriteLine($"agents started; the service answers after {seconds:0.0} s, "
            + $"served by {_cluster.Probe.LastNode}");
        foreach (var node in _cluster.Nodes)
        {
            StartFrontEnds(node);
        }
        OpenPorts();
        if (!WaitForDashboard())
        {
            return 1;
        }
        using var control = new RunControl(lab.Folder, CarryOut);
        Console.WriteLine(Manual());
        using var stop = new CancellationTokenSource();
        var narrator = new Thread(() => new Narrator(lab).Tell(stop.Token)) { Name = "narrator" };
        narrator.Start();
        _end.Wait();
        Console.WriteLine("removing everything");
        stop.Cancel();
        narrator.Join();
        return 0;
    }

    private void StartFrontEnds(HaNode node)
    {
        node.Node.Write(TokenFile, _token + "\n", ClusterFiles.SecretMode);
        node.StartApi(TokenFile);
        if (node != _cluster.S1)
        {
            // The dashboards share their cookie keys: who is signed in on one is signed in on the other.
            var keys = _cluster.S1.Node.PathOf("/var/lib/ha-appliance/web/keys");
            LabClock.Holds(() => Directory.Exists(keys) && Directory.EnumerateFiles(keys, "*.xml").Any(), s_patience);
            node.Node.CopyFolderFrom(_cluster.S1.Node, "/var/lib/ha-appliance/web/keys");
        }
        node.StartWeb();
    }

    private void OpenPorts()
    {
        var lab = _cluster.Lab;
        IPEndPoint At(string address, int port) => new(IPAddress.Parse(address), port);
        _forwards.Add(new PortForward(DashboardPort, lab.Client.Namespace,
            [.. lab.Nodes.Select(node => At(node.Address, HaNode.WebPort))]));
        for (var i = 0; i < lab.Nodes.Count; i++)
        {
            _forwards.Add(new PortForward(FirstApiPort + i, lab.Client.Namespace,
                At(lab.Nodes[i].Address, HaNode.ApiPort)));
        }
        _forwards.Add(new PortForward(ServicePort, lab.Client.Namespace, At(Laboratory.VirtualAddress, 80)));
    }

    private bool WaitForDashboard()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        bool Answers()
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{DashboardPort}/");
                using var answer = http.Send(request);
                return (int)answer.StatusCode < 500;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                return false; // not listening yet
            }
        }
        var up = LabClock.Holds(() => _end.IsSet || Answers(), s_patience);
        if (!up)
        {
            Console.Error.WriteLine("the dashboard does not answer; its output and that of the API:\n"
                + $"{_cluster.S1.Web?.Output}\n{_cluster.S1.Api?.Output}");
        }
        return up && !_end.IsSet;
    }

    private string CarryOut(string command)
    {
        lock (_lock)
        {
            switch (command.Split(' '))
            {
                case ["ping"]:
                    return "here";
                case ["stop"]:
                    _end.Set();
                    return "stopping: everything is removed";
                case ["pid", var name] when Find(name) is { Node.IsRunning: true } node:
                    return node.Node.InitPid.ToString();
                case ["kill", var name] when Find(name) is { Node.IsRunning: true } node:
                    node.Node.Die();
                    return $"{name} is dead: its link went down and every process on it was killed";
                case ["start", var name] when Find(name) is { Node.IsRunning: false } node:
                    node.Node.Boot();
                    node.StartAgent();
                    node.StartApi(TokenFile);
                    node.StartWeb();
                    return $"{name} boots: ha-agent, ha-api and ha-web are started";
                case ["cut", var name] when Find(name) is { } node:
                    _cluster.Lab.Switch.Cut(node.Node);
                    return $"the link of {name} is cut; ./run.sh heal mends it";
                case ["heal"]:
                    _cluster.Lab.Switch.Heal();
                    return "every link works again";
                case ["kill" or "pid", var name] when Find(name) is not null:
                    return $"refused: {name} is dead; ./run.sh start {name} switches it on";
                case ["start", var name] when Find(name) is not null:
                    return $"refused: {name} runs already";
                default:
                    return $"refused: '{command}' is not known; nodes are "
                        + string.Join(", ", _cluster.Nodes.Select(n => n.Node.Name));
            }
        }
    }

    private HaNode? Find(string name) => _cluster.Nodes.SingleOrDefault(n => n.Node.Name == name);

    private string Manual() => $"""

        Dashboard    http://127.0.0.1:{DashboardPort}/
        REST         https://127.0.0.1:{FirstApiPort}/swagger (s1) or :{FirstApiPort + 1} (s2); self-signed certificates
        Token        {_token}   (sign in to the dashboard and authorise REST calls with it)
        The service  http://127.0.0.1:{ServicePort}/   HAProxy behind the virtual address {Laboratory.VirtualAddress}

        In another terminal:
          ./run.sh exec s1 ha-agent status       the cluster as s1 sees it; any command, on any node
          ./run.sh exec s2 ha-agent events --follow
          ./run.sh kill s1                       s1 dies; watch s2 take over
          ./run.sh start s1                      s1 comes back; the service returns to it
          ./run.sh cut s1 ; ./run.sh heal        the network fails and is mended
          ./run.sh stop                          ends everything, as Ctrl-C does here

        What happens from now on (a client asks for the service 100 times a second):
        """;
}
