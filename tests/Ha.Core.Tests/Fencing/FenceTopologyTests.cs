using Ha.Core.Fencing;
using static Ha.Core.Tests.Fencing.FenceStory;

namespace Ha.Core.Tests.Fencing;

public sealed class FenceTopologyTests
{
    private static readonly SafetySettings Sound = new()
    {
        Devices = [Device("ipmi1", "s1"), Device("ipmi2", "s2"), Device("pdu1", "s1", "s2"), Device("pdu2", "s1", "s2")],
        Levels =
        [
            new FenceLevel("s1", 1, ["ipmi1"]), new FenceLevel("s1", 2, ["pdu1", "pdu2"]),
            new FenceLevel("s2", 9, ["pdu1", "pdu2"]), new FenceLevel("s2", 3, ["ipmi2"]),
        ],
    };

    private static string[] Findings(SafetySettings safety) =>
        [.. FenceTopology.Check(safety, ["s1", "s2"]).Select(finding => finding.ToString())];

    [Fact]
    public void Levels_AreTriedInAscendingOrder()
    {
        Assert.Empty(Findings(Sound));
        Assert.Equal([(3, "ipmi2"), (9, "pdu1 and pdu2")],
            FenceTopology.Of(Sound, "s2").Select(stage => (stage.Index, stage.Names)));
    }

    [Fact]
    public void LevelThatCanNeverSucceed_IsLeftOut_AndReported()
    {
        var safety = Sound with
        {
            Levels =
            [
                new FenceLevel("s1", 1, ["ipmi1", "gone"]), new FenceLevel("s1", 2, ["ipmi2"]),
                new FenceLevel("s1", 3, []), new FenceLevel("s1", 4, ["pdu1", "pdu1"]),
            ],
        };
        Assert.Equal([4], FenceTopology.Of(safety, "s1").Select(stage => stage.Index));
        Assert.Equal(
        [
            "/safety/levels/0/devices/1: there is no device gone; name a configured device",
            "/safety/levels/1/devices/0: ipmi2 has no plug for s1; add it to its plugs",
            "/safety/levels/2/devices: the level has no device; name the devices that must all succeed",
            "/safety/levels/3/devices/1: pdu1 is named twice; name it once",
        ], Findings(safety));
    }

    [Fact]
    public void LevelsOutOfRange_Doubled_OrOfNobody_AreRefused() => Assert.Equal(
    [
        "/safety/levels/0/index: level 0 is out of range; use 1 to 9",
        "/safety/levels/1/index: level 10 is out of range; use 1 to 9",
        "/safety/levels/3/index: s2 has two levels 1; name all devices of a level in one, or use another index",
        "/safety/levels/4/node: there is no node s9; nodes are s1, s2",
    ], Findings(Sound with
    {
        Devices = [Device("ipmi1", "s1"), Device("ipmi2", "s2")],
        Levels =
        [
            new FenceLevel("s1", 0, ["ipmi1"]), new FenceLevel("s1", 10, ["ipmi1"]),
            new FenceLevel("s2", 1, ["ipmi2"]), new FenceLevel("s2", 1, ["ipmi2"]),
            new FenceLevel("s9", 1, []),
        ],
    })[..4]);

    [Fact]
    public void TwoNodesOnOnePlug_AreRefused_BecauseBothWouldDie()
    {
        var pdu = Device("pdu", "s1", "s2");
        pdu = pdu with { Plugs = pdu.Plugs.SetItem("s2", "s1-plug") };
        Assert.Equal("/safety/devices/0/plugs: pdu has s1 and s2 on the same plug s1-plug; give each node its own plug",
            Assert.Single(Findings(new SafetySettings { Devices = [pdu] })));
    }

    [Fact]
    public void DevicesThatMakeNoSense_AreRefused() => Assert.Equal(
    [
        "/safety/devices/0/timeout: a has no time to act; set it above zero, usually 60 s",
        "/safety/devices/1/id: two devices are called a; give each device an id of its own",
        "/safety/devices/1/delay: the delay of a is below zero; set it to 0 or more",
        "/safety/devices/1/plugs/s9: there is no node s9; nodes are s1, s2",
    ], Findings(new SafetySettings
    {
        Devices =
        [
            Device("a", "s1") with { Timeout = TimeSpan.Zero }, Device("a", "s9") with { Delay = Seconds(-1) },
        ],
    }));

    [Fact]
    public void BothNodesFencedWithADelay_AreRefused_BecauseItGainsNothing()
    {
        SafetySettings Delays(double first, double second) => new()
        {
            Devices =
            [
                Device("ipmi1", "s1") with { Delay = Seconds(first) },
                Device("ipmi2", "s2") with { Delay = Seconds(second) },
            ],
        };
        Assert.Equal("/safety/devices: both nodes are fenced with a delay (5 s and 5 s); leave one of them at 0",
            Assert.Single(Findings(Delays(5, 5))));
        Assert.Empty(Findings(Delays(5, 0)));
        Assert.Empty(Findings(Delays(0, 0)));
    }
}
