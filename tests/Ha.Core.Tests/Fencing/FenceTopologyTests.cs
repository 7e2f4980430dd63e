using Ha.Core.Fencing;
using static Ha.Core.Tests.Fencing.FenceStory;

namespace Ha.Core.Tests.Fencing;

public sealed class FenceTopologyTests
{
    private static readonly SafetySettings Devices = new()
    {
        Devices =
        [
            Device("ipmi1", "s1"), Device("ipmi2", "s2"), Device("pdu1", "s1", "s2"), Device("pdu2", "s1", "s2"),
        ],
    };

    private static IEnumerable<(int, string)> Of(string node, params FenceLevel[] levels) =>
        FenceTopology.Of(Devices with { Levels = [.. levels] }, node).Select(stage => (stage.Index, stage.Names));

    [Fact]
    public void Levels_AreTriedInAscendingOrder_EachNodeItsOwn() => Assert.Equal(
        [(3, "ipmi2"), (9, "pdu1 and pdu2")],
        Of("s2", new("s2", 9, ["pdu1", "pdu2"]), new("s1", 1, ["ipmi1"]), new("s2", 3, ["ipmi2"])));

    [Fact]
    public void NodeWithoutLevels_IsFencedByEachDeviceThatHasAPlugForIt() => Assert.Equal(
        [(1, "ipmi2"), (2, "pdu1"), (3, "pdu2")], Of("s2", new FenceLevel("s1", 1, ["ipmi1"])));

    [Fact]
    public void LevelThatCanNeverSucceed_IsLeftOut() => Assert.Equal(
        [(4, "pdu1")],
        Of("s1", new("s1", 1, ["ipmi1", "gone"]), new("s1", 2, ["ipmi2"]), new("s1", 3, []), new("s1", 4, ["pdu1"])));
}
