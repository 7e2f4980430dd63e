using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The kernel takes a virtual IP away that nobody renews any more.</summary>
public sealed class LeaseTests(ITestOutputHelper output) : ClusterStory(output)
{
    /// <summary>The lease of 3 s, the second that the kernel may be late by, and what a busy machine adds.</summary>
    private const double LongestMs = 4000 + BusyMs;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AgentOfTheActiveNodeKilledOrFrozenForGood_ItsAddressIsGoneWithinTheLease(bool frozen)
    {
        BuildAndServe(Quick);
        var from = LabClock.Now;
        Assert.NotEqual(0, frozen ? S1.Node.Freeze(HaNode.AgentProcess) : S1.Node.Kill(HaNode.AgentProcess));
        Probe.WaitUntilServedBy(S2.Node, Soon);
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S2.Node), "the address stays on s1");

        var ownership = Cluster.Lab.Vip.Ownership;
        var gone = ownership.Changes.Last(change => change is { Node: "s1", Holds: false }).At;
        Tell($"gone from s1 {LabClock.Milliseconds(from, gone):0} ms after its agent; {ownership.Since(from)}");
        Assert.InRange(LabClock.Milliseconds(from, gone), 0, LongestMs);
        Assert.DoesNotContain("192.168.1.100/", S1.Node.Run("ip", "addr", "show", "eth0"), StringComparison.Ordinal);
        Assert.DoesNotContain(ownership.WithoutOwner(from, LabClock.Now), gap => gap.Milliseconds > 0);
        Assert.InRange(OutageMs(from), 0, BusyMs);
    }

    [Fact]
    public void AddressPutOnTheStandbyByHand_IsRemovedAndReported()
    {
        BuildAndServe(Quick);

        var from = LabClock.Now;
        S2.Node.Run("ip", "addr", "add", "192.168.1.100/24", "dev", "eth0");
        WaitUntil(() => S2.Saw(EventKind.AddressStray), "nothing is said");
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S1.Node), "it stays on s2");

        var ownership = Cluster.Lab.Vip.Ownership;
        var two = ownership.WithSeveralOwners(from, LabClock.Now).Sum(stretch => stretch.Milliseconds);
        Assert.InRange(two, 0, 2000 + BusyMs);
    }

    [Fact]
    public void AddressOfTheActiveNodeRemovedByHand_IsPutBackAtOnce()
    {
        BuildAndServe(Quick);

        var from = LabClock.Now;
        S1.Node.Run("ip", "addr", "del", "192.168.1.100/24", "dev", "eth0");
        WaitUntil(() => S1.Saw(EventKind.AddressLost), "nobody notices");
        // An answer that was under way may still come: what counts is the address.
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S1.Node), "the address does not come back");
        Probe.WaitUntilServedBy(S1.Node, Soon);

        var ownership = Cluster.Lab.Vip.Ownership;
        Tell(ownership.Since(from));
        Assert.InRange(ownership.WithoutOwner(from, LabClock.Now).Sum(stretch => stretch.Milliseconds), 0, BusyMs);
        Assert.True(Cluster.Lab.Vip.IsOnlyOn(S1.Node), ownership.Since(from));
    }
}
