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
        Build(TimerProfile.Fast);
        S1.Node.Write("/etc/haproxy/haproxy.cfg", "this is no configuration\n");

        Cluster.StartAgents();
        Probe.WaitUntilServedBy(S2.Node, Soon);

        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S2.Node), "s1 keeps the address");
        var failure = S2.Events.First(e => e.Kind == EventKind.OperationFailed);
        Assert.Contains("haproxy", failure.Sentence, StringComparison.Ordinal);
        Assert.Contains("s1", failure.Sentence, StringComparison.Ordinal);
        Assert.Contains("haproxy.cfg", S1.Story, StringComparison.Ordinal);
    }

    [Fact]
    public void StopScriptHangs_ItIsKilledAfterItsTimeout_AndTheGroupIsBlockedUntilCleanup()
    {
        Build(TimerProfile.Fast);
        foreach (var node in Cluster.Nodes)
        {
            ClusterFiles.InstallScript(node.Node, "stubborn", HangingStop);
            node.Node.Write("/etc/ha.d/haresources", "s1 192.168.1.100/24/eth0:0 haproxy stubborn\n");
        }
        Cluster.StartAndServe();

        var from = LabClock.Now;
        // A stop is given 60 s and tried twice.
        var standby = S1.Node.Try(TimeSpan.FromSeconds(160), "ha-agent", "standby", "s1", "--wait", "--timeout", "150");

        Assert.Equal(1, standby.ExitCode);
        Assert.True(S1.Saw(EventKind.GroupBlocked), S1.Story);
        Assert.Equal(GroupState.Blocked, S1.Snapshot!.Groups[0].State);
        Assert.DoesNotContain(Cluster.Lab.Vip.Ownership.Changes, c => c.At > from && c.Node == "s2");
        Assert.Empty(S1.Node.Processes("sleep"));

        // The operator mends the script and says so.
        S1.Node.Run("rm", "-f", "/run/stubborn");
        ClusterFiles.InstallScript(S1.Node, "stubborn",
            HangingStop.Replace("sleep 1000", "rm -f /run/stubborn", StringComparison.Ordinal));
        var cleanup = S1.Cli("cleanup", "--wait");
        Assert.True(cleanup.ExitCode == 0, cleanup.Output + cleanup.Error);
        Probe.WaitUntilServedBy(S2.Node, Soon);
    }
}
