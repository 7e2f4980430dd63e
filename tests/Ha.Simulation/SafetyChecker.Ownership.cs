using Ha.Core.Contracts;

namespace Ha.Simulation;

/// <summary>
/// Two owners. In classic mode (haresources, no fencing) they cannot be excluded while nodes cannot hear each other: to
/// one side a dead peer and a cut wire look the same (RELIABILITY.md 1.4). So a second owner may appear only where the
/// starting node really did not hear, or was really not heard by, the other for the dead time of its own running time; and
/// it must be gone soon after the nodes hear each other again. Everything else is a violation of S1.
/// </summary>
public sealed partial class SafetyChecker
{
    private readonly Overlap[] overlaps;

    /// <summary>
    /// How long two owners may go on once all agents hear each other and while neither is busy with the group: the
    /// time to notice (heartbeats), to exchange reports and to agree on a view.
    /// </summary>
    public long ResolveIdleLimit => Micros.From(profile.Deadtime) + (10 * Micros.From(profile.Keepalive));

    /// <summary>The same including the operations themselves.</summary>
    public long ResolveLimit => ResolveIdleLimit + (2 * Micros.From(profile.SumOfTimeouts));

    /// <summary>Looks at what lasts. Call it every <paramref name="tick"/> microseconds.</summary>
    public void Inspect(long now, long tick)
    {
        var settled = hearing.IsSettled(now);
        for (var group = 0; group < profile.Groups.Length; group++) InspectGroup(now, tick, group, settled);
    }

    private void InspectGroup(long now, long tick, int group, bool settled)
    {
        ref var overlap = ref overlaps[group];
        if (!HasTwoOwners(group, out var first, out var second))
        {
            if (overlap.Seen) coverage.Reach(CoverageMark.DualOwnerResolved);
            overlap = default;
            return;
        }

        if (!overlap.Seen) coverage.Reach(CoverageMark.DualOwner);
        overlap.Seen = true;
        if (!settled || !nodes[first].Alive || !nodes[second].Alive || profile.Lies)
        {
            overlap.Idle = overlap.Total = 0;
            return;
        }

        if (IsUnresolved(group, first) || IsUnresolved(group, second)) return;
        overlap.Total += tick;
        if (!IsBusy(group, first) && !IsBusy(group, second)) overlap.Idle += tick;
        coverage.Overlapped(overlap.Idle);
        if (overlap.Idle <= ResolveIdleLimit && overlap.Total <= ResolveLimit) return;
        Fail("S1 overlap does not end", now,
            $"{profile.Groups[group].Id} may be active on {Name(first)} and {Name(second)} "
            + $"{overlap.Total / (double)Micros.Second:0.0} s after all agents hear each other");
    }

    private bool HasTwoOwners(int group, out int first, out int second)
    {
        for (var resource = 0; resource < places.Length; resource++)
        {
            if (places[resource].Group != group) continue;
            first = -1;
            for (var node = 0; node < nodes.Length; node++)
            {
                if (!nodes[node].MayBeActive[resource]) continue;
                second = node;
                if (first >= 0) return true;
                first = node;
            }
        }

        first = second = -1;
        return false;
    }

    private bool IsUnresolved(int group, int node)
    {
        for (var resource = 0; resource < places.Length; resource++)
        {
            if (places[resource].Group == group && nodes[node].Unresolved[resource]) return true;
        }

        return false;
    }

    private bool IsBusy(int group, int node)
    {
        for (var resource = 0; resource < places.Length; resource++)
        {
            if (places[resource].Group == group && nodes[node].UnderWay[resource] is not null) return true;
        }

        return false;
    }

    private void StartAsked(long now, int node, int resource)
    {
        var books = nodes[node];
        var place = places[resource];
        if (!books.Probed[resource])
            Fail("S2 probe first", now, $"{Name(node)} starts {place.Id} before a probe of it answered in this life");
        CheckPeersWereAwaited(now, node, place);
        CheckStartOrder(now, node, resource);
        if (!profile.Lies && !books.MayBeActive[resource]) CheckNoOtherOwner(now, node, resource);
        books.MayBeActive[resource] = true;
        books.GivesUp = false;
    }

    private void CheckPeersWereAwaited(long now, int node, Place place)
    {
        var initdead = Micros.From(profile.Initdead);
        var waited = hearing.RunningTime(now, node);
        if (waited >= initdead - (initdead / 900) - (2 * Micros.Millisecond)) return;
        for (var other = 0; other < nodes.Length; other++)
        {
            if (other == node || hearing.HeardInThisLife(node, other)) continue;
            // A third node that knows better may have ordered it.
            if (nodes.Length > 2) return;
            Fail("S2 initdead", now,
                $"{Name(node)} starts {place.Id} {waited / (double)Micros.Second:0.000} s after its own start without "
                + $"having heard {Name(other)}, before initdead {profile.Initdead.TotalSeconds} s");
        }
    }

    private void CheckNoOtherOwner(long now, int node, int resource)
    {
        for (var other = 0; other < nodes.Length; other++)
        {
            if (other == node || !nodes[other].MayBeActive[resource]) continue;
            var excused = nodes.Length == 2
                ? hearing.MayHoldForLost(now, node, other)
                : hearing.AnyoneMayHoldForLost(now);
            if (excused) continue;
            Fail("S1 two owners", now,
                $"{Name(node)} starts {places[resource].Id} while it may be active on {Name(other)}, though they hear each other");
        }
    }

    private void CheckStartOrder(long now, int node, int resource)
    {
        for (var earlier = places[resource].FirstOfGroup; earlier < resource; earlier++)
        {
            if (nodes[node].Known[earlier] == KnownState.Running && nodes[node].UnderWay[earlier] != OperationKind.Stop)
                continue;
            Fail("S8 group order", now,
                $"{Name(node)} starts {places[resource].Id} before {places[earlier].Id} of the same group runs there");
        }
    }

    private void CheckStopOrder(long now, int node, int resource)
    {
        var group = places[resource].Group;
        // A node that gives everything up lets go of its addresses first, so that nobody is led there any more.
        if (places[resource].IsVip && nodes[node].GivesUp) return;
        for (var later = resource + 1; later < places.Length && places[later].Group == group; later++)
        {
            if (nodes[node].Known[later] != KnownState.Running && nodes[node].UnderWay[later] != OperationKind.Start)
                continue;
            Fail("S8 group order", now,
                $"{Name(node)} stops {places[resource].Id} before {places[later].Id} of the same group is stopped there");
        }
    }

    private void CheckAnnounce(long now, int node, int resource)
    {
        if (places[resource].IsVip && nodes[node].MayBeActive[resource]) return;
        Fail("S17 announce", now, $"{Name(node)} announces {places[resource].Id}, which is not its to announce");
    }

    private struct Overlap
    {
        public bool Seen;
        public long Idle;
        public long Total;
    }
}
