using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Simulation.Tests;

/// <summary>
/// A cluster told to the oracle by hand: the driver of an engine that may do anything wrong.
/// </summary>
internal sealed class CheckerBooks
{
    private readonly long[] numbers = new long[SimulatedWorld.MaxNodes];
    private readonly HashSet<int> cutOff = [];
    private ulong lastStatus;

    public CheckerBooks(SimulationProfile? profile = null)
    {
        Profile = profile ?? new SimulationProfile();
        Hearing = new Hearing(Profile);
        Checker = new SafetyChecker(Profile, Hearing, Coverage);
        for (var node = 0; node < Profile.Nodes; node++) Checker.LifeStarted(0, node, 7 + (2 * (uint)node));
    }

    public SimulationProfile Profile { get; }

    public Hearing Hearing { get; }

    public Coverage Coverage { get; } = new();

    public SafetyChecker Checker { get; }

    public long Now { get; private set; }

    public ResourceDefinition Vip => Profile.Groups[0].Resources[0];

    public ResourceDefinition Haproxy => Profile.Groups[0].Resources[1];

    /// <summary>From now on nobody hears this node, and it hears nobody.</summary>
    public CheckerBooks CutOff(int node)
    {
        cutOff.Add(node);
        return this;
    }

    /// <summary>All nodes that are not cut off hear each other, and it is later.</summary>
    public CheckerBooks Talk(double seconds)
    {
        for (var step = 0; step < seconds * 2; step++)
        {
            Now += Micros.Second / 2;
            for (var pair = 0; pair < Profile.Nodes * Profile.Nodes; pair++)
            {
                var (to, from) = (pair / Profile.Nodes, pair % Profile.Nodes);
                if (to != from && !cutOff.Contains(to) && !cutOff.Contains(from)) Hear(to, from);
            }

            Checker.Inspect(Now, Micros.Second / 2, quiet: true);
        }

        return this;
    }

    /// <summary>One node processes a status of the other.</summary>
    public void Hear(int receiver, int sender) =>
        Hearing.StatusProcessed(Now, receiver, sender, currentLife: true, generation: 1, ++lastStatus);

    /// <summary>Nobody hears anybody, and it is later.</summary>
    public CheckerBooks Silence(double seconds)
    {
        Now += (long)(seconds * Micros.Second);
        return this;
    }

    public OperationRun Ask(int node, OperationKind kind, ResourceDefinition resource)
    {
        var number = ++numbers[node];
        var asked = new RunOperation(number, resource, kind, resource.Timeout(kind), Urgent: false);
        Checker.OperationAsked(Now, node, asked);
        return new OperationRun
        {
            Number = number, Generation = 1, Resource = resource, ResourceIndex = Checker.IndexOf(resource.Id),
            Kind = kind, BeganAt = Now,
        };
    }

    public CheckerBooks Do(
        int node, OperationKind kind, ResourceDefinition resource,
        OperationOutcome outcome = OperationOutcome.Succeeded)
    {
        var run = Ask(node, kind, resource);
        run.Outcome = outcome;
        Checker.OperationEnded(Now, node, run);
        return this;
    }

    /// <summary>All nodes know that nothing runs.</summary>
    public CheckerBooks ProbeAll()
    {
        for (var node = 0; node < Profile.Nodes; node++)
        {
            foreach (var resource in Profile.Groups[0].Resources)
                Do(node, OperationKind.Probe, resource, OperationOutcome.NotRunning);
        }

        return this;
    }

    /// <summary>The first configuration with an edit in it, as version 2.0.</summary>
    public static KeptState Edited(SimulationProfile profile, DocumentEdit edit)
    {
        var first = profile.Kept();
        var document = first.History.Next(edit.Apply(first.Document, profile));
        return new KeptState(
            first.History.Adopt(document, "anna", DateTimeOffset.UnixEpoch, ""),
            DocumentCompiler.Compile(document, profile.Facts.Nodes));
    }

    /// <summary>What the oracle says to an act; fails the test when it says nothing.</summary>
    public static Violation Broken(Action act) => Assert.Throws<ViolationException>(act).Violation;
}
