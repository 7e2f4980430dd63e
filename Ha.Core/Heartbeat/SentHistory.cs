using Ha.Core.Time;

namespace Ha.Core.Heartbeat;

/// <summary>Whether a message that a peer asks for can be sent again (PROTOCOL.md section 6, "Answer").</summary>
public enum RetransmitAnswer
{
    /// <summary>Send it again, unchanged, over all media.</summary>
    Send,

    /// <summary>It was sent again a moment ago: do nothing.</summary>
    TooSoon,

    /// <summary>It is no longer kept: refuse with <c>seqno too low</c>.</summary>
    TooLow,

    /// <summary>It was never sent: refuse with <c>seqno not found</c>.</summary>
    NotFound,

    /// <summary>Higher than anything sent: do nothing.</summary>
    TooHigh,
}

/// <summary>
/// The sequenced datagrams a node sent last, to be sent again when a peer missed one, and how far each peer has
/// acknowledged them. At most 500 messages and 4 MiB; the oldest go first.
/// </summary>
public sealed class SentHistory
{
    /// <summary>How many messages are kept at most.</summary>
    public const int Capacity = 500;

    /// <summary>Bytes kept at most.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>How many messages one request may ask for; what is beyond is not answered.</summary>
    public const int MaxMessagesPerRequest = 50;

    /// <summary>How many peers are told apart.</summary>
    public const int MaxPeers = 64;

    private const int BufferUnit = 128;
    private const int WastefulFactor = 8;
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(240);

    private readonly Entry[] entries = new Entry[Capacity];
    private readonly ulong[] acknowledged = new ulong[MaxPeers];
    private int bytes;

    /// <summary>Number of the newest message; 0 when there is none.</summary>
    public ulong Highest { get; private set; }

    /// <summary>Number of the oldest message that is kept; 0 when there is none.</summary>
    public ulong Lowest { get; private set; }

    /// <summary>Keeps a copy of a datagram that is sent.</summary>
    /// <param name="sequence">Its sequence number, greater than all before.</param>
    /// <param name="datagram">Its bytes, at most <see cref="MessageDecoder.MaxDatagramLength"/>.</param>
    /// <exception cref="ArgumentException">The number does not grow or the datagram is too long.</exception>
    public void Record(ulong sequence, ReadOnlySpan<byte> datagram)
    {
        if (sequence <= Highest) throw new ArgumentException($"{sequence} after {Highest}", nameof(sequence));
        if (datagram.Length > MessageDecoder.MaxDatagramLength)
            throw new ArgumentException($"a datagram of {datagram.Length} bytes cannot be sent", nameof(datagram));
        Highest = sequence;
        var oldest = sequence < Capacity ? 1 : sequence - Capacity + 1;
        Lowest = Lowest == 0 ? sequence : Math.Max(Lowest, oldest);

        ref var entry = ref entries[sequence % Capacity];
        var buffer = entry.Buffer ?? [];
        if (buffer.Length < datagram.Length || buffer.Length > WastefulFactor * (datagram.Length + BufferUnit))
        {
            bytes -= buffer.Length;
            buffer = new byte[(datagram.Length + BufferUnit - 1) / BufferUnit * BufferUnit];
            bytes += buffer.Length;
        }

        datagram.CopyTo(buffer);
        entry = new() { Sequence = sequence, Buffer = buffer, Length = datagram.Length };
        while (bytes > MaxBytes) DropOldest();
    }

    /// <summary>Finds a message that a peer asks for, and notes that it is sent again.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="now">The time.</param>
    /// <param name="datagram">Its bytes when the answer is Send; valid until it is dropped for newer ones.</param>
    public RetransmitAnswer Find(ulong sequence, MonotonicTime now, out ReadOnlyMemory<byte> datagram)
    {
        datagram = default;
        if (sequence > Highest) return RetransmitAnswer.TooHigh;
        if (sequence < Lowest) return RetransmitAnswer.TooLow;
        ref var entry = ref entries[sequence % Capacity];
        if (sequence == 0 || entry.Sequence != sequence) return RetransmitAnswer.NotFound;
        if (entry.SentAgain is { } before && now < before + Spacing) return RetransmitAnswer.TooSoon;
        entry.SentAgain = now;
        datagram = entry.Buffer.AsMemory(0, entry.Length);
        return RetransmitAnswer.Send;
    }

    /// <summary>A peer has everything up to a number. Older news, and numbers never sent, are ignored.</summary>
    /// <param name="peerIndex">0 up to <see cref="MaxPeers"/> - 1.</param>
    /// <param name="sequence">Its <c>ackseq</c>.</param>
    public void Acknowledged(int peerIndex, ulong sequence)
    {
        if (sequence <= Highest) acknowledged[peerIndex] = Math.Max(acknowledged[peerIndex], sequence);
    }

    /// <summary>Up to where a peer has acknowledged; its requests for these are ignored. 0 when it never did.</summary>
    public ulong AcknowledgedBy(int peerIndex) => acknowledged[peerIndex];

    /// <summary>How many messages the slowest of some peers has not acknowledged; 0 without peers.</summary>
    /// <param name="peers">Bit i set: peer i counts (it is not dead).</param>
    public ulong Unacknowledged(ulong peers)
    {
        var most = 0ul;
        for (var peer = 0; peer < MaxPeers; peer++)
        {
            if ((peers & (1ul << peer)) != 0) most = Math.Max(most, Highest - acknowledged[peer]);
        }

        return most;
    }

    // Never the newest: one datagram is far smaller than the limit. A slot whose number was skipped may still hold the
    // buffer of an older message, which goes as well.
    private void DropOldest()
    {
        ref var entry = ref entries[Lowest++ % Capacity];
        bytes -= entry.Buffer?.Length ?? 0;
        entry = default;
    }

    private record struct Entry
    {
        public ulong Sequence { get; init; }

        public byte[]? Buffer { get; init; }

        public int Length { get; init; }

        public MonotonicTime? SentAgain { get; set; }
    }
}
