using Ha.Core.Contracts;
using Ha.Core.Resources;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// Everything that can happen to a node. The driver hands one at a time to <see cref="ClusterEngine.Step"/>.
/// </summary>
public abstract class ClusterInput
{
    private protected ClusterInput()
    {
    }
}

/// <summary>
/// A datagram came in. One instance is meant to be reused by the driver for every packet: the engine keeps no reference
/// to it or to its bytes after the step.
/// </summary>
public sealed class PacketReceived : ClusterInput
{
    /// <summary>Index of the medium, as in <see cref="EngineOptions.Media"/>.</summary>
    public int Medium { get; set; }

    /// <summary>The payload; not authenticated, not parsed, any length.</summary>
    public ReadOnlyMemory<byte> Datagram { get; set; }
}

/// <summary>
/// Time passed: <see cref="ClusterEngine.NextDeadline"/> has come, or the driver woke for another reason.
/// </summary>
public sealed class TimeAdvanced : ClusterInput
{
    /// <summary>The one instance.</summary>
    public static readonly TimeAdvanced Instance = new();

    private TimeAdvanced()
    {
    }
}

/// <summary>
/// The driver's own loop did not run for a while: stopped, starved, or the machine slept. It is given before the
/// packets that waited meanwhile (which the driver drains next), so that the pause is not blamed on the peers
/// (RELIABILITY.md 4.6, invariant S12).
/// </summary>
/// <param name="gap">How long beyond the planned wake-up.</param>
public sealed class LoopStalled(TimeSpan gap) : ClusterInput
{
    /// <summary>How long beyond the planned wake-up.</summary>
    public TimeSpan Gap { get; } = gap;
}

/// <summary>
/// The driver has handed over every packet that waited while its loop was stalled: only now may the engine judge
/// silence and its own authority. Follows each <see cref="LoopStalled"/>.
/// </summary>
public sealed class StallDrained : ClusterInput
{
    /// <summary>The one instance.</summary>
    public static readonly StallDrained Instance = new();

    private StallDrained()
    {
    }
}

/// <summary>A medium of this node stopped or resumed working (socket errors, interface gone).</summary>
/// <param name="medium">Index of the medium.</param>
/// <param name="works">True when it works again.</param>
/// <param name="detail">What the system said, for the event.</param>
public sealed class MediumChanged(int medium, bool works, string detail) : ClusterInput
{
    /// <summary>Index of the medium.</summary>
    public int Medium { get; } = medium;

    /// <summary>True when it works again.</summary>
    public bool Works { get; } = works;

    /// <summary>What the system said.</summary>
    public string Detail { get; } = detail;
}

/// <summary>
/// The end of an operation that a <see cref="RunOperation"/> effect asked for. Exactly one follows each.
/// </summary>
public sealed class OperationCompleted : ClusterInput
{
    /// <summary><see cref="RunOperation.Number"/> of the effect.</summary>
    public required long Number { get; init; }

    /// <summary>How it ended.</summary>
    public required OperationOutcome Outcome { get; init; }

    /// <summary>What the agent printed or what went wrong, capped by the driver to 2 KiB; may be empty.</summary>
    public required string Output { get; init; }

    /// <summary>How long it ran.</summary>
    public required TimeSpan Duration { get; init; }
}

/// <summary>Operations whose ends have come together: they call for one decision, not for one each.</summary>
/// <param name="results">In the order in which they ended; never empty.</param>
public sealed class OperationsCompleted(ImmutableArray<OperationCompleted> results) : ClusterInput
{
    /// <summary>In the order in which they ended.</summary>
    public ImmutableArray<OperationCompleted> Results { get; } = results;
}

/// <summary>The end of a look that a <see cref="RunCheck"/> effect asked for. Exactly one follows each.</summary>
public sealed class CheckCompleted : ClusterInput
{
    /// <summary><see cref="RunCheck.Number"/> of the effect.</summary>
    public required long Number { get; init; }

    /// <summary>Whether what it looked at is well.</summary>
    public required bool IsGood { get; init; }

    /// <summary>What it found, one line for people, capped by the driver to 2 KiB.</summary>
    public required string Output { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }
}

/// <summary>
/// The driver has noticed that a resource which runs here is not well, without having been asked: its address was taken
/// away, its interface has no carrier. The next look at it will say the same.
/// </summary>
/// <param name="resource">Id of the resource.</param>
/// <param name="detail">What was noticed, one sentence.</param>
public sealed class ResourceDisturbed(string resource, string detail) : ClusterInput
{
    /// <summary>Id of the resource.</summary>
    public string Resource { get; } = resource;

    /// <summary>What was noticed.</summary>
    public string Detail { get; } = detail;
}

/// <summary>
/// The driver has checked the configuration of a service (<c>haproxy -c</c>), where it runs and where it could run.
/// Given when what it found is new; the same again does nothing.
/// </summary>
/// <param name="resource">Id of the resource.</param>
/// <param name="hash">SHA-256 of all it reads, lower-case hexadecimal; empty when it cannot be read.</param>
/// <param name="problem">What the check says against it, one sentence, without secrets; empty when nothing.</param>
public sealed class ServiceConfigurationSeen(string resource, string hash, string problem) : ClusterInput
{
    /// <summary>Id of the resource.</summary>
    public string Resource { get; } = resource;

    /// <summary>SHA-256 of all it reads.</summary>
    public string Hash { get; } = hash;

    /// <summary>What the check says against it.</summary>
    public string Problem { get; } = problem;
}

/// <summary>
/// The driver sees another holder behind virtual IPs than before, or has claimed or given back some itself.
/// </summary>
/// <param name="mappings">What is new; all else is as it was.</param>
public sealed class AddressesMapped(ImmutableArray<AddressMapping> mappings) : ClusterInput
{
    /// <summary>What is new.</summary>
    public ImmutableArray<AddressMapping> Mappings { get; } = mappings;
}

/// <summary>The end of a call of a fence device that a <see cref="FenceNode"/> asked for. Exactly one follows
/// each.</summary>
public sealed class FenceCompleted : ClusterInput
{
    /// <summary><see cref="FenceNode.Number"/> of the effect.</summary>
    public required long Number { get; init; }

    /// <summary>How it ended.</summary>
    public required FenceOutcome Outcome { get; init; }

    /// <summary>What the agent printed, capped by the driver to 2 KiB, without secrets; may be empty.</summary>
    public required string Output { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }
}

/// <summary>The answer to an <see cref="AskArbiter"/>. Exactly one follows each.</summary>
public sealed class ArbiterAnswered : ClusterInput
{
    /// <summary><see cref="AskArbiter.Number"/> of the effect.</summary>
    public required long Number { get; init; }

    /// <summary>Who may act.</summary>
    public required ArbiterGrant Grant { get; init; }

    /// <summary>For how long the grant holds, counted from when the question was sent; zero unless it is
    /// ours.</summary>
    public TimeSpan Lease { get; init; }

    /// <summary>Epoch of the arbiter's store: grows when it was rebuilt. An older one is refused.</summary>
    public long Epoch { get; init; }

    /// <summary>Revision of the grant within the epoch: grows with each change of holder.</summary>
    public long Revision { get; init; }
}

/// <summary>
/// An operator's command arrived on the control socket. Answered in the same step by <see cref="AnswerCommand"/>.
/// </summary>
/// <param name="command">The command.</param>
/// <param name="ticket">The driver's own number, returned in the answer.</param>
public sealed class OperatorCommanded(OperatorCommand command, long ticket) : ClusterInput
{
    /// <summary>The command.</summary>
    public OperatorCommand Command { get; } = command;

    /// <summary>The driver's own number.</summary>
    public long Ticket { get; } = ticket;
}

/// <summary>
/// The agent was asked to stop (SIGTERM): hand over, then leave. Ends with a <see cref="Halt"/> effect.
/// </summary>
public sealed class ShutdownRequested : ClusterInput
{
    /// <summary>The one instance.</summary>
    public static readonly ShutdownRequested Instance = new();

    private ShutdownRequested()
    {
    }
}

/// <summary>The load average was read (Heartbeat's informational <c>ld</c> field).</summary>
/// <param name="loadAverage">Text of /proc/loadavg without its line end, at most 64 bytes of ASCII.</param>
public sealed class LoadSampled(ReadOnlyMemory<byte> loadAverage) : ClusterInput
{
    /// <summary>Text of /proc/loadavg.</summary>
    public ReadOnlyMemory<byte> LoadAverage { get; } = loadAverage;
}

/// <summary>Something outside the engine is worth an event: a disk, a log, a watchdog.</summary>
public sealed class ShellReported : ClusterInput
{
    /// <summary>What happened.</summary>
    public required EventKind Kind { get; init; }

    /// <summary>How bad it is.</summary>
    public required EventSeverity Severity { get; init; }

    /// <summary>What it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>One sentence with the evidence.</summary>
    public required string Sentence { get; init; }
}
