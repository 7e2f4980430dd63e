using Ha.Core.Contracts;

namespace Ha.Simulation;

/// <summary>
/// Two owners. In classic mode (haresources, no fencing) they cannot be excluded while nodes cannot hear each other:
/// to one side a dead peer and a cut wire look the same (RELIABILITY.md 1.4). So a second owner may appear only where
/// the starting node really did not hear, or was really not heard by, the other for the dead time of its own running
/// time; and it must be gone soon after the nodes hear each other again. Everything else is a violation of S1.
/// </summary>
public sealed partial class SafetyChecker
{
    private readonly Overlap[] overlaps;
    private readonly int[] lastOwner;
    private readonly long[] outages;
    private long lastLifeChange;

    /// <summary>
    /// How long two owners may go on once all agents hear each other, the network is in order and neither is busy with
    /// the group: the time to exchange reports and to agree on a view.
    /// </summary>
    public long ResolveLimit => Micros.Second + (2 * Micros.From(profile.Keepalive));

    /// <summary>The same while packets are lost, late or damaged: many repetitions may be needed.</summary>
    public long NoisyResolveLimit => (4 * Micros.From(profile.Deadtime)) + (10 * Micros.From(profile.Keepalive));

    /// <summary>The same including the operations themselves.</summary>
    public long BusyResolveLimit => NoisyResolveLimit + (2 * Micros.From(profile.SumOfTimeouts));

    /// <summary>How long nobody may run a group without a reason.</summary>
    public long OutageLimit => (4 * Micros.From(profile.Keepalive)) + (2 * Micros.Second);

    /// <summary>Whether an operator has asked for a standby since all nodes were last set online.</summary>
    public bool StandbyAsked { get; set; }

    /// <summary>Looks at what lasts.</summary>
    /// <param name="now">World time.</param>
    /// <param name="tick">Time since the last look, in microseconds.</param>
    /// <param name="quiet">Whether no fault acts on the network.</param>
    /// <param name="mute">Whether nodes hear each other, but long messages do not get through.</param>
    public void Inspect(long now, long tick, bool quiet, bool mute = false)
    {
        // As long as a node that is gone is not judged dead, the others may wait for it before they agree on anything.
        var settled = hearing.IsSettled(now) && !mute && AllAbsentAreMissed(now);
        NoteMeetings(now);
        InspectMinorities(now);
        InspectConfigurations(now, tick, settled);
        InspectConfirmations(now);
        for (var node = 0; node < nodes.Length; node++) MarkHandsOff(node);
        for (var group = 0; group < profile.Groups.Length; group++) InspectGroup(now, tick, group, settled, quiet);
    }

    private void InspectGroup(long now, long tick, int group, bool settled, bool quiet)
    {
        ref var overlap = ref overlaps[group];
        if (!HasTwoOwners(group, out var first, out var second))
        {
            if (overlap.Seen) coverage.Reach(CoverageMark.DualOwnerResolved);
            overlap = default;
            InspectOutage(now, tick, group, settled && quiet && first < 0);
            return;
        }

        outages[group] = 0;

        if (!overlap.Seen) coverage.Reach(CoverageMark.DualOwner);
        overlap.Seen = true;
        if (!settled || !nodes[first].Alive || !nodes[second].Alive || profile.Lies || IsLeftAlone(group)
            || IsDivided)
        {
            overlap = new Overlap { Seen = true };
            return;
        }

        if (IsUnresolved(group, first) || IsUnresolved(group, second)) return;
        overlap.Total += tick;
        overlap.Quiet = quiet ? overlap.Quiet : 0;
        // No view is agreed on before everyone in it has looked at what it runs.
        if (!Enumerable.Range(0, nodes.Length).Any(IsBusy))
        {
            overlap.Idle += tick;
            overlap.Quiet += quiet ? tick : 0;
        }

        coverage.Overlapped(overlap.Quiet, now);
        var inTime = overlap.Quiet <= ResolveLimit && overlap.Idle <= NoisyResolveLimit
            && overlap.Total <= BusyResolveLimit;
        if (inTime) return;
        Fail("S1 overlap does not end", now,
            $"{profile.Groups[group].Id} may be active on {Name(first)} and {Name(second)} "
            + $"{overlap.Total / (double)Micros.Second:0.0} s after all agents hear each other");
    }

    /// <summary>
    /// A group that nobody runs, though nothing keeps the cluster from it: all agents hear each other, those that are
    /// gone have been gone for longer than deadtime, nothing failed, and no operator has put a node in standby.
    /// </summary>
    private void InspectOutage(long now, long tick, int group, bool nobody)
    {
        var detection = Micros.From(profile.Initdead) + (4 * Micros.From(profile.Keepalive));
        // Where a lost node must be fenced, or must have fenced itself, its group may run nowhere until it is back.
        var waits = profile.Mode != SafetyMode.Classic && (nodes.Any(node => !node.Alive)
            || fenceCalls.Exists(call => call.UnderWay));
        var excused = !nobody || waits || profile.Lies || FailedSinceCleanup[group] || StandbyAsked
            || IsLeftAlone(group) || IsDivided
            || now - lastLifeChange < detection || Enumerable.Range(0, nodes.Length).Any(IsBusy)
            || nodes.All(node => !node.Alive || node.ShutdownAsked);
        outages[group] = excused ? 0 : outages[group] + tick;
        coverage.WasOut(outages[group], now);
        if (outages[group] <= OutageLimit) return;
        Fail("L1 outage", now, $"{profile.Groups[group].Id} has run nowhere for "
            + $"{outages[group] / (double)Micros.Second:0.0} s, though all agents hear each other and nothing failed");
    }

    private bool AllAbsentAreMissed(long now)
    {
        for (var absent = 0; absent < nodes.Length; absent++)
        {
            for (var node = 0; !nodes[absent].Alive && node < nodes.Length; node++)
            {
                if (!nodes[node].Alive) continue;
                if (!hearing.SilentNow(now, node, absent) || hearing.IsMisled(now, node, absent)) return false;
                // Whom it has never heard it waits for longer.
                if (!hearing.HeardInThisLife(node, absent) && hearing.RunningTime(now, node)
                    < Micros.From(profile.Initdead) + Micros.From(profile.Keepalive)) return false;
            }
        }

        return true;
    }

    private bool HasTwoOwners(int group, out int first, out int second)
    {
        var any = -1;
        for (var resource = 0; resource < places.Length; resource++)
        {
            if (places[resource].Group != group) continue;
            first = -1;
            for (var node = 0; node < nodes.Length; node++)
            {
                if (!nodes[node].MayBeActive[resource]) continue;
                second = any = node;
                if (first >= 0) return true;
                first = node;
            }
        }

        first = any;
        second = -1;
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

    // With whatever group: a node that probes or gives up what it has does nothing else before it is through.
    private bool IsBusy(int node)
    {
        foreach (var kind in nodes[node].UnderWay)
        {
            if (kind is not null) return true;
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
        CheckNoConflict(now, node, resource);
        CheckStartOrder(now, node, resource);
        if (place.Position == 0) NoteOwner(now, node, place.Group);
        CheckMajority(now, node, resource);
        if (!profile.Lies && profile.Mode == SafetyMode.Fencing) CheckFencedBefore(now, node, resource);
        if (!profile.Lies && !books.MayBeActive[resource]) CheckNoOtherOwner(now, node, resource);
        books.MayBeActive[resource] = true;
        books.GivesUp = false;
    }

    private void NoteOwner(long now, int node, int group)
    {
        var last = lastOwner[group];
        lastOwner[group] = node;
        if (Enumerable.Range(0, nodes.Length).All(other => other == node || !hearing.HeardInThisLife(node, other)))
            coverage.Reach(CoverageMark.StartedAlone);
        if (last < 0 || last == node || !nodes[last].Alive || hearing.MayHoldForLost(now, node, last)) return;
        coverage.Reach(CoverageMark.GroupMoved);
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
            var excused = profile.ExcludesTwoOwners ? false : nodes.Length == 2
                ? hearing.MayHoldForLost(now, node, other)
                : hearing.AnyoneMayHoldForLost(now);
            if (excused || IsKeptUnknownTo(now, node, other, resource)) continue;
            // A failed stop blocks, whoever knows of it.
            var rule = nodes[other].StopFailedSince >= 0 && nodes[other].Unresolved[resource]
                ? "S10 stop failure blocks" : "S1 two owners";
            Fail(rule, now,
                $"{Name(node)} starts {places[resource].Id} while it may be active on {Name(other)}"
                + (profile.ExcludesTwoOwners ? "" : ", though they hear each other"));
        }
    }

    private void CheckStartOrder(long now, int node, int resource)
    {
        if (IsLeftAlone(places[resource].Group)) return;
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
        // A node that gives everything up, or has a surplus copy, lets go of its addresses first, so that nobody is led
        // there any more.
        if (places[resource].IsVip && (nodes[node].GivesUp || RunsElsewhere(now, node, resource))) return;
        // What was begun like that is tried again until it ends.
        if (places[resource].IsVip && nodes[node].Unresolved[resource]) return;
        // What is no longer configured has no group any more; what nobody may stop is passed over.
        if (IsLeftAlone(group)) return;
        for (var later = resource + 1; later < places.Length && places[later].Group == group; later++)
        {
            if (nodes[node].Known[later] != KnownState.Running && nodes[node].UnderWay[later] != OperationKind.Start)
                continue;
            Fail("S8 group order", now,
                $"{Name(node)} stops {places[resource].Id} before {places[later].Id} of the same group "
                + "is stopped there");
        }
    }

    // Or did until just now: whoever ordered the stop had not heard of its end.
    private bool RunsElsewhere(long now, int node, int resource)
    {
        var unheardOf = Micros.From(profile.Deadtime);
        for (var other = 0; other < nodes.Length; other++)
        {
            if (other == node) continue;
            var goneAt = nodes[other].GoneAt[resource];
            if (nodes[other].MayBeActive[resource] || (goneAt > 0 && now - goneAt <= unheardOf)) return true;
        }

        return false;
    }

    private void CheckAnnounce(long now, int node, int resource)
    {
        if (places[resource].IsVip && nodes[node].MayBeActive[resource]) return;
        Fail("S17 announce", now, $"{Name(node)} announces {places[resource].Id}, which is not its to announce");
    }

    private struct Overlap
    {
        public bool Seen;
        public long Quiet;
        public long Idle;
        public long Total;
    }
}
