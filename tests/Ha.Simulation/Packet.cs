namespace Ha.Simulation;

/// <summary>
/// A datagram on its way. Buffers are pooled, and one packet is shared by all its deliveries: heartbeats of a simulated
/// hour would otherwise be the bulk of all garbage.
/// </summary>
public sealed class Packet
{
    /// <summary>The bytes; only the first <see cref="Length"/> count.</summary>
    public byte[] Data { get; internal set; } = [];

    /// <summary>Payload length.</summary>
    public int Length { get; internal set; }

    /// <summary>The node that sent it; -1 for garbage that no node made.</summary>
    public int From { get; internal set; }

    /// <summary>Generation of the life that sent it.</summary>
    public uint Generation { get; internal set; }

    /// <summary>True for a status message: the only kind that proves its sender alive.</summary>
    public bool IsStatus { get; internal set; }

    /// <summary>Its sequence number, when it is a status.</summary>
    public ulong Sequence { get; internal set; }

    /// <summary>False when bits were flipped, or when it never was a node's packet.</summary>
    public bool Intact { get; internal set; }

    /// <summary>True when it is played again by an intruder.</summary>
    public bool Replayed { get; internal set; }

    /// <summary>True when it is signed with another key than the cluster's.</summary>
    public bool OtherKey { get; internal set; }

    /// <summary>Deliveries still to come.</summary>
    internal int References { get; set; }

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Datagram => Data.AsMemory(0, Length);
}

/// <summary>Unused packets, kept for reuse.</summary>
internal sealed class PacketPool
{
    private const int Kept = 1024;
    private readonly Stack<Packet> free = new(Kept);

    public Packet Take(int length)
    {
        if (!free.TryPop(out var packet)) packet = new Packet();
        if (packet.Data.Length < length) packet.Data = new byte[Math.Max(1024, length)];
        packet.Length = length;
        packet.References = 0;
        packet.Replayed = false;
        packet.Intact = true;
        packet.IsStatus = false;
        packet.OtherKey = false;
        return packet;
    }

    public Packet Copy(Packet original)
    {
        var copy = Take(original.Length);
        original.Datagram.Span.CopyTo(copy.Data);
        copy.From = original.From;
        copy.Generation = original.Generation;
        copy.IsStatus = original.IsStatus;
        copy.Sequence = original.Sequence;
        copy.Intact = original.Intact;
        copy.Replayed = original.Replayed;
        copy.OtherKey = original.OtherKey;
        return copy;
    }

    public void Release(Packet packet)
    {
        if (--packet.References > 0) return;
        // 64 KiB garbage is not worth keeping.
        if (free.Count < Kept && packet.Data.Length <= 4096) free.Push(packet);
    }
}
