using Ha.Core.Contracts;

namespace Ha.Simulation;

/// <summary>
/// An operator's word that a node is off (S14): nobody takes it for given who was not given it, for that node and that
/// life; it is recorded with the name of who gave it; and whoever hears that life knows that it is void.
/// </summary>
public sealed partial class SafetyChecker
{
    private readonly HashSet<(int Node, uint Generation)> given = [];

    // Per node: whose life it takes for over by an operator's word, and since when it hears it all the same.
    private readonly (uint Generation, long HeardAt)?[,] taken =
        new (uint, long)?[SimulatedWorld.MaxNodes, SimulatedWorld.MaxNodes];

    /// <summary>An operator confirms that a life of a node is over.</summary>
    public void ConfirmationGiven(long now, int node, uint generation) => given.Add((node, generation));

    /// <summary>A node's agent has processed a status of another that was news to it.</summary>
    public void StatusHeard(long now, int receiver, int sender, uint generation)
    {
        if (taken[receiver, sender] is not { } confirmed) return;
        if (generation > confirmed.Generation) taken[receiver, sender] = null;
        else if (generation == confirmed.Generation && confirmed.HeardAt < 0)
            taken[receiver, sender] = confirmed with { HeardAt = now };
    }

    // Whoever starts again takes nobody's word for anything.
    private void ForgetConfirmationsOf(int node)
    {
        for (var target = 0; target < nodes.Length; target++) taken[node, target] = null;
    }

    // The words of the fencer's own journal: who said it of whom, of which life.
    private void NoteAttention(long now, int node, ClusterEvent happened)
    {
        var target = SimulationProfile.NodeIndex(happened.Subject);
        if (target < 0) return;
        if (happened.Sentence.Contains("the confirmation is void", StringComparison.Ordinal))
        {
            taken[node, target] = null;
            coverage.Reach(CoverageMark.ConfirmationVoid);
            return;
        }

        if (!happened.Sentence.Contains(" is off or cannot touch the resources", StringComparison.Ordinal)) return;
        foreach (var (whom, generation) in given)
        {
            if (whom != target || !happened.Sentence.Contains($"(generation {generation})", StringComparison.Ordinal)
                || !happened.Sentence.StartsWith("simulation ", StringComparison.Ordinal)) continue;
            coverage.Reach(CoverageMark.ConfirmedByOperator);
            taken[node, target] = (generation, -1);
            Array.Clear(nodes[target].HeldWhenLost);
            return;
        }

        Fail("S14 nobody confirmed", now, $"{Name(node)} says that somebody confirmed what nobody did: "
            + happened.Sentence);
    }

    private void InspectConfirmations(long now)
    {
        if (given.Count == 0) return;
        for (var node = 0; node < nodes.Length; node++)
        {
            for (var target = 0; target < nodes.Length; target++)
            {
                if (taken[node, target] is not { } confirmed) continue;
                if (confirmed.HeardAt >= 0 && hearing.Runs(node) && now - confirmed.HeardAt > Micros.Second)
                    Fail("S14 confirmation not void", now, $"{Name(node)} hears {Name(target)} of generation "
                        + $"{confirmed.Generation}, and still takes an operator's word that it is off");
            }
        }
    }
}
