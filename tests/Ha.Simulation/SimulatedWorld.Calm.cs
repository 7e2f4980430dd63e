namespace Ha.Simulation;

/// <summary>Calm phases: no fault acts, every agent runs, and the cluster must reach its goal and rest.</summary>
public sealed partial class SimulatedWorld
{
    private readonly LivenessChecker liveness;
    private long lastDisturbance;
    private long notConvergedUntil;
    private bool restored;
    private long calmBegan;

    private enum CalmPhase
    {
        Heal = 0,
        Restore = 1,
        Over = 2,
        Resolve = 3,
    }

    /// <summary>Whether the run is in a calm phase.</summary>
    private bool InCalm { get; set; }

    /// <summary>What every engine believes at the end, for the person who reads a failure.</summary>
    public ImmutableArray<string> Describe()
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        foreach (var node in nodes)
        {
            var name = SimulationProfile.NodeName(node.Index);
            try
            {
                lines.Add(node.Snapshot(now) is { } snapshot
                    ? $"{name}: {LivenessChecker.Describe(snapshot)}" : $"{name}: no agent");
            }
            catch (ViolationException broken)
            {
                lines.Add($"{name}: {broken.Violation.Sentence}");
            }
        }

        return lines.ToImmutable();
    }

    private void BeginPhase(CalmPhase phase, Calm calm)
    {
        if (phase != CalmPhase.Resolve) Trace.World(now, -1, $"phase {phase}");
        switch (phase)
        {
            case CalmPhase.Heal:
                InCalm = true;
                restored = false;
                calmBegan = now;
                lastDisturbance = notConvergedUntil = calm.Begins;
                foreach (var node in nodes)
                {
                    RepairPower(node);
                    StartAgent(node);
                }

                break;
            case CalmPhase.Resolve:
                Resolve(calm);
                break;
            case CalmPhase.Restore:
                restored = true;
                lastDisturbance = notConvergedUntil = now;
                Restore();
                break;
            case CalmPhase.Over:
                InCalm = false;
                break;
        }
    }

    private void Restore()
    {
        Command(nodes[0], OperatorModel.Cleanup(now));
        foreach (var node in nodes) Command(node, OperatorModel.Online(node.Index, now));
        Checker.StandbyAsked = false;
    }

    private void InspectCalm()
    {
        foreach (var node in nodes)
        {
            if (node.State == AgentState.Running && node.ShutdownAskedAt < 0) continue;
            RequireHalt(node);
            lastDisturbance = notConvergedUntil = now;
            return;
        }

        var missing = liveness.WhatIsMissing(now, restored);
        if (missing is not null) notConvergedUntil = now;
        else if (Checker.LastChangeAskedAt > notConvergedUntil) notConvergedUntil = Checker.LastChangeAskedAt;
        Coverage.Converged(notConvergedUntil - lastDisturbance);
        if (notConvergedUntil - lastDisturbance <= Micros.From(Profile.ConvergenceTime))
        {
            if (missing is null) MarkConverged();
            return;
        }

        throw new ViolationException(new Violation(
            "L8 convergence", now,
            $"{(notConvergedUntil - lastDisturbance) / Micros.Second} s after everything healed "
            + (missing ?? "operations are still being run: the cluster does not come to rest")));
    }

    private void RequireHalt(SimulatedNode node)
    {
        var limit = Micros.From(Profile.ConvergenceTime);
        if (node.ShutdownAskedAt < 0 || now - Math.Max(node.ShutdownAskedAt, calmBegan) <= limit) return;
        throw new ViolationException(new Violation(
            "L1 shutdown", now, $"{SimulationProfile.NodeName(node.Index)} was asked to stop at "
            + $"{Micros.Text(node.ShutdownAskedAt)} and has not left"));
    }

    private void MarkConverged()
    {
        if (nodes.Length > 2) Coverage.Reach(CoverageMark.ManyNodesConverged);
        if (liveness.StandbySeen) Coverage.Reach(CoverageMark.StandbyConverged);
    }
}
