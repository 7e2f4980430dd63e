using System.Runtime.InteropServices;

namespace Ha.Lab.Probing;

/// <summary>How one request of the probe ended.</summary>
public enum ProbeOutcome : byte
{
    /// <summary>Answered 200.</summary>
    Answered = 0,

    /// <summary>Not answered in time.</summary>
    TimedOut = 1,

    /// <summary>Refused, reset, unreachable, or closed without an answer.</summary>
    Failed = 2,

    /// <summary>Answered, but not 200.</summary>
    BadAnswer = 3,
}

/// <summary>One request of the probe, as it lies in the shared file.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ProbeRecord
{
    /// <summary>When the connection was begun.</summary>
    public long Start;

    /// <summary>When it was answered or given up.</summary>
    public long End;

    /// <summary>How it ended.</summary>
    public ProbeOutcome Outcome;

    /// <summary>Number in the name of the node that served it (s1: 1); 0 when unknown.</summary>
    public byte NodeNumber;

    private readonly ushort _reserved;
    private readonly uint _reserved2;

    /// <summary>Name of the node that served it.</summary>
    public readonly string Node => NodeNumber == 0 ? "" : "s" + NodeNumber;

    /// <summary>True when answered 200.</summary>
    public readonly bool IsAnswered => Outcome == ProbeOutcome.Answered;
}

/// <summary>Beginning of the shared file.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct ProbeHeader
{
    /// <summary>Records written so far.</summary>
    public long Count;

    /// <summary>Set by the reader: end now.</summary>
    public long Stop;

    /// <summary>When the last request was answered.</summary>
    public long LastAnswer;

    /// <summary>Which node answered it.</summary>
    public long LastNode;

    /// <summary>When the last request failed.</summary>
    public long LastFailure;

    private readonly long _reserved;
    private readonly long _reserved2;
    private readonly long _reserved3;
}
