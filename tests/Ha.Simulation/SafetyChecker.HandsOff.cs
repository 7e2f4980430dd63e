using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Contracts;

namespace Ha.Simulation;

/// <summary>
/// What nobody may touch (S9): in maintenance nothing is started, stopped or watched; what is not managed is watched
/// only. Judged where the node itself and all that it hears have known of it for a while: until then an order of
/// somebody who did not may be on its way.
/// </summary>
public sealed partial class SafetyChecker
{
    private readonly HandsOff[] handsOff = [.. Enumerable.Range(0, SimulatedWorld.MaxNodes).Select(_ => new HandsOff())];

    /// <summary>Whether a group is left alone by some node, or not even configured there: then nobody can say where it
    /// must run.</summary>
    public bool IsLeftAlone(int group)
    {
        for (var node = 0; node < nodes.Length; node++)
        {
            if (!handsOff[node].Any) continue;
            for (var resource = 0; resource < places.Length; resource++)
            {
                if (places[resource].Group == group && handsOff[node].Restrains(resource, node)) return true;
            }
        }

        return false;
    }

    /// <summary>Whether a node runs nothing, by the word of the configuration or of an operator.</summary>
    public bool IsInStandby(int node)
    {
        for (var teller = 0; teller < nodes.Length; teller++)
        {
            if (handsOff[teller].Standby[node]) return true;
        }

        return false;
    }

    private void NoteHandsOff(long now, int node, KeptState state)
    {
        var books = handsOff[node];
        if (ReferenceEquals(books.Document, state.Document) && books.Intents == state.Intents) return;
        books.Begin(state, places.Length, nodes.Length);
        var document = state.Document;
        var all = state.Intents.Maintenance || document.Options?.MaintenanceMode == true;
        for (var other = 0; other < nodes.Length; other++)
        {
            var configured = document.Nodes.FirstOrDefault(one => one.Name == Name(other));
            books.Standby[other] = configured?.Standby == true || state.Intents.Standby.Contains(Name(other));
            StandbyAsked |= configured?.Standby == true;
            for (var resource = 0; resource < places.Length; resource++)
            {
                var found = document.Resources.FirstOrDefault(one => one.Id == places[resource].Id);
                var maintained = all || configured?.Maintenance == true || found?.Meta?.Maintenance == true;
                var unmanaged = found?.Meta?.IsManaged == false;
                books.Set(resource, other, now, maintained, unmanaged, gone: found is null);
            }
        }
    }

    private void CheckHandsOff(long now, int node, int resource, OperationKind kind)
    {
        if (kind is not (OperationKind.Start or OperationKind.Stop or OperationKind.Monitor)) return;
        var watched = kind == OperationKind.Monitor;
        for (var teller = 0; teller < nodes.Length; teller++)
        {
            if (teller != node && (!nodes[teller].Alive
                || hearing.SilentLongerThan(now, node, teller, NoisyResolveLimit))) continue;
            var since = handsOff[teller].Since(resource, node, watched);
            if (since < 0 || now - since <= NoisyResolveLimit) return;
        }

        Fail("S9 hands off", now, $"{Name(node)} runs {kind} of {places[resource].Id}, which is "
            + (watched ? "in maintenance" : "in maintenance or not managed")
            + " by the word of all nodes that it hears");
    }

    // What runs on without its agent, or cut off, in a maintenance that the other has never heard of, is what the
    // operator was told: nothing gives it up (docs/authority.md).
    private bool IsKeptUnknownTo(long now, int node, int keeper, int resource)
    {
        var unheard = !nodes[keeper].Alive || !hearing.HeardInThisLife(node, keeper)
            || hearing.SilentNow(now, node, keeper);
        return unheard && handsOff[keeper].Since(resource, keeper, watched: false) >= 0
            && handsOff[node].Since(resource, keeper, watched: false) < 0;
    }

    private void MarkHandsOff(int node)
    {
        if (!handsOff[node].Any) return;
        for (var resource = 0; resource < places.Length; resource++)
        {
            if (!nodes[node].MayBeActive[resource] || !handsOff[node].Restrains(resource, node)) continue;
            coverage.Reach(handsOff[node].Since(resource, node, watched: true) >= 0
                ? CoverageMark.RunsInMaintenance : CoverageMark.RunsUnmanaged);
        }
    }

    /// <summary>What one node knows of who may touch what where.</summary>
    private sealed class HandsOff
    {
        private long[] maintained = [];
        private long[] untouched = [];
        private bool[] gone = [];
        private int nodes;

        public ConfigurationDocument? Document { get; private set; }

        public Core.Transitions.ClusterIntents? Intents { get; private set; }

        public bool[] Standby { get; private set; } = new bool[SimulatedWorld.MaxNodes];

        /// <summary>Whether anything at all is not as usual.</summary>
        public bool Any { get; set; }

        public void Begin(KeptState state, int resources, int all)
        {
            (Document, Intents, Any, nodes) = (state.Document, state.Intents, false, all);
            if (maintained.Length > 0) return;
            maintained = [.. Enumerable.Repeat(-1L, resources * all)];
            untouched = [.. maintained];
            gone = new bool[resources];
        }

        public void Set(int resource, int node, long now, bool isMaintained, bool isUnmanaged, bool gone)
        {
            ref var first = ref maintained[(resource * nodes) + node];
            first = !isMaintained ? -1 : first < 0 ? now : first;
            ref var second = ref untouched[(resource * nodes) + node];
            second = !isMaintained && !isUnmanaged ? -1 : second < 0 ? now : second;
            this.gone[resource] = gone;
            Any |= isMaintained || isUnmanaged || gone;
        }

        /// <summary>Since when, world time; -1: it may be touched.</summary>
        public long Since(int resource, int node, bool watched) => maintained.Length == 0 ? -1
            : (watched ? maintained : untouched)[(resource * nodes) + node];

        public bool IsGone(int resource) => gone.Length > 0 && gone[resource];

        public bool Restrains(int resource, int node)
        {
            if (IsGone(resource)) return true;
            for (var other = 0; other < nodes; other++)
            {
                if (untouched[(resource * nodes) + other] >= 0) return true;
            }

            return false;
        }
    }
}
