using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation;

/// <summary>How faults of the plan begin and end.</summary>
public sealed partial class SimulatedWorld
{
    private readonly long[] restartAfterStop = new long[MaxNodes];

    private void ScheduleAll()
    {
        for (var node = 0; node < nodes.Length; node++)
        {
            // Most clusters start together; the rest one after another, or some late enough that a peer waits initdead.
            var delay = nodes.Length > 2 || plan.Faults.Length % 3 != 0 ? node * 3 * Micros.Millisecond
                : node * 2 * Micros.From(Profile.Initdead);
            Queue.Schedule(delay, WorldEventKind.AgentStarts, node, 0);
        }

        for (var index = 0; index < plan.Faults.Length; index++)
        {
            var fault = plan.Faults[index];
            Queue.Schedule(fault.At, WorldEventKind.FaultBegins, fault.Node, index);
            Queue.Schedule(fault.End, WorldEventKind.FaultEnds, fault.Node, index);
        }

        for (var index = 0; index < plan.Calms.Length; index++)
        {
            var calm = plan.Calms[index];
            Queue.Schedule(calm.Begins, WorldEventKind.Phase, (int)CalmPhase.Heal, index);
            if (calm.Restore >= 0 && IsAdministered)
                Queue.Schedule(calm.Restore - ResolveTime, WorldEventKind.Phase, (int)CalmPhase.Resolve, index);
            if (calm.Restore >= 0) Queue.Schedule(calm.Restore, WorldEventKind.Phase, (int)CalmPhase.Restore, index);
            Queue.Schedule(calm.Ends, WorldEventKind.Phase, (int)CalmPhase.Over, index);
        }

        Queue.Schedule(InspectEvery, WorldEventKind.Inspect, 0, 0);
    }

    private void Begin(Fault fault)
    {
        Trace.World(now, fault.Node, fault);
        Network.Begin(now, fault);
        fencing.Begin(fault);
        if (!LeavesRacesFair(fault.Kind))
            racesAreFairFrom = Math.Max(racesAreFairFrom, fault.End + Micros.From(Profile.ConvergenceTime));
        arbiter.Begin(now, fault);
        if (fault.Node < 0) return;
        var node = nodes[fault.Node];
        switch (fault.Kind)
        {
            case FaultKind.AgentKilled:
                BeginKill(node, fault);
                break;
            case FaultKind.PowerLost:
                poweredOff[node.Index] = true;
                node.LosePower(now);
                break;
            case FaultKind.DiskTorn:
                Coverage.Reach(CoverageMark.GenerationFileTorn);
                poweredOff[node.Index] = true;
                node.LosePower(now);
                node.Disk.Tear();
                break;
            case FaultKind.DiskFull:
                node.Disk.IsFull = true;
                break;
            case FaultKind.WrongKey:
                node.Kill(now);
                node.HasOtherKey = true;
                Coverage.Reach(CoverageMark.WrongKeyStarted);
                StartAgent(node);
                break;
            case FaultKind.ResourceDies:
                if (node.Host.Die(fault.Amount)) Coverage.Reach(CoverageMark.ResourceDied);
                break;
            case FaultKind.Pause or FaultKind.MachineFrozen:
                if (node.State == AgentState.Running)
                {
                    Coverage.Reach(fault.Duration > Micros.From(Profile.Deadtime)
                        ? CoverageMark.PauseBeyondDeadtime : CoverageMark.PauseWithinDeadtime);
                }

                node.Pause(now);
                WatchWatchdog(node);
                break;
            case FaultKind.GracefulStop:
                restartAfterStop[node.Index] = fault.Duration;
                node.Shutdown(now);
                break;
            case FaultKind.WallClockJump:
                Coverage.Reach(CoverageMark.WallClockJumped);
                node.Clock.JumpWall(fault.Amount * 1000L);
                break;
            case FaultKind.MediumFails:
                Coverage.Reach(CoverageMark.MediumFailed);
                node.SetMedium(now, fault.Medium, works: false);
                break;
            case FaultKind.Command:
                Command(node, fault.Order!);
                break;
            case FaultKind.Edit or FaultKind.OldDocuments or FaultKind.EditedOffline or FaultKind.ConfirmOff:
                Administer(node, fault);
                break;
            default:
                node.Host.Begin(fault);
                break;
        }
    }

    // After a clean cut both nodes notice it at about the same time, and the longer delay of one decides. Whatever
    // shifts what one of them hears, or makes a device late, leaves it to chance.
    private static bool LeavesRacesFair(FaultKind kind) => kind is FaultKind.Isolate or FaultKind.CutPair
        or FaultKind.MediumDown or FaultKind.WallClockJump or FaultKind.Garbage or FaultKind.ForeignCluster
        or FaultKind.SlowOperations or FaultKind.FailingStarts or FaultKind.FailingProbes or FaultKind.ResourceDies;

    private void BeginKill(SimulatedNode node, Fault fault)
    {
        if (node.State != AgentState.Down)
        {
            Coverage.Reach(fault.Duration < Micros.From(Profile.Deadtime) - Micros.From(Profile.Keepalive)
                ? CoverageMark.RestartWithinDeadtime : CoverageMark.RestartAfterDeadtime);
        }

        node.Kill(now);
        WatchWatchdog(node);
    }

    private void End(Fault fault)
    {
        if (fault.Duration > 0) Trace.World(now, fault.Node, fault, 1);
        Network.End(fault);
        // What was held back comes now, and lets nodes seem alive that are gone.
        if (fault.Kind == FaultKind.Clog) clogReleasedAt = now;
        fencing.End(fault);
        arbiter.End(fault);
        if (fault.Node < 0) return;
        var node = nodes[fault.Node];
        switch (fault.Kind)
        {
            case FaultKind.AgentKilled or FaultKind.EditedOffline:
                StartAgent(node);
                break;
            case FaultKind.PowerLost or FaultKind.DiskTorn or FaultKind.OldDocuments:
                poweredOff[node.Index] = false;
                StartAgent(node);
                break;
            case FaultKind.DiskFull:
                node.Disk.IsFull = false;
                break;
            case FaultKind.WrongKey:
                node.Kill(now);
                node.HasOtherKey = false;
                StartAgent(node);
                break;
            case FaultKind.Pause or FaultKind.MachineFrozen:
                node.Resume(now);
                break;
            case FaultKind.MediumFails:
                node.SetMedium(now, fault.Medium, works: true);
                break;
            default:
                node.Host.End(fault);
                break;
        }
    }

    private void Command(SimulatedNode node, OperatorCommand order)
    {
        if (node.State == AgentState.Down) return;
        Checker.StandbyAsked |= order.Kind == CommandKind.Standby;
        commanded = order;
        node.Input(now, new OperatorCommanded(order, ++ticket));
    }

    // The answer comes in the step that takes the command. What was refused cleans nothing up.
    private void NoteAnswer(CommandAnswer answer)
    {
        var accepted = answer.Rejection is null;
        Coverage.Reach(accepted ? CoverageMark.CommandAccepted : CoverageMark.CommandRefused);
        if (accepted && commanded is { Kind: CommandKind.Cleanup } order) Checker.CleanedUp(order.Group);
    }
}
