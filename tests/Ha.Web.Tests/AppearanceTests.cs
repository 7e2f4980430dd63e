using Ha.Web.Model;

namespace Ha.Web.Tests;

/// <summary>State to appearance, as tables.</summary>
public sealed class AppearanceTests
{
    [Theory]
    [InlineData(NodeState.Unknown, "Unknown", Tone.Unknown, Shape.Diamond)]
    [InlineData(NodeState.Joining, "Joining", Tone.Busy, Shape.Half)]
    [InlineData(NodeState.Online, "Online", Tone.Good, Shape.Disc)]
    [InlineData(NodeState.Left, "Left", Tone.Neutral, Shape.Ring)]
    [InlineData(NodeState.Dead, "Dead", Tone.Bad, Shape.Square)]
    [InlineData(NodeState.Leaving, "Leaving", Tone.Busy, Shape.Half)]
    [InlineData(NodeState.HalfConnected, "One way", Tone.Bad, Shape.Square)]
    public void NodeState_HasItsWordColourAndShape(NodeState state, string text, Tone tone, Shape shape) =>
        AssertLooks(NodeAppearance.Of(Peer() with { State = state }), text, tone, shape);

    [Theory]
    [InlineData(NodeMode.Active, LinkState.Up, "Online")]
    [InlineData(NodeMode.Active, LinkState.Unknown, "Online")]
    [InlineData(NodeMode.Active, LinkState.Late, "Degraded")]
    [InlineData(NodeMode.Active, LinkState.Dead, "Degraded")]
    [InlineData(NodeMode.Active, LinkState.OneWay, "Degraded")]
    [InlineData(NodeMode.Standby, LinkState.Up, "Standby")]
    public void OnlineNode_IsJudgedByItsModeAndLinks(NodeMode mode, LinkState second, string text)
    {
        var node = Peer();
        var link = SampleCluster.Link("bcast eth1", second, SampleCluster.Then);
        node = node with { Mode = mode, Links = node.Links.Add(link) };

        Assert.Equal(text, NodeAppearance.Of(node).Text);
    }

    [Theory]
    [InlineData(LinkState.Unknown, "Unknown", Tone.Unknown, Shape.Diamond)]
    [InlineData(LinkState.Up, "Up", Tone.Good, Shape.Disc)]
    [InlineData(LinkState.Late, "Late", Tone.Warning, Shape.Triangle)]
    [InlineData(LinkState.Dead, "Dead", Tone.Bad, Shape.Square)]
    [InlineData(LinkState.OneWay, "One way", Tone.Warning, Shape.Triangle)]
    public void LinkState_HasItsWordColourAndShape(LinkState state, string text, Tone tone, Shape shape) =>
        AssertLooks(NodeAppearance.Of(state), text, tone, shape);

    [Theory]
    [InlineData(GroupState.Unknown, "Unknown", Tone.Unknown, Shape.Diamond)]
    [InlineData(GroupState.Active, "Active", Tone.Good, Shape.Disc)]
    [InlineData(GroupState.Stopped, "Stopped", Tone.Neutral, Shape.Ring)]
    [InlineData(GroupState.Moving, "Moving", Tone.Busy, Shape.Half)]
    [InlineData(GroupState.Failed, "Failed", Tone.Bad, Shape.Square)]
    [InlineData(GroupState.Conflict, "Conflict", Tone.Bad, Shape.Cross)]
    [InlineData(GroupState.Blocked, "Blocked", Tone.Bad, Shape.Square)]
    [InlineData(GroupState.Partial, "Degraded", Tone.Warning, Shape.Triangle)]
    public void GroupState_HasItsWordColourAndShape(GroupState state, string text, Tone tone, Shape shape) =>
        AssertLooks(GroupAppearance.Of(state), text, tone, shape);

    [Theory]
    [InlineData(ResourceState.Unknown, "Unknown", Tone.Unknown, Shape.Diamond)]
    [InlineData(ResourceState.Stopped, "Stopped", Tone.Neutral, Shape.Ring)]
    [InlineData(ResourceState.Starting, "Starting", Tone.Busy, Shape.Half)]
    [InlineData(ResourceState.Started, "Running", Tone.Good, Shape.Disc)]
    [InlineData(ResourceState.Stopping, "Stopping", Tone.Busy, Shape.Half)]
    [InlineData(ResourceState.Failed, "Failed", Tone.Bad, Shape.Square)]
    public void ResourceState_HasItsWordColourAndShape(ResourceState state, string text, Tone tone, Shape shape) =>
        AssertLooks(GroupAppearance.Of(state), text, tone, shape);

    [Theory]
    [InlineData(StepState.Pending, "Waiting", Tone.Neutral, Shape.Ring)]
    [InlineData(StepState.Running, "Running", Tone.Busy, Shape.Half)]
    [InlineData(StepState.Succeeded, "Done", Tone.Good, Shape.Check)]
    [InlineData(StepState.Failed, "Failed", Tone.Bad, Shape.Square)]
    [InlineData(StepState.Cancelled, "Called off", Tone.Neutral, Shape.Cross)]
    public void StepState_HasItsWordColourAndShape(StepState state, string text, Tone tone, Shape shape) =>
        AssertLooks(ProgressAppearance.Of(state), text, tone, shape);

    [Theory]
    [InlineData(OperationState.Queued, "Queued", true)]
    [InlineData(OperationState.Running, "Running", true)]
    [InlineData(OperationState.Succeeded, "Succeeded", false)]
    [InlineData(OperationState.Failed, "Failed", false)]
    public void OperationState_SaysWhetherItIsUnderWay(OperationState state, string text, bool underWay)
    {
        Assert.Equal(text, ProgressAppearance.Of(state).Text);
        Assert.Equal(underWay, ProgressAppearance.IsUnderWay(state));
    }

    [Theory]
    [InlineData(EventSeverity.Info, "Info", Tone.Neutral, Shape.Dot)]
    [InlineData(EventSeverity.Warning, "Warning", Tone.Warning, Shape.Triangle)]
    [InlineData(EventSeverity.Error, "Error", Tone.Bad, Shape.Square)]
    [InlineData(EventSeverity.Critical, "Critical", Tone.Bad, Shape.Cross)]
    public void Severity_HasItsWordColourAndShape(EventSeverity severity, string text, Tone tone, Shape shape) =>
        AssertLooks(ProgressAppearance.Of(severity), text, tone, shape);

    [Theory]
    [InlineData(GroupState.Active, new[] { "s1" }, "s1", "on s1")]
    [InlineData(GroupState.Conflict, new[] { "s1", "s2" }, "s1", "on s1 and s2 at once")]
    [InlineData(GroupState.Active, new[] { "s1", "s2" }, "s1", "on s1 and s2")]
    [InlineData(GroupState.Moving, new[] { "s1" }, "s2", "to s2")]
    [InlineData(GroupState.Moving, new string[0], null, "being stopped")]
    [InlineData(GroupState.Failed, new string[0], null, "on no node")]
    [InlineData(GroupState.Unknown, new[] { "s1" }, "s1", "nobody knows where")]
    public void Holder_SaysWhereAGroupRuns(GroupState state, string[] activeOn, string? placedOn, string expected)
    {
        var group = SampleCluster.Group("s1", SampleCluster.Then);

        Assert.Equal(expected, GroupAppearance.Holder(
            group with { State = state, ActiveOn = [.. activeOn], PlacedOn = placedOn }));
    }

    [Fact]
    public void Group_IsCalledByItsAddressAndItsResourcesInOneBreath()
    {
        var group = SampleCluster.Group("s1", SampleCluster.Then);

        Assert.Equal("192.168.1.100", GroupAppearance.Heading(group));
        Assert.Equal("192.168.1.100 and haproxy", GroupAppearance.Names(group));
        Assert.Equal("haproxy",
            GroupAppearance.Heading(group with { Id = "haproxy", Resources = [group.Resources[1]] }));
    }

    [Fact]
    public void Slot_TellsServingReadyStandbyAndDeadApart()
    {
        var group = SampleCluster.Group("s1", SampleCluster.Then);

        Assert.Equal("serving", GroupAppearance.Slot(group, Peer("s1")).Text);
        Assert.Equal("ready", GroupAppearance.Slot(group, Peer()).Text);
        Assert.Equal("standby", GroupAppearance.Slot(group, Peer() with { Mode = NodeMode.Standby }).Text);
        Assert.Equal("dead", GroupAppearance.Slot(group, Peer() with { State = NodeState.Dead }).Text);
        Assert.Equal("not shared", GroupAppearance.Slot(group, Peer() with { Product = NodeProduct.Heartbeat }).Text);
        Assert.Equal("holds it", GroupAppearance.Slot(group with { State = GroupState.Conflict }, Peer("s1")).Text);
        Assert.Equal("partly here", GroupAppearance.Slot(group with { State = GroupState.Partial }, Peer("s1")).Text);
    }

    [Theory]
    [InlineData(null, FreshnessGrade.Stale, false)]
    [InlineData(0.2, FreshnessGrade.Fresh, true)]
    [InlineData(3.0, FreshnessGrade.Fresh, true)]
    [InlineData(3.1, FreshnessGrade.Late, false)]
    [InlineData(10.0, FreshnessGrade.Late, false)]
    [InlineData(10.1, FreshnessGrade.Stale, false)]
    public void Freshness_FallsAfterThreeAndTenSeconds(double? seconds, FreshnessGrade grade, bool canAct)
    {
        var fresh = Freshness.Of(seconds is { } age ? TimeSpan.FromSeconds(age) : null);

        Assert.Equal(grade, fresh.Grade);
        Assert.Equal(canAct, fresh.CanAct);
    }

    private static NodeSnapshot Peer(string name = "s2") =>
        SampleCluster.Node(name, writtenBy: name == "s1" ? "s2" : "s1", SampleCluster.Then);

    private static void AssertLooks(Appearance look, string text, Tone tone, Shape shape)
    {
        Assert.Equal((text, tone, shape), (look.Text, look.Tone, look.Shape));
        Assert.EndsWith(".", look.Meaning, StringComparison.Ordinal);
    }
}
