using System.Collections.Immutable;
using System.Text.Json;
using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>HAProxy under this product's own control, running on both nodes: only the address moves.</summary>
public sealed class WarmTests(ITestOutputHelper output) : ClusterStory(output)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // One lab for several facts: it takes longer to build than each of them.
    [Fact]
    public void ServerIsWeighted_ConfigurationsDiffer_HaproxyIsKilled_NodeDies_TheServiceGoesOn()
    {
        BuildAndServe(TimerProfile.Fast, haproxy: ReferenceHaproxy.Warm);
        Eventually(() => S2.Node.Processes("haproxy").Count > 0, "HAProxy does not run on the standby");
        Eventually(() => Known(S1).Count(one => one.Configuration is { Hash.Length: > 0, Problem: "" }) == 2,
            "the configurations are not compared");

        WeightReachesBothNodes();
        DriftIsToldAndHoldsUpAPlannedMove();
        KilledHaproxyComesBackInPlace();
        NodeDeathMovesTheAddressOnly();
    }

    private void WeightReachesBothNodes()
    {
        var command = S2.Cli("haproxy", "weight", "hello/gateway", "5", "--reason", "tried out", "--wait");
        Assert.True(command.ExitCode == 0, command.Output + command.Error);
        foreach (var node in Cluster.Nodes)
            Eventually(() => WeightOn(node) == 5, $"the HAProxy of {node.Node.Name} does not know the weight");
    }

    private void DriftIsToldAndHoldsUpAPlannedMove()
    {
        var before = S2.Node.Read("/etc/haproxy/haproxy.cfg");
        S2.Node.Write("/etc/haproxy/haproxy.cfg", before + "# another line\n");
        Eventually(() => S1.Saw(EventKind.ConfigurationDrift), "nobody notices another haproxy.cfg");
        var takeover = S2.Cli("takeover");
        Assert.Equal(4, takeover.ExitCode);
        Assert.Contains("configurationDrift", takeover.Error, StringComparison.Ordinal);

        S2.Node.Write("/etc/haproxy/haproxy.cfg", before);
        Eventually(() => S1.Saw(EventKind.ConfigurationDriftEnded), "nobody notices that they are the same again");
    }

    private void KilledHaproxyComesBackInPlace()
    {
        var killed = LabClock.Now;
        Assert.True(S1.Node.Kill("haproxy") > 0, "no HAProxy on s1");
        Eventually(() => Probe.Recording.Failures(killed) > 0, "nobody misses HAProxy");
        Probe.WaitUntilServedBy(S1.Node, s_patience);
        OutageMs(killed);
        AssertNoChangeOfOwner(killed);
        Eventually(() => WeightOn(S1) == 5, "the HAProxy that was started anew does not know the weight");
        Eventually(() => Cluster.Nodes.All(one => one.Snapshot is { Transition: null }), "it does not come to rest");
    }

    private void NodeDeathMovesTheAddressOnly()
    {
        var haproxies = S2.Node.Processes("haproxy");
        var died = S1.Node.Die();
        Probe.WaitUntilServedBy(S2.Node, s_patience);
        OutageMs(died);
        AssertNeverTwoOwners(died);
        Assert.Equal(haproxies.Order(), S2.Node.Processes("haproxy").Order());
        Assert.Equal(5, WeightOn(S2));
        Assert.DoesNotContain(S2.Events, one => one.Node == "s2" && one.Sentence.StartsWith("haproxy stopped",
            StringComparison.Ordinal));
    }

    private static ImmutableArray<ResourceOnNode> Known(HaNode node) => node.Snapshot?.Groups
        .SelectMany(group => group.Resources).Single(one => one.Type == "builtin:haproxy").Nodes ?? [];

    private static int? WeightOn(HaNode node)
    {
        var answer = node.Cli("haproxy", "--json");
        if (answer.ExitCode != 0) return null;
        return JsonSerializer.Deserialize(answer.Output, HaJson.Default.HaproxyOverview)!.Live
            .SelectMany(one => one.Backends).Where(one => one.Name == "hello")
            .SelectMany(one => one.Servers).FirstOrDefault(one => one.Name == "gateway")?.Weight;
    }

    private static void Eventually(Func<bool> condition, string otherwise) =>
        LabClock.WaitUntil(condition, s_patience, () => otherwise);
}
