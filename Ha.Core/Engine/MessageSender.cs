using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// Everything that leaves this node as a packet: adds Heartbeat's control fields in its order (PROTOCOL.md section 4),
/// numbers, signs and remembers messages, and knows when each status was sent, so that an echo can be dated.
/// </summary>
internal sealed class MessageSender
{
    private const int RememberedStatuses = 256;

    private readonly EngineOptions options;
    private readonly byte[] name;
    private readonly ulong allMedia;
    private readonly (ulong Sequence, MonotonicTime At)[] statuses = new (ulong, MonotonicTime)[RememberedStatuses];
    private readonly byte[] load = new byte[64];
    private int loadLength;

    public MessageSender(EngineOptions options)
    {
        this.options = options;
        name = System.Text.Encoding.UTF8.GetBytes(options.LocalNode);
        allMedia = options.Media.Length >= 64 ? ulong.MaxValue : (1UL << options.Media.Length) - 1;
        Encoder = new MessageEncoder(options.Keys, options.InnerAuth);
        SetLoad("0.00 0.00 0.00 1/1 1"u8);
    }

    /// <summary>The encoder: own fields are added between <see cref="Begin"/> and a Send.</summary>
    public MessageEncoder Encoder { get; }

    /// <summary>Messages that can be sent again.</summary>
    public SentHistory History { get; } = new();

    /// <summary>Number of the last sequenced message.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>Takes the load average for the <c>ld</c> field.</summary>
    public void SetLoad(ReadOnlySpan<byte> text)
    {
        loadLength = Math.Min(text.Length, load.Length);
        text[..loadLength].CopyTo(load);
    }

    /// <summary>Begins a message.</summary>
    public void Begin(ReadOnlySpan<byte> type)
    {
        Encoder.Begin();
        Encoder.Add(FieldNames.Type, type);
    }

    /// <summary>Ends a message to all, or to one node, gives it a number and sends it over all media.</summary>
    public void Send(ClusterTime now, EffectList effects, Peer? to = null)
    {
        LastSequence++;
        AddControlFields(now, to, sequenced: true);
        var datagram = Encoder.Finish();
        History.Record(LastSequence, datagram);
        effects.AddDatagram(allMedia, datagram);
    }

    /// <summary>Ends a status, which is a message to all whose time of sending is remembered.</summary>
    public void SendStatus(ClusterTime now, EffectList effects)
    {
        Send(now, effects);
        statuses[LastSequence % RememberedStatuses] = (LastSequence, now.Monotonic);
    }

    /// <summary>Ends a message outside the sequence (types that begin with NS_).</summary>
    public void SendUnsequenced(ClusterTime now, EffectList effects, Peer to)
    {
        AddControlFields(now, to, sequenced: false);
        effects.AddDatagram(allMedia, Encoder.Finish());
    }

    /// <summary>Sends a remembered message again, unchanged.</summary>
    public void Repeat(ReadOnlyMemory<byte> datagram, EffectList effects) =>
        effects.AddDatagram(allMedia, datagram.Span);

    /// <summary>When the status of a number was sent; false when it is not remembered.</summary>
    public bool TrySentAt(ulong sequence, out MonotonicTime at)
    {
        (var remembered, at) = statuses[sequence % RememberedStatuses];
        return remembered == sequence && sequence > 0;
    }

    private void AddControlFields(ClusterTime now, Peer? to, bool sequenced)
    {
        if (to is not null)
        {
            Encoder.Add(FieldNames.Destination, to.NameUtf8);
            if (to.Uuid != Guid.Empty) Encoder.AddUuid(FieldNames.DestinationUuid, to.Uuid);
        }

        Encoder.Add(FieldNames.Source, name);
        Encoder.AddUuid(FieldNames.SourceUuid, options.Uuid);
        if (sequenced) Encoder.AddHex(FieldNames.Sequence, LastSequence);
        Encoder.AddHex(FieldNames.Generation, options.Generation);
        Encoder.AddHex(FieldNames.Timestamp, (ulong)Math.Max(1, now.UnixMilliseconds / 1000));
        if (sequenced) Encoder.Add(FieldNames.Load, load.AsSpan(0, loadLength));
        Encoder.AddDecimal(FieldNames.TimeToLive, options.HopFudge + options.Nodes.Length);
    }
}
