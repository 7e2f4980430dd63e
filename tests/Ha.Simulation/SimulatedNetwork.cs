using System.Buffers.Text;
using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>
/// All directed links of the cluster, one per (sender, receiver, medium). Each has its own random stream, so that a
/// fault on one does not change what another draws. Faults that overlap add up: a link is as bad as its worst active
/// fault.
/// </summary>
public sealed class SimulatedNetwork
{
    /// <summary>Earlier packets that an intruder may remember, per sender.</summary>
    private const int RememberedPackets = 256;

    private readonly SimulationProfile profile;
    private readonly EventQueue queue;
    private readonly Coverage coverage;
    private readonly NetworkLink[] links;
    private readonly List<Fault> active = [];
    private readonly PacketPool pool = new();
    private readonly Packet?[][] history;
    private readonly int[] remembered;
    private readonly SplitMix64 intruder;
    private readonly bool remember;

    /// <summary>Builds a healthy network.</summary>
    /// <param name="profile">The cluster.</param>
    /// <param name="random">The network's own stream.</param>
    /// <param name="queue">Receives the deliveries.</param>
    /// <param name="coverage">Told what was reached.</param>
    /// <param name="remember">Whether earlier packets are kept for <see cref="FaultKind.Replay"/>.</param>
    public SimulatedNetwork(
        SimulationProfile profile, SplitMix64 random, EventQueue queue, Coverage coverage, bool remember)
    {
        this.profile = profile;
        this.queue = queue;
        this.coverage = coverage;
        this.remember = remember;
        links = new NetworkLink[profile.Nodes * profile.Nodes * profile.Media];
        for (var link = 0; link < links.Length; link++)
        {
            var own = random.Split();
            links[link] = new NetworkLink(own, minimum: own.Next(50, 400), mean: own.Next(50, 800));
        }

        intruder = random.Split();
        history = new Packet?[profile.Nodes][];
        remembered = new int[profile.Nodes];
        for (var node = 0; node < profile.Nodes; node++) history[node] = new Packet?[RememberedPackets];
    }

    /// <summary>Sends a datagram to every other node over the media of the mask.</summary>
    /// <param name="now">World time.</param>
    /// <param name="from">Sending node.</param>
    /// <param name="generation">Its life.</param>
    /// <param name="mask">Bit i: medium i.</param>
    /// <param name="datagram">The payload; copied.</param>
    /// <param name="otherKey">Whether its sender runs with another key than the cluster.</param>
    public void Send(
        long now, int from, uint generation, ulong mask, ReadOnlySpan<byte> datagram, bool otherKey = false)
    {
        var packet = pool.Take(datagram.Length);
        datagram.CopyTo(packet.Data);
        packet.From = from;
        packet.Generation = generation;
        packet.IsStatus = datagram.IndexOf("(0)t=status,"u8) >= 0;
        packet.Sequence = packet.IsStatus ? SequenceOf(datagram) : 0;
        packet.References = 1;
        packet.OtherKey = otherKey;
        for (var medium = 0; medium < profile.Media; medium++)
        {
            if ((mask & (1UL << medium)) == 0) continue;
            for (var to = 0; to < profile.Nodes; to++)
            {
                if (to != from || (profile.Loopback && medium == profile.Media - 1)) Carry(now, packet, to, medium);
            }
        }

        if (remember) Remember(packet);
        pool.Release(packet);
    }

    /// <summary>Gives a delivered packet back.</summary>
    public void Release(Packet packet) => pool.Release(packet);

    /// <summary>A fault of the network begins. Others are ignored.</summary>
    public void Begin(long now, Fault fault)
    {
        if (fault.Kind == FaultKind.Replay) ScheduleReplays(now, fault);
        else if (fault.Kind == FaultKind.Garbage) ScheduleGarbage(now, fault);
        else if (fault.Kind == FaultKind.ForeignCluster) ScheduleForeigners(now, fault);
        if (!IsLinkFault(fault.Kind)) return;
        active.Add(fault);
        Recompute();
    }

    /// <summary>A fault of the network ends.</summary>
    public void End(Fault fault)
    {
        if (active.Remove(fault)) Recompute();
    }

    /// <summary>Whether no fault acts on any link.</summary>
    public bool IsQuiet => active.Count == 0;

    /// <summary>
    /// Whether long messages get through somewhere where short ones do not: nodes hear each other and learn nothing.
    /// </summary>
    public bool LosesLarge
    {
        get
        {
            foreach (var fault in active)
            {
                if (fault.Kind == FaultKind.LargeLost) return true;
            }

            return false;
        }
    }

    /// <summary>Whether a link carries nothing now.</summary>
    public bool IsCut(int from, int to, int medium) => links[Index(from, to, medium)].Cut;

    private static ulong SequenceOf(ReadOnlySpan<byte> datagram)
    {
        var at = datagram.IndexOf("(0)seq="u8);
        return at >= 0 && Utf8Parser.TryParse(datagram[(at + 7)..], out ulong sequence, out _, 'x') ? sequence : 0;
    }

    private void Carry(long now, Packet packet, int to, int medium)
    {
        var link = links[Index(packet.From, to, medium)];
        if (link.Cut) return;
        var random = link.Random;
        if (packet.Length > link.Largest)
        {
            coverage.Reach(CoverageMark.LargePacketLost);
            return;
        }

        if (link.Loss > 0 && random.Chance(link.Loss, 1000)) return;
        if (link.LongestBurst > 0 && link.IsInBurst(now))
        {
            coverage.Reach(CoverageMark.BurstLost);
            return;
        }

        var carried = packet;
        if (link.Corruption > 0 && random.Chance(link.Corruption, 1000)) carried = Corrupt(packet, random);
        if (link.Truncation > 0 && random.Chance(link.Truncation, 1000)) carried = Truncate(carried, random);
        var at = now + Latency(link);
        if (link.CloggedUntil > now)
        {
            coverage.Reach(CoverageMark.PacketClogged);
            at = Math.Max(at, link.CloggedUntil + random.Next(0, 20_000));
        }

        Deliver(at, to, medium, carried);
        if (link.Duplication > 0 && random.Chance(link.Duplication, 1000))
        {
            coverage.Reach(CoverageMark.PacketDuplicated);
            Deliver(now + Latency(link), to, medium, carried);
        }
    }

    private void Deliver(long at, int to, int medium, Packet packet)
    {
        packet.References++;
        queue.Schedule(at, WorldEventKind.Deliver, to, medium, packet);
    }

    private static long Latency(NetworkLink link)
    {
        var random = link.Random;
        // Mean plus a tail that halves in likelihood with each further mean.
        var drawn = random.Next();
        var tail = Math.Min(System.Numerics.BitOperations.TrailingZeroCount(drawn), 8);
        long latency = link.Minimum + ((long)(drawn >> 44) * link.Mean >> 20) + (tail * link.Mean / 2);
        if (link.Reordering > 0 && random.Chance(link.Reordering, 1000)) latency += random.Next(1_000, 1_500_000);
        if (link.Delay > 0) latency += random.Next(0, link.Delay) * Micros.Millisecond;
        return latency;
    }

    private Packet Corrupt(Packet packet, SplitMix64 random)
    {
        coverage.Reach(CoverageMark.PacketCorrupted);
        var corrupted = pool.Copy(packet);
        corrupted.Intact = false;
        corrupted.IsStatus = false;
        if (corrupted.Length > 0 && random.Chance(1, 8)) corrupted.Length = random.Next(0, corrupted.Length);
        for (var flips = random.Next(1, 5); flips > 0 && corrupted.Length > 0; flips--)
            corrupted.Data[random.Next(0, corrupted.Length)] ^= (byte)(1 << random.Next(0, 8));
        return corrupted;
    }

    private Packet Truncate(Packet packet, SplitMix64 random)
    {
        coverage.Reach(CoverageMark.PacketTruncated);
        var shorter = pool.Copy(packet);
        shorter.Intact = false;
        shorter.IsStatus = false;
        shorter.Length = random.Next(0, Math.Max(1, packet.Length));
        return shorter;
    }

    private void Remember(Packet packet)
    {
        // The first packet of each life, then a sample of what follows.
        var ring = history[packet.From];
        ref var kept = ref remembered[packet.From];
        if (kept > 0 && ring[(kept - 1) % RememberedPackets]!.Generation == packet.Generation && !intruder.Chance(1, 5))
            return;
        var copy = pool.Copy(packet);
        copy.References = 1;
        copy.Replayed = true;
        ref var place = ref ring[kept++ % RememberedPackets];
        if (place is { } oldest) pool.Release(oldest);
        place = copy;
    }

    private void ScheduleReplays(long now, Fault fault)
    {
        for (var number = 0; number < fault.Amount; number++)
        {
            var from = intruder.Next(0, profile.Nodes);
            var chosen = intruder.Next(0, Math.Clamp(remembered[from], 1, RememberedPackets));
            var at = now + (intruder.Next(0, 1000) * (fault.Duration / 1000));
            var to = intruder.Next(0, profile.Nodes);
            var medium = intruder.Next(0, profile.Media);
            if (history[from][chosen] is { } packet && to != from) Deliver(at, to, medium, pool.Copy(packet));
        }
    }

    private void ScheduleGarbage(long now, Fault fault)
    {
        int[] lengths = [0, 1, 3, 4, 20, 200, 700, 1472, 65_507];
        for (var number = 0; number < fault.Amount; number++)
        {
            var packet = pool.Take(lengths[intruder.Next(0, lengths.Length)]);
            packet.From = -1;
            packet.Intact = false;
            for (var i = 0; i < packet.Length; i++) packet.Data[i] = (byte)((i * 31) + number);
            if (packet.Length > 20) "###\n99999999999999999999:(0)t=status,"u8[..20].CopyTo(packet.Data);
            Deliver(
                now + (intruder.Next(0, 1000) * (fault.Duration / 1000)),
                intruder.Next(0, profile.Nodes), intruder.Next(0, profile.Media), packet);
        }
    }

    // The same names and the same port, but not our key: what its packets say is nobody's business here.
    private void ScheduleForeigners(long now, Fault fault)
    {
        var encoder = new MessageEncoder(profile.ForeignKeys(), profile.InnerAuth);
        for (var number = 0; number < fault.Amount; number++)
        {
            encoder.Begin();
            encoder.Add(FieldNames.Type, MessageTypes.Status);
            encoder.Add(FieldNames.Source, SimulationProfile.NodeName(intruder.Next(0, profile.Nodes)));
            encoder.AddHex(FieldNames.Sequence, (ulong)intruder.Next(1, 100_000));
            encoder.AddHex(FieldNames.Generation, (ulong)intruder.Next(1, 100_000));
            encoder.AddHex(FieldNames.Timestamp, 1);
            encoder.Add(FieldNames.Status, "active"u8);
            var datagram = encoder.Finish();
            var packet = pool.Take(datagram.Length);
            datagram.CopyTo(packet.Data);
            packet.From = -1;
            packet.Intact = false;
            Deliver(
                now + (intruder.Next(0, 1000) * (fault.Duration / 1000)),
                intruder.Next(0, profile.Nodes), intruder.Next(0, profile.Media), packet);
        }

        coverage.Reach(CoverageMark.ForeignClusterHeard);
    }

    private void Recompute()
    {
        foreach (var link in links) link.Heal();
        foreach (var fault in active)
        {
            for (var index = 0; index < links.Length; index++)
            {
                var medium = index % profile.Media;
                var to = index / profile.Media % profile.Nodes;
                var from = index / profile.Media / profile.Nodes;
                if (Concerns(fault, from, to, medium)) links[index].Apply(fault);
            }
        }
    }

    private static bool Concerns(Fault fault, int from, int to, int medium)
    {
        if (fault.Medium >= 0 && fault.Medium != medium) return false;
        if (from == to) return fault.Kind is FaultKind.MediumDown or FaultKind.MediumFails && fault.Node == from;
        return fault.Kind switch
        {
            FaultKind.CutPair => (from == fault.Node && to == fault.Peer) || (from == fault.Peer && to == fault.Node),
            FaultKind.OneWay => from == fault.Node && (fault.Peer < 0 || to == fault.Peer),
            _ => fault.Node < 0 || from == fault.Node || to == fault.Node,
        };
    }

    private static bool IsLinkFault(FaultKind kind) => kind is FaultKind.Isolate or FaultKind.CutPair
        or FaultKind.OneWay or FaultKind.MediumDown or FaultKind.Loss or FaultKind.Duplication or FaultKind.Reordering
        or FaultKind.Corruption or FaultKind.Delay or FaultKind.MediumFails or FaultKind.Clog or FaultKind.BurstLoss
        or FaultKind.LargeLost or FaultKind.Truncation;

    private int Index(int from, int to, int medium) => (((from * profile.Nodes) + to) * profile.Media) + medium;
}
