using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>What is true of one resource on one machine, whatever anybody believes.</summary>
public enum ResourceTruth
{
    /// <summary>It does not run.</summary>
    Stopped = 0,

    /// <summary>Its start is under way.</summary>
    Starting = 1,

    /// <summary>It runs.</summary>
    Running = 2,

    /// <summary>Its stop is under way.</summary>
    Stopping = 3,
}

/// <summary>An operation under way on a machine, with the end that was drawn for it.</summary>
public sealed class OperationRun
{
    /// <summary>Number of the <see cref="RunOperation"/>.</summary>
    public required long Number { get; init; }

    /// <summary>The life that asked for it.</summary>
    public required uint Generation { get; init; }

    /// <summary>The resource.</summary>
    public required ResourceDefinition Resource { get; init; }

    /// <summary>Index of the resource in the profile's flat order.</summary>
    public required int ResourceIndex { get; init; }

    /// <summary>What is done.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>When it began, world microseconds.</summary>
    public required long BeganAt { get; init; }

    /// <summary>How it will end.</summary>
    public OperationOutcome Outcome { get; set; }

    /// <summary>What will be true then.</summary>
    public ResourceTruth Truth { get; set; }
}

/// <summary>
/// One machine's resources: they outlive the agent but not the machine. Every operation takes a drawn time and may
/// fail, hang until its timeout, or - in flagged runs - lie. When the agent is killed, the programs that it runs are
/// killed with it (the agent asks the kernel for that), in the middle of what they did.
/// </summary>
public sealed class SimulatedHost
{
    private readonly SplitMix64 random;
    private readonly ResourceTruth[] truth;
    private readonly List<Fault> active = [];
    private readonly List<OperationRun> underWay = [];

    /// <summary>A machine on which nothing runs.</summary>
    /// <param name="resources">Number of resources in the profile.</param>
    /// <param name="random">Its own stream.</param>
    public SimulatedHost(int resources, SplitMix64 random)
    {
        truth = new ResourceTruth[resources];
        this.random = random;
    }

    /// <summary>What is true of a resource.</summary>
    public ResourceTruth this[int resource] => truth[resource];

    /// <summary>Operations under way.</summary>
    public int OperationsUnderWay => underWay.Count;

    /// <summary>A fault of this machine begins.</summary>
    public void Begin(Fault fault) => active.Add(fault);

    /// <summary>A fault of this machine ends.</summary>
    public void End(Fault fault) => active.Remove(fault);

    /// <summary>Begins an operation and draws its end.</summary>
    /// <returns>The operation and how long it takes, in microseconds.</returns>
    public (OperationRun Run, long Duration) Begin(long now, RunOperation asked, int resource, uint generation)
    {
        var run = new OperationRun
        {
            Number = asked.Number, Generation = generation, Resource = asked.Resource, ResourceIndex = resource,
            Kind = asked.Kind, BeganAt = now,
        };
        var timeout = Micros.From(asked.Timeout);
        var duration = Duration(asked);
        if (Strikes(FaultKind.HangingOperations) || duration >= timeout)
        {
            duration = timeout;
            run.Outcome = OperationOutcome.TimedOut;
            run.Truth = AfterFailure(resource, asked.Kind, 500);
        }
        else if (Fails(asked.Kind))
        {
            run.Outcome = OperationOutcome.Failed;
            run.Truth = AfterFailure(resource, asked.Kind, 300);
        }
        else
        {
            Succeed(run, resource);
        }

        if (asked.Kind == OperationKind.Start && truth[resource] != ResourceTruth.Running)
            truth[resource] = ResourceTruth.Starting;
        else if (asked.Kind == OperationKind.Stop && truth[resource] != ResourceTruth.Stopped)
            truth[resource] = ResourceTruth.Stopping;
        underWay.Add(run);
        return (run, duration);
    }

    /// <summary>
    /// Ends an operation: its effect becomes true. False when its life is over and it was killed before.
    /// </summary>
    public bool End(OperationRun run)
    {
        if (!underWay.Remove(run)) return false;
        if (run.Kind is OperationKind.Probe or OperationKind.Monitor)
        {
            // A probe tells what is true when it looks, not when it began.
            if (run.Outcome is OperationOutcome.Succeeded or OperationOutcome.NotRunning)
                run.Outcome = ProbeOutcome(run.ResourceIndex);
        }
        else if (run.Kind != OperationKind.Announce)
        {
            truth[run.ResourceIndex] = run.Truth;
        }

        return true;
    }

    /// <summary>The agent was killed: what it was doing ends in the middle.</summary>
    public void AgentKilled()
    {
        foreach (var run in underWay)
        {
            if (run.Kind is OperationKind.Start or OperationKind.Stop)
                truth[run.ResourceIndex] = random.Chance(1, 2) ? ResourceTruth.Running : ResourceTruth.Stopped;
        }

        underWay.Clear();
    }

    /// <summary>A running resource dies by itself.</summary>
    /// <param name="choice">Any number: chooses among those that run.</param>
    /// <returns>False when nothing ran.</returns>
    public bool Die(int choice)
    {
        var running = Enumerable.Range(0, truth.Length).Where(one => truth[one] == ResourceTruth.Running).ToArray();
        if (running.Length == 0) return false;
        truth[running[choice % running.Length]] = ResourceTruth.Stopped;
        return true;
    }

    /// <summary>The machine lost power: nothing runs any more.</summary>
    public void PowerLost()
    {
        underWay.Clear();
        Array.Fill(truth, ResourceTruth.Stopped);
    }

    private void Succeed(OperationRun run, int resource)
    {
        var lies = Strikes(FaultKind.LyingOperations);
        run.Outcome = OperationOutcome.Succeeded;
        run.Truth = lies ? truth[resource] : run.Kind switch
        {
            OperationKind.Start => ResourceTruth.Running,
            OperationKind.Stop => ResourceTruth.Stopped,
            OperationKind.Probe or OperationKind.Monitor => truth[resource],
            OperationKind.Announce => truth[resource],
            OperationKind.Cancel or OperationKind.Fence => throw NoOperation(run.Kind),
        };
    }

    private OperationOutcome ProbeOutcome(int resource)
    {
        var runs = truth[resource] is ResourceTruth.Running or ResourceTruth.Stopping;
        if (Strikes(FaultKind.LyingOperations)) runs = !runs;
        return runs ? OperationOutcome.Succeeded : OperationOutcome.NotRunning;
    }

    private ResourceTruth AfterFailure(int resource, OperationKind kind, int otherwisePerMille) => kind switch
    {
        OperationKind.Start => random.Chance(otherwisePerMille, 1000) ? ResourceTruth.Running : ResourceTruth.Stopped,
        OperationKind.Stop => random.Chance(otherwisePerMille, 1000) ? ResourceTruth.Stopped : truth[resource],
        OperationKind.Probe or OperationKind.Monitor => truth[resource],
        OperationKind.Announce => truth[resource],
        OperationKind.Cancel or OperationKind.Fence => throw NoOperation(kind),
    };

    private static InvalidOperationException NoOperation(OperationKind kind) =>
        new($"{kind} is nothing a host does to a resource");

    private bool Fails(OperationKind kind) => kind switch
    {
        OperationKind.Start => Strikes(FaultKind.FailingStarts),
        OperationKind.Stop => Strikes(FaultKind.FailingStops),
        OperationKind.Probe or OperationKind.Monitor => Strikes(FaultKind.FailingProbes),
        OperationKind.Announce => Strikes(FaultKind.FailingStarts),
        OperationKind.Cancel or OperationKind.Fence => throw NoOperation(kind),
    };

    private bool Strikes(FaultKind kind)
    {
        var perMille = 0;
        foreach (var fault in active)
        {
            if (fault.Kind == kind) perMille = Math.Max(perMille, fault.Amount);
        }

        return perMille > 0 && random.Chance(perMille, 1000);
    }

    private long Duration(RunOperation asked)
    {
        var vip = asked.Resource.IsVip;
        var (low, high) = asked.Kind switch
        {
            OperationKind.Probe or OperationKind.Monitor => vip ? (1, 4) : (5, 40),
            OperationKind.Start => vip ? (1, 8) : (40, 400),
            OperationKind.Stop => vip ? (1, 8) : (20, 200),
            OperationKind.Announce => (1, 4),
            OperationKind.Cancel or OperationKind.Fence => throw NoOperation(asked.Kind),
        };
        var slower = 1;
        foreach (var fault in active)
        {
            if (fault.Kind == FaultKind.SlowOperations) slower = Math.Max(slower, fault.Amount);
        }

        return random.Next(low * 1000, high * 1000) * (long)slower;
    }
}
