using System.Diagnostics;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>What stands beside the nodes: power and fence devices, watchdogs, the arbiter.</summary>
public sealed partial class SimulatedWorld
{
    private readonly SimulatedFencing fencing;
    private readonly SimulatedArbiter arbiter;
    private readonly SplitMix64 chance;
    private long racesAreFairFrom;
    private readonly bool[] fencedOff = new bool[MaxNodes];
    private readonly long[] watchdogDue = [.. Enumerable.Repeat(-1L, MaxNodes)];

    private void Fence(long at, SimulatedNode node, FenceNode asked)
    {
        Trace.World(at, node.Index, $"> fence {asked.Action} {asked.Target} by {asked.Device.Id} (#{asked.Number})");
        var target = IndexOfNode(asked.Target);
        Checker.FenceAsked(at, node.Index, target, asked);
        var call = fencing.Begin(at, node.Index, node.Generation, asked, target);
        if (call.ActsAt >= 0) Queue.Schedule(call.ActsAt, WorldEventKind.FenceActs, target, 0, call);
        else if (call.Outcome == FenceOutcome.Succeeded && asked.Action != FenceAction.Monitor)
            Coverage.Reach(CoverageMark.DeviceLied);
        Queue.Schedule(call.EndsAt, WorldEventKind.FenceEnds, node.Index, 0, call);
    }

    private void HandleDevice(in WorldEvent next)
    {
        switch (next.Kind)
        {
            case WorldEventKind.FenceActs:
                FenceActs((FenceCall)next.Item!);
                break;
            case WorldEventKind.FenceEnds:
                FenceEnds((FenceCall)next.Item!);
                break;
            case WorldEventKind.PowerReturns:
                RepairPower(nodes[next.Node]);
                StartAgent(nodes[next.Node]);
                break;
            case WorldEventKind.WatchdogDue:
                WatchdogDue(nodes[next.Node]);
                break;
            case WorldEventKind.ArbiterHears:
                ArbiterHears((ArbiterQuestion)next.Item!);
                break;
            case WorldEventKind.ArbiterReplies:
                ArbiterReplies(nodes[next.Node], (uint)next.Index, (ArbiterAnswered)next.Item!);
                break;
            default:
                throw new UnreachableException($"event {next.Kind}");
        }
    }

    private void FenceActs(FenceCall call)
    {
        // Who kills an agent kills its fence agents: half of them have not yet told the device.
        if (!Lives(call.Caller, call.Generation) && chance.Chance(1, 2)) return;
        if (now > call.EndsAt || call.Outcome == FenceOutcome.TimedOut) Coverage.Reach(CoverageMark.FencedLate);
        if (call.Action == FenceAction.On)
        {
            Queue.Schedule(now + Boot(), WorldEventKind.PowerReturns, call.Target, 0);
            return;
        }

        CutPower(nodes[call.Target], $"fenced by {SimulationProfile.NodeName(call.Caller)}");
        Coverage.Reach(CoverageMark.NodeFenced);
        Checker.RacesAreFair = now >= racesAreFairFrom;
        Checker.Fenced(now, call.Caller, call.Target, late: now > call.EndsAt);
        // Whoever was switched off stays off until somebody comes.
        var back = call.Action == FenceAction.Reboot ? Boot()
            : InCalm ? Boot() + (10 * Micros.Second) : chance.Next(30, 300) * Micros.Second;
        Queue.Schedule(now + back, WorldEventKind.PowerReturns, call.Target, 0);
    }

    private void FenceEnds(FenceCall call)
    {
        if (!Lives(call.Caller, call.Generation)) return;
        if (call.Outcome != FenceOutcome.Succeeded) Coverage.Reach(CoverageMark.FenceFailed);
        Trace.World(now, call.Caller,
            $"< fence {call.Action} {SimulationProfile.NodeName(call.Target)} (#{call.Number}) {call.Outcome}");
        Checker.FenceEnded(now, call);
        nodes[call.Caller].Input(now, new FenceCompleted
        {
            Number = call.Number, Outcome = call.Outcome, Duration = Micros.Span(now - call.BeganAt),
            Output = call.Outcome == FenceOutcome.Succeeded ? "" : "simulated failure",
        });
    }

    private void CutPower(SimulatedNode node, string why)
    {
        Trace.World(now, node.Index, why);
        fencedOff[node.Index] = true;
        node.LosePower(now);
        lastDisturbance = now;
    }

    private void RepairPower(SimulatedNode node) => fencedOff[node.Index] = false;

    private void RenewAuthority(long at, SimulatedNode node, RenewAuthority renew)
    {
        if (node.Watchdog is not { } watchdog) return;
        var until = node.Clock.WorldTime(renew.Until);
        Checker.AuthorityRenewed(at, node.Index, until);
        watchdog.Renew(at, until);
        WatchWatchdog(node);
    }

    private void WatchWatchdog(SimulatedNode node)
    {
        if (node.Watchdog is not { FiresAt: >= 0 } watchdog) return;
        ref var due = ref watchdogDue[node.Index];
        if (due >= 0 && due <= watchdog.FiresAt) return;
        due = Math.Max(now, watchdog.FiresAt);
        Queue.Schedule(due, WorldEventKind.WatchdogDue, node.Index, 0);
    }

    private void WatchdogDue(SimulatedNode node)
    {
        if (watchdogDue[node.Index] != now) return;
        watchdogDue[node.Index] = -1;
        if (node.Watchdog!.FiresAt is < 0) return;
        if (node.Watchdog.FiresAt > now)
        {
            WatchWatchdog(node);
            return;
        }

        Coverage.Reach(CoverageMark.WatchdogFired);
        CutPower(node, "reset by its watchdog");
        Queue.Schedule(now + Boot(), WorldEventKind.PowerReturns, node.Index, 0);
    }

    private void Ask(long at, SimulatedNode node, AskArbiter asked)
    {
        var question = new ArbiterQuestion(
            asked.Number, node.Index, node.Generation, asked.Want, at + Micros.From(asked.Timeout));
        Trace.World(at, node.Index, asked.Want ? "> asks the arbiter" : "> gives its grant back");
        var reached = arbiter.ReachedAt(at, node.Index);
        if (reached >= 0) Queue.Schedule(reached, WorldEventKind.ArbiterHears, node.Index, 0, question);
        if (reached < 0 || reached >= question.TimesOutAt) Reply(question, question.TimesOutAt, Silence(question));
    }

    private void ArbiterHears(ArbiterQuestion question)
    {
        var answer = arbiter.Answer(now, question);
        // Nobody waits any more for what a stopped arbiter did when it went on.
        if (now >= question.TimesOutAt) return;
        var back = now + arbiter.AnswerTakes();
        if (arbiter.ReachedAt(now, question.Node) < 0 || back >= question.TimesOutAt)
            Reply(question, question.TimesOutAt, Silence(question));
        else
            Reply(question, back, answer);
    }

    private void ArbiterReplies(SimulatedNode node, uint generation, ArbiterAnswered answer)
    {
        if (!Lives(node.Index, generation)) return;
        Coverage.Reach(answer.Grant switch
        {
            ArbiterGrant.Mine => CoverageMark.ArbiterGranted,
            ArbiterGrant.Others => CoverageMark.ArbiterRefused,
            ArbiterGrant.Unknown => CoverageMark.ArbiterSilent,
        });
        Trace.World(now, node.Index, $"< arbiter: {answer.Grant}");
        node.Input(now, answer);
    }

    private void Reply(ArbiterQuestion question, long at, ArbiterAnswered answer) =>
        Queue.Schedule(at, WorldEventKind.ArbiterReplies, question.Node, (int)question.Generation, answer);

    private static ArbiterAnswered Silence(ArbiterQuestion question) =>
        new() { Number = question.Number, Grant = ArbiterGrant.Unknown };

    private bool Lives(int node, uint generation) =>
        nodes[node].State != AgentState.Down && nodes[node].Generation == generation;

    private long Boot()
    {
        var longest = (int)(Micros.From(SimulationProfile.LongestBoot) / Micros.Millisecond);
        return chance.Next(5_000, longest) * Micros.Millisecond;
    }

    private int IndexOfNode(string name) =>
        SimulationProfile.NodeIndex(name) is var index && index >= 0 && index < nodes.Length
            ? index : throw new ArgumentException($"{name} is no node of this cluster", nameof(name));
}
