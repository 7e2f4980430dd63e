using System.Text;
using Ha.Core.Contracts;
using Ha.Lab.Clusters;
using Ha.Lab.Watching;

namespace Ha.Lab.Benchmarks;

/// <summary>
/// <c>bench monitors</c>: many resources on one node, each watched once a second: how late its heartbeats leave, seen
/// on the wire, and what the agent itself costs beside the programs that it runs.
/// </summary>
internal static class MonitorBenchmark
{
    private const string Program = "/etc/ha.d/watched";

    private const string Script = """
        #!/bin/sh
        case "$1" in
        start) : > "$OCF_RESKEY_state" ;;
        stop) rm -f "$OCF_RESKEY_state" ;;
        monitor) [ -e "$OCF_RESKEY_state" ] || exit 7 ;;
        esac

        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    internal static void Run(TimeSpan time, int resources, Results results)
    {
        using var cluster = new ReferenceCluster(TimerProfile.Fast);
        foreach (var node in cluster.Nodes)
        {
            node.Node.Write(Program, Script, (UnixFileMode)0b111_101_101);
            node.Node.Write("/var/lib/ha-appliance/cluster.json", Document(resources));
        }
        cluster.StartAgents();
        LabClock.WaitUntil(() => cluster.S1.Snapshot is { Transition: null } now && now.Groups.Length == resources
            && now.Groups.All(group => group is { State: GroupState.Active, ActiveOn: ["s1"] }),
            s_patience, () => "not everything runs on s1:\n" + cluster.Story);
        LabClock.Pause(TimeSpan.FromSeconds(10));

        using var wire = PacketCapture.AtPortOf(cluster.Lab.S2, LatenessBenchmark.IsStatus);
        var agent = cluster.S1.Node.Processes(HaNode.AgentProcess).Single();
        var (own, children) = CpuSeconds(agent);
        var from = LabClock.Now;
        LabClock.Pause(time);
        var to = LabClock.Now;
        var (ownAfter, childrenAfter) = CpuSeconds(agent);
        var seconds = LabClock.Milliseconds(from, to) / 1000;
        var late = LatenessBenchmark.Lateness(wire.Frames, cluster.S1.Node.Address, from, to);
        string Row(string what) => $"{resources} monitors a second: {what}";
        results.Add(Row("heartbeats seen"), "HaAppliance", late.Values.Count);
        results.Add(Row("lateness, median, ms"), "HaAppliance", late.Quantile(0.5));
        results.Add(Row("lateness, 99.9 %, ms"), "HaAppliance", late.Quantile(0.999));
        results.Add(Row("lateness, most, ms"), "HaAppliance", late.Quantile(1));
        results.Add(Row("the agent, % of one core"), "HaAppliance", (ownAfter - own) / seconds * 100);
        results.Add(Row("the programs it runs, % of one core"), "HaAppliance",
            (childrenAfter - children) / seconds * 100);
        results.Add(Row("events of failure"), "HaAppliance",
            cluster.S1.Events.Count(one => one.Kind == EventKind.OperationFailed));
    }

    // All on s1, which is the harder case.
    private static string Document(int resources)
    {
        var text = new StringBuilder("""{ "version": { "epoch": 1, "update": 0 }, "resources": [""");
        for (var i = 0; i < resources; i++)
        {
            text.Append(i == 0 ? "\n" : ",\n").Append($$"""
                { "id": "r{{i}}", "type": "exec:{{Program}}", "parameters": { "state": "/run/watched-{{i}}" },
                  "operations": [ { "name": "monitor", "interval": "1s", "timeout": "20s" } ] }
                """);
        }
        text.Append("""], "locations": [""");
        for (var i = 0; i < resources; i++)
        {
            text.Append(i == 0 ? "\n" : ",\n")
                .Append($$"""{ "id": "l{{i}}", "resource": "r{{i}}", "node": "s1", "score": 100 }""");
        }
        return text.Append("] }\n").ToString();
    }

    /// <summary>User and system time of a process, and of the children that it has collected.</summary>
    private static (double Own, double Children) CpuSeconds(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return ((double.Parse(fields[11]) + double.Parse(fields[12])) / 100,
            (double.Parse(fields[13]) + double.Parse(fields[14])) / 100);
    }
}
