using System.Buffers.Text;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Fencing;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// Who is alive: statuses and echoes in, verdicts out. A node is dead when no status of it came in for the deadtime it
/// announced itself; silence that overlaps this node's own pauses does not count (RELIABILITY.md 4.6).
/// </summary>
public sealed partial class ClusterEngine
{
    private static readonly TimeSpan LongestDeadtime = TimeSpan.FromHours(1);

    private bool greetingDue;

    private MonotonicTime GraceEnd => begunAt + options.Initdead;

    private void HearLink(Peer peer, int medium)
    {
        if (!peer.Links[medium].Heard(now)) return;
        SnapshotVersion++;
        Emit(EventKind.LinkUp, EventSeverity.Info, $"{peer.Name}:{options.Media[medium]}",
            $"link {peer.Name}:{options.Media[medium]} up");
    }

    private void BeginLife(Peer peer, in HeartbeatMessage message, uint generation)
    {
        var restarted = peer.Generation != 0;
        var wasAlive = peer.IsAlive;
        peer.ForgetLife();
        // Whoever was to be fenced is gone: a new life has nothing to be fenced for.
        fenceOrders.Remove(peer.Name);
        peer.Generation = generation;
        peer.LastStatusSequence = 0;
        peer.LastStatus = now.Monotonic;
        if (message.TryGetUuid(FieldNames.SourceUuid, out var uuid)) peer.Uuid = uuid;
        if (restarted)
        {
            Emit(EventKind.NodeRestarted, EventSeverity.Warning, peer.Name, wasAlive
                ? $"{peer.Name} started again (generation {generation}) without having been missed"
                : $"{peer.Name} is back with generation {generation}");
        }

        BecomeJoining(peer, announce: !restarted);
    }

    private void BecomeJoining(Peer peer, bool announce)
    {
        peer.State = NodeState.Joining;
        peer.HeardSince = now.Monotonic;
        peer.Reason = "is starting or joining";
        // The sooner it reads in our echo that we hear it, the sooner it can join.
        greetingDue = true;
        SnapshotVersion++;
        coordinationDue = true;
        if (announce)
            Emit(EventKind.NodeHeard, EventSeverity.Info, peer.Name,
                $"{peer.Name} is heard (generation {peer.Generation})");
    }

    private void ReceiveStatus(Peer peer, in HeartbeatMessage message, bool healed)
    {
        var gap = now.Monotonic - peer.LastStatus;
        // A node that has said good-bye stays on the air for a moment: that is not a return.
        if (peer.State == NodeState.Left) return;
        if (healed)
        {
            peer.ForgetLife();
            Emit(EventKind.PartitionHealed, EventSeverity.Warning, peer.Name,
                $"{peer.Name} is heard again in the same life after {Seconds(gap)}: "
                    + "the network was split, or it did not run");
            BecomeJoining(peer, announce: false);
        }
        else if (peer.State is NodeState.Unknown or NodeState.Dead)
        {
            BecomeJoining(peer, announce: true);
        }
        else if (gap > options.Warntime && peer.LastStatusUnixMs > 0)
        {
            Emit(EventKind.NodeLate, EventSeverity.Warning, peer.Name,
                $"late heartbeat: {peer.Name} was silent for {Milliseconds(gap)} "
                    + $"(warntime {Milliseconds(options.Warntime)})");
        }

        NoteHeardAgain(peer);
        peer.LastStatus = now.Monotonic;
        peer.LastStatusUnixMs = now.UnixMilliseconds;
        var heardUs = peer.HearsUs(options.Deadtime);
        ReadStatus(peer, message);
        fencer.Hear(peer.Name, peer.Generation, RanAt(peer));
        Reconsider(peer);
        if (peer.State == NodeState.Joining && peer.Product == NodeProduct.HaAppliance) HastenJoining(peer, heardUs);
    }

    // Whoever echoes a status of ours ran when that was sent. Who echoes nothing, because he cannot or has been deaf for a
    // whole deadtime, is believed but for what may have been under way.
    private MonotonicTime RanAt(Peer peer) => peer.Product == NodeProduct.Heartbeat || IsDeaf(peer)
        ? now.Monotonic - Fencer.InFlight : peer.EchoedSend;

    // What waited on the way while a cut lasted comes in old: our echo of it proves nothing. Until a joining peer can
    // read in our status that we hear it now, and tells us the same, statuses go out four times as often. Whoever
    // learns that it is heard says so at once: only now it accepts a proposal, which then comes again.
    private void HastenJoining(Peer peer, bool heardUs)
    {
        if (!peer.HearsUs(options.Deadtime))
            nextStatus = MonotonicTime.Min(nextStatus, statusSent + QuickStatusPause);
        else if (!heardUs)
            greetingDue = true;
        if (proposal?.Contains(peer.Member) == true && (acknowledgements & Bit(peer.Index)) == 0)
            nextViewMessage = MonotonicTime.Min(nextViewMessage, now.Monotonic + (options.Keepalive / 8));
    }

    private void ReadStatus(Peer peer, in HeartbeatMessage message)
    {
        if (message.TryGetHex(FieldNames.Sequence, out var sequence))
            peer.LastStatusSequence = Math.Max(peer.LastStatusSequence, sequence);
        if (message.TryGetHex(FieldNames.Deadtime, out var deadtime) && deadtime is > 0 and < int.MaxValue)
        {
            var announced = TimeSpan.FromMilliseconds((long)deadtime);
            peer.Deadtime = announced > LongestDeadtime ? LongestDeadtime : announced;
        }

        if (message.TryGet(FieldNames.Status, out var word)
            && ReadStatusWord(word) is var status && status != peer.Status)
        {
            peer.Status = status;
            SnapshotVersion++;
            coordinationDue = true;
            Emit(EventKind.NodeStatus, EventSeverity.Info, peer.Name,
                $"status update for node {peer.Name}: status {status.ToString().ToLowerInvariant()}");
        }

        if (!message.TryGet(ClusterFields.Product, out _))
        {
            peer.Product = NodeProduct.Heartbeat;
            return;
        }

        peer.Product = NodeProduct.HaAppliance;
        if (message.TryGet(ClusterFields.View, out var text) && ViewId.TryParse(text, out var id))
        {
            // Who confirms a view lets the coordinator go on.
            if (peer.AnnouncedView != id) coordinationDue = true;
            peer.AnnouncedView = id;
        }

        if (message.TryGetHex(ClusterFields.Epoch, out var epoch)) highestEpoch = Math.Max(highestEpoch, epoch);
        if (message.TryGetHex(ClusterFields.ReportVersion, out var version)) NoticeReportVersion(peer, (long)version);
        if (message.TryGet(ClusterFields.Echo, out var echo)) ReadEcho(peer, echo);
    }

    // name:generation:sequence[,...]: ours says which of our statuses the peer heard last.
    private void ReadEcho(Peer peer, ReadOnlySpan<byte> echo)
    {
        foreach (var range in echo.Split((byte)','))
        {
            var entry = echo[range];
            if (entry.Length <= localNameUtf8.Length + 1 || !entry.StartsWith(localNameUtf8)
                || entry[localNameUtf8.Length] != (byte)':') continue;
            var rest = entry[(localNameUtf8.Length + 1)..];
            if (!Utf8Parser.TryParse(rest, out uint generation, out var used, 'x') || generation != options.Generation
                || used >= rest.Length || rest[used] != (byte)':'
                || !Utf8Parser.TryParse(rest[(used + 1)..], out ulong sequence, out _, 'x')) return;
            if (sender.TrySentAt(sequence, out var at)) peer.Echo(at);
            return;
        }
    }

    // Membership state follows from what is known; this is the one place that derives it for a node that is heard.
    private void Reconsider(Peer peer)
    {
        var before = peer.State;
        peer.State = peer.Product == NodeProduct.Heartbeat
            ? peer.Status == HeartbeatStatus.Active ? NodeState.Online : NodeState.Joining
            : IsDeaf(peer) ? NodeState.HalfConnected
            : view?.Contains(peer.Member) != true ? NodeState.Joining
            : peer.Report?.Leaving == true ? NodeState.Leaving : NodeState.Online;
        if (peer.State == before) return;
        peer.Reason = peer.State switch
        {
            NodeState.HalfConnected => "is heard but does not hear us: the network works in one direction only",
            NodeState.Joining => "is starting or joining",
            NodeState.Leaving => "is leaving",
            _ => "",
        };
        if (peer.State == NodeState.HalfConnected)
        {
            Emit(EventKind.LinkOneWay, EventSeverity.Error, peer.Name,
                $"{peer.Name} is heard but has not heard us for more "
                    + $"than {Milliseconds(options.Deadtime)}: the network works in one direction only");
        }

        SnapshotVersion++;
        coordinationDue = true;
    }

    // It has our deadtime to hear us, from its first sign of life on or from the last of our statuses that it heard.
    private bool IsDeaf(Peer peer) =>
        !peer.HearsUs(options.Deadtime) && peer.LastStatus - peer.HeardSince > options.Deadtime;

    private void JudgeSilence(Peer peer)
    {
        for (var medium = 0; medium < peer.Links.Length; medium++)
        {
            if (LeadsElsewhere(peer, medium)) continue;
            if (peer.Links[medium].Judge(now.Monotonic, options.Warntime, peer.Deadtime, GraceEnd))
                ReportLink(peer, medium);
        }

        if (peer.State == NodeState.Unknown)
        {
            if (now.Monotonic >= GraceEnd)
                DeclareDead(peer, $"was not heard within {Seconds(options.Initdead)} of the start (initdead)");
        }
        else if (peer.IsAlive && now.Monotonic > DeathOf(peer))
        {
            var silence = now.Monotonic - peer.LastStatus;
            DeclareDead(peer, $"was silent for {Milliseconds(silence)} on {Media(peer)} "
                + $"(deadtime {Milliseconds(peer.Deadtime)})");
        }
        else if (peer.IsAlive)
        {
            Reconsider(peer);
        }
    }

    private void ReportLink(Peer peer, int medium)
    {
        SnapshotVersion++;
        if (peer.Links[medium].State != LinkState.Dead) return;
        Emit(EventKind.LinkDead, EventSeverity.Warning, $"{peer.Name}:{options.Media[medium]}",
            $"link {peer.Name}:{options.Media[medium]} dead");
    }

    // Until communication is up, initdead stands in for the deadtime.
    private MonotonicTime DeathOf(Peer peer)
    {
        var death = peer.LastStatus + peer.Deadtime;
        return view is null ? MonotonicTime.Max(death, GraceEnd) : death;
    }

    private void DeclareDead(Peer peer, string evidence)
    {
        peer.State = NodeState.Dead;
        peer.Status = HeartbeatStatus.Dead;
        peer.Reason = evidence;
        peer.ForgetLife();
        peer.Sequence.Reset();
        trigger = $"{peer.Name} is dead: it {evidence}";
        SnapshotVersion++;
        coordinationDue = true;
        Emit(EventKind.NodeDead, EventSeverity.Error, peer.Name, $"node {peer.Name} is dead: it {evidence}");
    }

    private MonotonicTime NextDeadlineOf(Peer peer)
    {
        var next = MonotonicTime.Never;
        for (var medium = 0; medium < peer.Links.Length; medium++)
        {
            if (LeadsElsewhere(peer, medium)) continue;
            next = MonotonicTime.Min(
                next, peer.Links[medium].NextJudgement(options.Warntime, peer.Deadtime, GraceEnd));
        }

        if (!peer.IsAlive) return next;
        next = MonotonicTime.Min(next, peer.Sequence.NextRequest);
        next = MonotonicTime.Min(next, DeathOf(peer) + TimeSpan.FromMicroseconds(1));
        return peer.NextReportRequest != default ? MonotonicTime.Min(next, peer.NextReportRequest) : next;
    }

    private string Media(Peer peer)
    {
        var used = Enumerable.Range(0, peer.Links.Length).Where(medium => !LeadsElsewhere(peer, medium)).ToList();
        return used.Count == 1 ? options.Media[used[0]] : $"all {used.Count} media";
    }

    // A unicast line of ha.cf leads to one node: once that one is heard over it, nobody else is expected there.
    private bool LeadsElsewhere(Peer peer, int medium)
    {
        if (!unicast[medium] || peer.Links[medium].Packets > 0) return false;
        foreach (var other in peers)
        {
            if (other.Links[medium].Packets > 0) return true;
        }

        return false;
    }

    private static string Milliseconds(TimeSpan time) =>
        time.TotalMilliseconds < 10_000 ? $"{time.TotalMilliseconds:0} ms" : Seconds(time);

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.#} s";
}
