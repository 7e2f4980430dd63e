using System.Collections.Immutable;
using Ha.Core.Fencing;
using Ha.Core.Policy.Model;
using static Ha.Core.Tests.Fencing.FenceStory;

namespace Ha.Core.Tests.Fencing;

public sealed class SafetyPromiseTests
{
    private static readonly ImmutableArray<string> Pair = ["s1", "s2"];
    private static readonly ImmutableArray<string> Four = ["s1", "s2", "s3", "s4"];
    private static readonly WatchdogSettings Watchdog = new(Seconds(2), Seconds(1));
    private static readonly ImmutableArray<FenceDevice> Pdu = [Device("pdu", "s1", "s2", "s3", "s4")];

    private static SafetyPromise Of(ImmutableArray<string> nodes, SafetySettings safety,
        NoQuorumPolicy policy = NoQuorumPolicy.Stop) => SafetyPromise.Of(nodes, safety, policy, Seconds(5));

    [Fact]
    public void EachConfiguration_HasItsMode()
    {
        Assert.Equal(PromiseMode.Alone, Of(["s1"], new()).Mode);
        Assert.Equal(PromiseMode.Classic, Of(Pair, new()).Mode);
        Assert.Equal(PromiseMode.Classic, Of(Pair, new() { Watchdog = Watchdog }).Mode);
        Assert.Equal(PromiseMode.Veto, Of(Pair, new() { Unprotected = UnprotectedTakeover.Veto }).Mode);
        Assert.Equal(PromiseMode.Fencing, Of(Pair, new() { Devices = Pdu, HasArbiter = true }).Mode);
        Assert.Equal(PromiseMode.Arbiter, Of(Pair, new() { HasArbiter = true }).Mode);
        Assert.Equal(PromiseMode.ArbiterAndWatchdog, Of(Pair, new() { HasArbiter = true, Watchdog = Watchdog }).Mode);
        Assert.Equal(PromiseMode.Quorum, Of(Four, new()).Mode);
    }

    [Fact]
    public void ClassicCluster_SaysWhatASplitDoes() => Assert.Equal(
        "without fencing: one owner as long as one heartbeat link delivers within deadtime and no node stalls for "
            + "longer; not promised: one owner in a split or a long stall: both sides serve, and when it heals one "
            + "gives way", Of(Pair, new()).ToString());

    [Fact]
    public void OneNodeThatCannotBeFenced_SpoilsThePromise()
    {
        var promise = Of(Pair, new() { Devices = [Device("ipmi1", "s1")] });
        Assert.Equal(PromiseMode.Classic, promise.Mode);
        Assert.StartsWith("only one node can be fenced, s2 cannot; ", promise.Kept, StringComparison.Ordinal);
    }

    [Fact]
    public void ArbiterAndWatchdog_NamesTheTimesItRestsOn() => Assert.Contains(
        "really resets its node within 2 s + 1 s; takeover 5 s after the last packet",
        Of(Pair, new() { HasArbiter = true, Watchdog = Watchdog }).Kept, StringComparison.Ordinal);

    [Theory]
    [InlineData(NoQuorumPolicy.Stop)]
    [InlineData(NoQuorumPolicy.Freeze)]
    [InlineData(NoQuorumPolicy.Ignore)]
    [InlineData(NoQuorumPolicy.Fence)]
    public void OneOwner_IsPromisedOnlyWhereSomethingEnforcesIt(NoQuorumPolicy policy)
    {
        var bare = Of(Four, new(), policy);
        var fenced = Of(Four, new() { Devices = Pdu }, policy);
        var watched = Of(Four, new() { Watchdog = Watchdog }, policy);
        Assert.All([bare, fenced, watched], promise => Assert.NotEmpty(promise.NotKept));
        Assert.Equal(policy == NoQuorumPolicy.Ignore,
            bare.NotKept.Contains("one owner in a split", StringComparison.Ordinal));
        Assert.Equal(policy is NoQuorumPolicy.Stop or NoQuorumPolicy.Fence,
            watched.NotKept.Contains("virtual machine is paused", StringComparison.Ordinal));
        Assert.DoesNotContain("one owner in a split", fenced.NotKept, StringComparison.Ordinal);
        Assert.Equal(policy != NoQuorumPolicy.Ignore,
            bare.NotKept.Contains("also when 2 face 2", StringComparison.Ordinal));
    }
}
