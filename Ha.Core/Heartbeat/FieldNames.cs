namespace Ha.Core.Heartbeat;

/// <summary>Names of the fields of Heartbeat's messages (PROTOCOL.md section 4), as bytes.</summary>
public static class FieldNames
{
    /// <summary>Message type.</summary>
    public static ReadOnlySpan<byte> Type => "t"u8;

    /// <summary>Status of the sender.</summary>
    public static ReadOnlySpan<byte> Status => "st"u8;

    /// <summary>Deadtime that the receiver shall apply to the sender: hexadecimal milliseconds.</summary>
    public static ReadOnlySpan<byte> Deadtime => "dt"u8;

    /// <summary>Flow-control protocol version.</summary>
    public static ReadOnlySpan<byte> Protocol => "protocol"u8;

    /// <summary>Name of the sender.</summary>
    public static ReadOnlySpan<byte> Source => "src"u8;

    /// <summary>UUID of the sender.</summary>
    public static ReadOnlySpan<byte> SourceUuid => "srcuuid"u8;

    /// <summary>Name of the only node that is meant.</summary>
    public static ReadOnlySpan<byte> Destination => "dest"u8;

    /// <summary>UUID of the only node that is meant.</summary>
    public static ReadOnlySpan<byte> DestinationUuid => "destuuid"u8;

    /// <summary>Sequence number, hexadecimal.</summary>
    public static ReadOnlySpan<byte> Sequence => "seq"u8;

    /// <summary>Generation of the sender, hexadecimal.</summary>
    public static ReadOnlySpan<byte> Generation => "hg"u8;

    /// <summary>Clock of the sender: hexadecimal seconds since 1970.</summary>
    public static ReadOnlySpan<byte> Timestamp => "ts"u8;

    /// <summary>Load average of the sender.</summary>
    public static ReadOnlySpan<byte> Load => "ld"u8;

    /// <summary>Hop limit, decimal.</summary>
    public static ReadOnlySpan<byte> TimeToLive => "ttl"u8;

    /// <summary>Inner signature.</summary>
    public static ReadOnlySpan<byte> Authentication => "auth"u8;

    /// <summary>Highest number received without a gap, hexadecimal.</summary>
    public static ReadOnlySpan<byte> AcknowledgedSequence => "ackseq"u8;

    /// <summary>First number meant: decimal in NS_rexmit, hexadecimal in NS_nak_rexmit.</summary>
    public static ReadOnlySpan<byte> FirstSequence => "firstseq"u8;

    /// <summary>Last number meant, written as <see cref="FirstSequence"/>.</summary>
    public static ReadOnlySpan<byte> LastSequence => "lastseq"u8;

    /// <summary>Names of the nodes, each followed by one blank.</summary>
    public static ReadOnlySpan<byte> NodeList => "nodelist"u8;

    /// <summary>Names of deleted nodes, each followed by one blank.</summary>
    public static ReadOnlySpan<byte> DeletedNodeList => "delnodelist"u8;

    /// <summary>Which resource set: none, local, foreign, all.</summary>
    public static ReadOnlySpan<byte> ResourceHold => "rsc_hold"u8;

    /// <summary><c>full</c>: <see cref="ResourceHold"/> is the complete set.</summary>
    public static ReadOnlySpan<byte> ResourceType => "rtype"u8;

    /// <summary>1 when the sender will take nothing more, else 0.</summary>
    public static ReadOnlySpan<byte> IsStable => "isstable"u8;

    /// <summary>Comment; steers resource and ask_resources.</summary>
    public static ReadOnlySpan<byte> Info => "info"u8;

    /// <summary>The node a stonith message is about.</summary>
    public static ReadOnlySpan<byte> Node => "node"u8;

    /// <summary>How a stonith operation ended.</summary>
    public static ReadOnlySpan<byte> Result => "result"u8;

    /// <summary>Interface name.</summary>
    public static ReadOnlySpan<byte> Interface => "ifname"u8;

    /// <summary>Group key of ip-request and its answer.</summary>
    public static ReadOnlySpan<byte> IpAddress => "ipaddr"u8;

    /// <summary>Outcome of ip-request.</summary>
    public static ReadOnlySpan<byte> Ok => "ok"u8;

    /// <summary>Whether the asker may take the group: yes or no.</summary>
    public static ReadOnlySpan<byte> WeOwn => "weown"u8;

    /// <summary>API client that sent the message.</summary>
    public static ReadOnlySpan<byte> FromId => "from_id"u8;

    /// <summary>API client that is meant.</summary>
    public static ReadOnlySpan<byte> ToId => "to_id"u8;

    /// <summary>Payload of a compressed message.</summary>
    public static ReadOnlySpan<byte> CompressedPayload => "_compressed_payload"u8;
}
