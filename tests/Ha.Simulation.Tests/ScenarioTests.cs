using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Simulation.Tests;

/// <summary>
/// Failures that seeds have found, shrunk to the few faults that matter and told in words. Each runs on several network
/// seeds, because most of them were races.
/// </summary>
public sealed class ScenarioTests
{
    private static readonly SimulationProfile TwoNodes = new();
    private static readonly ResourceGroup Reference = TwoNodes.Groups[0];
    private static readonly string Group = Reference.Id;

    [Fact]
    public void CoordinatorStopsGracefully_MembershipChangesOnce()
    {
        // Seed 19: after its good-bye it went on proposing views; two of them every millisecond.
        var results = Run(TwoNodes, new Fault(FaultKind.GracefulStop, At(60), For(100), Node: 0));

        Assert.All(results, result => Assert.InRange(result.Coverage.Events[EventKind.ViewInstalled], 4, 6));
    }

    [Fact]
    public void ThreeNodes_IsolatedOneReturns_AllAgreeOnOneView()
    {
        // Seed 33: the returning node acknowledged the view, did not believe its proposer, and left it again at once.
        Run(TwoNodes with { Nodes = 3, Media = 1 },
            new Fault(FaultKind.Isolate, At(60), For(7.4), Node: 2),
            new Fault(FaultKind.Isolate, At(120), For(12.3), Node: 1));
    }

    [Fact]
    public void FourNodes_IsolatedOneReturns_InstallsTheViewThatItAcknowledged()
    {
        // Seed 53: its own proposal, made a moment later, made it deaf to the commit.
        Run(TwoNodes with { Nodes = 4 },
            new Fault(FaultKind.Isolate, At(60), For(3.2), Node: 2),
            new Fault(FaultKind.Isolate, At(90), For(24.6), Node: 2));
    }

    [Fact]
    public void FiveNodes_EverybodyAloneThenTogether_AgreeOnOneView()
    {
        // Seed 30: every node its own coordinator, all proposing at the moment of healing.
        Run(TwoNodes with { Nodes = 5 }, new Fault(FaultKind.MediumDown, At(60), For(12.2)));
    }

    [Fact]
    public void PeerLosesPower_IsCalledDeadNotOneWay()
    {
        // Seed 2: every death was first reported as a one-way link, and the view changed before deadtime.
        var results = Run(TwoNodes, new Fault(FaultKind.PowerLost, At(60), For(40), Node: 0));

        Assert.All(results, result => Assert.DoesNotContain(EventKind.LinkOneWay, result.Coverage.Events.Keys));
    }

    [Fact]
    public void PeerLeavesWhilePacketsOfItAreMissing_NobodySpins()
    {
        // Seed 6: the request for a packet of a node that has left was due for ever.
        Run(TwoNodes with { Nodes = 3, Media = 1 },
            new Fault(FaultKind.Corruption, At(60), For(60), Node: 1, Amount: 300),
            new Fault(FaultKind.GracefulStop, At(90), For(20), Node: 1));
    }

    [Fact]
    public void LastNodeStops_HaltEndsItsLife()
    {
        // Seed 26: a report followed the halt.
        Run(TwoNodes,
            new Fault(FaultKind.Pause, At(60), For(24), Node: 0),
            new Fault(FaultKind.GracefulStop, At(77), For(4), Node: 1));
    }

    [Fact]
    public void NodeInStandbyRestarts_KnowsThatItIsInStandby()
    {
        // Seed 351: the coordinator's report overtook the view and was never looked at again.
        Run(TwoNodes with { AutoFailback = AutoFailback.Off },
            Command(At(60), 1, Ask(CommandKind.Standby) with { Node = "n2" }),
            new Fault(FaultKind.GracefulStop, At(90), For(30), Node: 1));
    }

    [Fact]
    public void SplitHealsWhileOneStopHangs_TheOtherCopiesAreStopped()
    {
        // Seed 238: one blocked copy kept four others running.
        Run(TwoNodes with { Nodes = 5, Media = 1 },
            new Fault(FaultKind.HangingOperations, At(65), For(120), Node: 3, Amount: 1000),
            new Fault(FaultKind.MediumDown, At(60), For(32)));
    }

    [Fact]
    public void OwnerOfABlockedGroupStops_LeavesWithoutWaitingForAHandOver()
    {
        // Seed 250: it waited 150 s for somebody to take what nobody could take.
        Run(TwoNodes,
            new Fault(FaultKind.FailingStops, At(60), For(60), Node: 0, Amount: 1000),
            new Fault(FaultKind.Pause, At(62), For(9), Node: 0),
            new Fault(FaultKind.GracefulStop, At(90), For(20), Node: 1));
    }

    [Fact]
    public void BothSidesOfASplitChangeIntents_OneWins()
    {
        // Seed 663: both counted their change as the same version, and kept their own for ever.
        Run(TwoNodes with { AutoFailback = AutoFailback.Off },
            Command(At(40), 1, Ask(CommandKind.Move) with { Group = Group, To = "n2" }),
            new Fault(FaultKind.CutPair, At(60), For(20), Node: 0, Peer: 1),
            Command(At(70), 1, Ask(CommandKind.Standby) with { Id = "2", Node = "n2" }),
            Command(At(71), 0, Ask(CommandKind.Cleanup) with { Id = "3" }));
    }

    [Fact]
    public void NodeIsPausedWhileItWaitsForPeers_WaitsOutItsInitdead()
    {
        // Seed 1476: its own pause counted toward initdead.
        Run(TwoNodes,
            new Fault(FaultKind.CutPair, At(60), For(60), Node: 0, Peer: 1),
            new Fault(FaultKind.AgentKilled, At(80), For(1), Node: 1),
            new Fault(FaultKind.Pause, At(82), For(12), Node: 1));
    }

    [Fact]
    public void OrderWaitsInTheSocketOfAPausedNode_IsNotObeyedAfterwards()
    {
        // Seed 281: the order to start came just before the pause; the coordinator had long started it itself.
        for (var early = 0; early < 60; early++)
        {
            Run(TwoNodes with { AutoFailback = AutoFailback.Off },
                Command(At(60), 0, Ask(CommandKind.Move) with { Group = Group, To = "n2" }),
                new Fault(FaultKind.Pause, At(60.002 + (early * 0.004)), For(60), Node: 1));
        }
    }

    [Fact]
    public void CoordinatorGivesUpWhileTheClusterAgrees_NoGroupIsLost()
    {
        // Seed 1325: it counted its own copies, which it was giving up, had the other's stopped, ordered itself a
        // start, refused that because it was still giving up, and never tried again.
        var profile = TwoNodes with
        {
            Groups = [Reference, SimulationProfile.Group(1, 0, scripts: 1), SimulationProfile.Group(2, 0, scripts: 0)],
        };
        for (var later = 0; later < 30; later++)
        {
            // Both serve after the cut; then one direction heals, and the other just when the node that knows gives
            // way.
            Run(profile,
                new Fault(FaultKind.CutPair, At(60), For(30), Node: 0, Peer: 1),
                new Fault(FaultKind.SlowOperations, At(90), For(20), Node: 0, Amount: 10),
                new Fault(FaultKind.OneWay, At(60), For(35.5 + (later * 0.1)), Node: 0, Peer: 1));
        }
    }

    [Fact]
    public void ReturningNodeHearsARunningView_JoinsWithoutWaitingForTheAbsent()
    {
        // Seed 90: it waited its initdead for a node that the others knew to have left, with its own old resources
        // running.
        Run(TwoNodes with { Nodes = 3, Initdead = TimeSpan.FromSeconds(20) },
            new Fault(FaultKind.AgentKilled, At(60), For(39), Node: 0),
            new Fault(FaultKind.GracefulStop, At(85), For(50), Node: 1));
    }

    [Fact]
    public void NodeGivesUpSeveralGroupsAndOneStopHangs_TheOthersDoNotWait()
    {
        // Seed 127: the second address stayed on two nodes until the stop of the first had timed out.
        var slow = SimulationProfile.Group(0, preferred: 0, scripts: 0);
        var profile = TwoNodes with
        {
            Groups = [slow, SimulationProfile.Group(1, 0, scripts: 1), SimulationProfile.Group(2, 0, scripts: 2)],
        };
        Run(profile,
            new Fault(FaultKind.HangingOperations, At(60), For(60), Node: 0, Amount: 400),
            new Fault(FaultKind.Pause, At(62), For(9), Node: 0));
    }

    [Fact]
    public void LinkIsCutAndHealed_OneOwnerWithinThreeSeconds()
    {
        var results = Run(TwoNodes, new Fault(FaultKind.MediumDown, At(60), For(30)));

        Assert.All(results, result =>
        {
            Assert.True(result.Coverage[CoverageMark.DualOwner] > 0);
            Assert.InRange(result.Coverage.LongestOverlap, 0, 3 * Micros.Second);
        });
    }

    [Fact]
    public void ReplayedPacketsOfOlderLives_ChangeNothing()
    {
        Fault[] faults =
        [
            new(FaultKind.AgentKilled, At(60), For(2), Node: 0), new(FaultKind.GracefulStop, At(100), For(10), Node: 1),
            new(FaultKind.AgentKilled, At(140), For(30), Node: 1),
        ];
        var replay = new Fault(FaultKind.Replay, At(200), For(60), Amount: 400);
        // The calm phase begins with the end of the last fault: both runs need it at the same moment.
        var nothing = new Fault(FaultKind.WallClockJump, replay.End, Node: 0, Amount: 0);

        var attacked = Run(TwoNodes, [.. faults, replay, nothing]);
        var alone = Run(TwoNodes, [.. faults, nothing]);

        Assert.All(attacked, result => Assert.True(result.Coverage[CoverageMark.OldLifeReplayed] > 50));
        Assert.Equal(alone.Select(result => result.OperationsHash), attacked.Select(result => result.OperationsHash));
    }

    private static List<SimulationResult> Run(SimulationProfile profile, params Fault[] faults)
    {
        var plan = FaultPlan.Of(profile, faults);
        var results = new List<SimulationResult>();
        for (ulong seed = 1; seed <= 8; seed++)
        {
            var result = SimulationRun.Of(profile, plan, seed);
            Assert.True(result.Violation is null, Report.Failure(result, new SeedOptions { Nodes = profile.Nodes }));
            results.Add(result);
        }

        return results;
    }

    private static OperatorCommand Ask(CommandKind kind) => new() { Id = "1", Kind = kind, Actor = "test" };

    private static Fault Command(long at, int node, OperatorCommand command) =>
        new(FaultKind.Command, at, Node: node, Order: command);

    private static long At(double seconds) => (long)(seconds * Micros.Second);

    private static long For(double seconds) => (long)(seconds * Micros.Second);
}
