using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;

namespace Ha.Simulation;

/// <summary>
/// The replicated configuration (S5): what a node adopts is newer than what it ran, somebody has written it as it is,
/// and two contents of one version are told and start nothing.
/// </summary>
public sealed partial class SafetyChecker
{
    private readonly HashSet<string> contents = new(StringComparer.Ordinal);
    private readonly KeptState?[] states = new KeptState?[SimulatedWorld.MaxNodes];
    private readonly Divergence[,] divergences = new Divergence[SimulatedWorld.MaxNodes, SimulatedWorld.MaxNodes];
    private long lastConflictAlarm = -1;
    private long conflictBegan;

    /// <summary>What a document says, whatever its version.</summary>
    public static string ContentOf(ConfigurationDocument document) =>
        ConfigurationText.Hash(document with { Version = default });

    /// <summary>Somebody has written a document without mistakes.</summary>
    public void Written(ConfigurationDocument document) => contents.Add(ContentOf(document));

    /// <summary>A node adopts another configuration.</summary>
    public void Adopted(long now, int node, KeptState state)
    {
        var version = state.Active.Version;
        if (states[node] is { } before && version <= before.Active.Version)
            Fail("S5 configuration goes back", now,
                $"{Name(node)} adopts version {version} after {before.Active.Version}");
        if (!contents.Contains(ContentOf(state.Document)))
            Fail("S5 invented", now, $"{Name(node)} adopts version {version}, which nobody has written like that");
        coverage.Reach(CoverageMark.ConfigurationAdopted);
    }

    /// <summary>From now on a node runs with this configuration and these intents: adopted, or found on its disk.
    /// </summary>
    public void Runs(long now, int node, KeptState state)
    {
        if (contents.Count == 0) Written(state.Document);
        states[node] = state;
        NoteHandsOff(now, node, state);
    }

    private void InspectConfigurations(long now, long tick, bool settled)
    {
        if (!AnyDiffer()) conflictBegan = 0;
        else if (conflictBegan == 0) conflictBegan = now - tick;
        for (var one = 0; one < nodes.Length; one++)
        {
            for (var other = one + 1; other < nodes.Length; other++)
            {
                ref var divergence = ref divergences[one, other];
                if (!Differ(states[one], states[other])) divergence = default;
                else InspectDivergence(now, tick, ref divergence, one, other, settled);
            }
        }
    }

    private bool AnyDiffer()
    {
        for (var one = 0; one < nodes.Length; one++)
        {
            for (var other = one + 1; other < nodes.Length; other++)
            {
                if (Differ(states[one], states[other])) return true;
            }
        }

        return false;
    }

    private void InspectDivergence(
        long now, long tick, ref Divergence divergence, int one, int other, bool settled)
    {
        var connected = settled && IsThere(one) && IsThere(other)
            && !hearing.SilentNow(now, one, other) && !hearing.SilentNow(now, other, one);
        divergence.Connected = connected ? divergence.Connected + tick : 0;
        if (divergence.Connected <= NoisyResolveLimit) return;
        // Whoever takes over one of two contents that are in conflict, and told to be, makes no new conflict.
        if (lastConflictAlarm < conflictBegan)
            Fail("S5 conflict not told", now, $"{Name(one)} and {Name(other)} both have version "
                + $"{states[one]!.Active.Version} with different content, and nobody says so");
        coverage.Reach(CoverageMark.ConflictTold);
    }

    /// <summary>Whether nodes that live run different versions, or different contents of one: while they disagree
    /// nothing is decided.</summary>
    private bool IsDivided
    {
        get
        {
            KeptState? first = null;
            for (var node = 0; node < nodes.Length; node++)
            {
                if (!nodes[node].Alive || states[node] is not { } state) continue;
                first ??= state;
                if (first.Active.Version != state.Active.Version || first.Active.Hash != state.Active.Hash) return true;
            }

            return false;
        }
    }

    private bool IsThere(int node) => nodes[node] is { Alive: true, ShutdownAsked: false };

    private static bool Differ(KeptState? one, KeptState? other) => one is not null && other is not null
        && one.Active.Version == other.Active.Version && one.Active.Hash != other.Active.Hash;

    private void CheckNoConflict(long now, int node, int resource)
    {
        for (var other = 0; other < nodes.Length; other++)
        {
            if (other == node || !IsThere(other) || !Differ(states[node], states[other])
                || divergences[Math.Min(node, other), Math.Max(node, other)].Connected <= NoisyResolveLimit) continue;
            Fail("S5 start in conflict", now, $"{Name(node)} starts {places[resource].Id}, though it and {Name(other)} "
                + $"have version {states[node]!.Active.Version} with different content");
        }
    }

    /// <summary>Two nodes with different contents of one version.</summary>
    private struct Divergence
    {
        public long Connected;
    }
}
