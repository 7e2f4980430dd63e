using System.Text.Json.Nodes;
using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The resource itself fails: it does not start, or does not stop.</summary>
public sealed class ServiceTroubleTests(ITestOutputHelper output) : ClusterStory(output)
{
    private const string HangingStop = """
        #!/bin/sh
        # Starts and answers, but never stops.
        case "$1" in
        start) touch /run/stubborn ;;
        stop) sleep 1000 ;;
        status) if [ -e /run/stubborn ]; then echo running; else echo stopped; exit 3; fi ;;
        esac

        """;

    [Fact]
    public void HaproxyDoesNotStartOnThePreferredNode_OtherNodeServes_AndEventSaysWhy()
    {
        Build(Quick);
        S1.Node.Write("/etc/haproxy/haproxy.cfg", "this is no configuration\n");

        Cluster.StartAgents();
        Probe.WaitUntilServedBy(S2.Node, Soon);

        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S2.Node), "s1 keeps the address");
        WaitUntil(() => S2.Saw(EventKind.OperationFailed), "s2 does not hear of the failure");
        var failure = S2.Events.First(e => e.Kind == EventKind.OperationFailed);
        Assert.Contains("haproxy", failure.Sentence, StringComparison.Ordinal);
        Assert.Contains("s1", failure.Sentence, StringComparison.Ordinal);
        Assert.Contains(S1.Events, one => one.Sentence.Contains("haproxy.cfg", StringComparison.Ordinal));
    }

    [Fact]
    public void StopScriptHangs_ItIsKilledAfterItsTimeout_AndTheGroupIsBlockedUntilCleanup()
    {
        Build(Quick);
        foreach (var node in Cluster.Nodes)
        {
            ClusterFiles.InstallScript(node.Node, "stubborn", HangingStop);
            node.Node.Write("/etc/ha.d/haresources", "s1 192.168.1.100/24/eth0:0 haproxy stubborn\n");
        }
        Cluster.StartAndServe();
        // Instead of the usual minute.
        Configure("heartbeat:stubborn", "operations",
            new JsonArray(new JsonObject { ["name"] = "stop", ["timeout"] = "3s" }));

        var from = LabClock.Now;
        // It is tried twice.
        var standby = S1.Node.Try(TimeSpan.FromSeconds(160), "ha-agent", "standby", "s1", "--wait", "--timeout", "150");

        Assert.Equal(1, standby.ExitCode);
        Assert.True(S1.Saw(EventKind.GroupBlocked), S1.Story);
        Assert.Contains(S1.Events, one => one.Kind == EventKind.OperationFailed
            && one.Sentence.Contains("did not end within 3 s", StringComparison.Ordinal));
        WaitUntil(() => S1.Snapshot is { Groups: [{ State: GroupState.Blocked }] }, "the group is not blocked");
        Assert.DoesNotContain(Cluster.Lab.Vip.Ownership.Changes, c => c.At > from && c.Node == "s2");
        WaitUntil(() => S1.Node.Processes("sleep").Count == 0, "what the script started goes on");

        // The operator mends the script and says so.
        S1.Node.Run("rm", "-f", "/run/stubborn");
        ClusterFiles.InstallScript(S1.Node, "stubborn",
            HangingStop.Replace("sleep 1000", "rm -f /run/stubborn", StringComparison.Ordinal));
        var cleanup = S1.Cli("cleanup", "--wait");
        Assert.True(cleanup.ExitCode == 0, cleanup.Output + cleanup.Error);
        Probe.WaitUntilServedBy(S2.Node, Soon);
    }
}
