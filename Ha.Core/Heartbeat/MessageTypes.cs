namespace Ha.Core.Heartbeat;

/// <summary>Values of the field <c>t</c> (PROTOCOL.md section 4), as bytes.</summary>
public static class MessageTypes
{
    /// <summary>A heartbeat.</summary>
    public static ReadOnlySpan<byte> Status => "status"u8;

    /// <summary>Acknowledgement.</summary>
    public static ReadOnlySpan<byte> Acknowledgement => "NS_ackmsg"u8;

    /// <summary>Please send these numbers again.</summary>
    public static ReadOnlySpan<byte> RetransmitRequest => "NS_rexmit"u8;

    /// <summary>These numbers cannot be sent again.</summary>
    public static ReadOnlySpan<byte> RetransmitRefusal => "NS_nak_rexmit"u8;

    /// <summary>Echo of a ping node.</summary>
    public static ReadOnlySpan<byte> PingStatus => "NS_st"u8;

    /// <summary>Please tell me the nodes.</summary>
    public static ReadOnlySpan<byte> NodeListRequest => "reqnodes"u8;

    /// <summary>These are the nodes.</summary>
    public static ReadOnlySpan<byte> NodeListAnswer => "repnodes"u8;

    /// <summary>I am new, tell me what you hold.</summary>
    public static ReadOnlySpan<byte> Starting => "starting"u8;

    /// <summary>This is what I hold.</summary>
    public static ReadOnlySpan<byte> Resource => "resource"u8;

    /// <summary>Standby and takeover exchange.</summary>
    public static ReadOnlySpan<byte> AskResources => "ask_resources"u8;

    /// <summary>All resources are given up; I leave.</summary>
    public static ReadOnlySpan<byte> ShutdownDone => "shutdone"u8;

    /// <summary>How a reset of a node ended.</summary>
    public static ReadOnlySpan<byte> Stonith => "stonith"u8;

    /// <summary>Give up a group (legacy).</summary>
    public static ReadOnlySpan<byte> IpRequest => "ip-request"u8;

    /// <summary>Answer to <see cref="IpRequest"/>.</summary>
    public static ReadOnlySpan<byte> IpRequestAnswer => "ip-request-resp"u8;

    /// <summary>The other node shall go standby.</summary>
    public static ReadOnlySpan<byte> Takeover => "hb_takeover"u8;

    /// <summary>Is an API client there?</summary>
    public static ReadOnlySpan<byte> ClientStatusRequest => "query-cstatus"u8;

    /// <summary>Answer to <see cref="ClientStatusRequest"/>.</summary>
    public static ReadOnlySpan<byte> ClientStatusAnswer => "respond-cstatus"u8;

    /// <summary>Whether messages of a type carry no sequence number.</summary>
    public static bool IsUnsequenced(ReadOnlySpan<byte> type) => type.StartsWith("NS_"u8);
}
