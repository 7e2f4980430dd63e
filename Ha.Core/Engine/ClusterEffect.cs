using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Health;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>Everything a step can ask of its driver, as data, carried out in order.</summary>
public abstract class ClusterEffect
{
    private protected ClusterEffect()
    {
    }
}

/// <summary>
/// Send these bytes over media. The instance and its buffer belong to the <see cref="EffectList"/> and are valid until
/// the list is cleared: steady-state heartbeats allocate nothing.
/// </summary>
public sealed class SendDatagram : ClusterEffect
{
    /// <summary>Bit i set: send over medium i. Heartbeat sends every message over all media.</summary>
    public ulong MediaMask { get; internal set; }

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Datagram { get; internal set; }
}

/// <summary>
/// Do something to a local resource and answer with <see cref="OperationCompleted"/>.
/// Per resource at most one is under way.
/// </summary>
/// <param name="Number">Identifies the operation on this node; grows.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Kind">What to do.</param>
/// <param name="Timeout">After this its process group is killed and the outcome is TimedOut.</param>
/// <param name="Urgent">True on the takeover path: a virtual IP is claimed at once, without an address-conflict probe
/// before.</param>
/// <param name="Depth">How thoroughly a monitor looks (<c>OCF_CHECK_LEVEL</c>); 0 otherwise.</param>
public sealed class RunOperation(
    long Number, ResourceDefinition Resource, OperationKind Kind, TimeSpan Timeout, bool Urgent, int Depth = 0)
    : ClusterEffect
{
    /// <summary>How thoroughly a monitor looks.</summary>
    public int Depth { get; } = Depth;

    /// <summary>Identifies the operation on this node; grows.</summary>
    public long Number { get; } = Number;

    /// <summary>The resource.</summary>
    public ResourceDefinition Resource { get; } = Resource;

    /// <summary>What to do.</summary>
    public OperationKind Kind { get; } = Kind;

    /// <summary>After this its process group is killed and the outcome is TimedOut.</summary>
    public TimeSpan Timeout { get; } = Timeout;

    /// <summary>True on the takeover path.</summary>
    public bool Urgent { get; } = Urgent;
}

/// <summary>
/// Look at something and answer with <see cref="CheckCompleted"/>. Per check at most one is under way.
/// </summary>
public sealed class RunCheck : ClusterEffect
{
    /// <summary>Identifies the look on this node; grows.</summary>
    public required long Number { get; init; }

    /// <summary>What to look at, and how long it may take.</summary>
    public required CheckDefinition Check { get; init; }
}

/// <summary>
/// Call a fence device and answer with <see cref="FenceCompleted"/>. The driver runs it apart from resources and never
/// says that it succeeded unless the device did.
/// </summary>
public sealed class FenceNode : ClusterEffect
{
    /// <summary>Identifies the call on this node; grows.</summary>
    public required long Number { get; init; }

    /// <summary>The node to be fenced; this node itself only for <see cref="FenceAction.Monitor"/>.</summary>
    public required string Target { get; init; }

    /// <summary>The device.</summary>
    public required FenceDevice Device { get; init; }

    /// <summary>What it shall do.</summary>
    public required FenceAction Action { get; init; }

    /// <summary>After this the call is given up, and counts as failed.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>Ask the arbiter and answer with <see cref="ArbiterAnswered"/>.</summary>
public sealed class AskArbiter : ClusterEffect
{
    /// <summary>Identifies the question on this node; grows.</summary>
    public required long Number { get; init; }

    /// <summary>True: take or renew the grant; false: give it back.</summary>
    public required bool Want { get; init; }

    /// <summary>After this the answer is Unknown.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>
/// This node may act until then: the driver pets the watchdog and renews the leases of virtual IPs no further. One
/// instance is reused by the engine for every renewal.
/// </summary>
public sealed class RenewAuthority : ClusterEffect
{
    /// <summary>End of the authority, on this node's monotonic clock.</summary>
    public Time.MonotonicTime Until { get; internal set; }
}

/// <summary>
/// This node has been in a view of all nodes since the machine booted: to be remembered until the next boot, and given
/// to the next life of the agent (<see cref="EngineOptions.SeenFullView"/>).
/// </summary>
public sealed class RememberFullView : ClusterEffect
{
    /// <summary>The one instance.</summary>
    public static readonly RememberFullView Instance = new();

    private RememberFullView()
    {
    }
}

/// <summary>
/// These are all of an HAProxy's servers that operators want otherwise than configured; a server that was named before
/// and is not now goes back to what haproxy.cfg says. Comes when it changes, after each start of the resource on this
/// node and when it was found running. Whether it runs now or not: it is to be kept for the next start. Never waited
/// for.
/// </summary>
/// <param name="Resource">Id of the <c>builtin:haproxy</c>.</param>
/// <param name="Intents">All of them, by backend and server; empty: everything as configured.</param>
public sealed class ApplyServerIntents(string Resource, ImmutableArray<ServerIntent> Intents) : ClusterEffect
{
    /// <summary>Id of the <c>builtin:haproxy</c>.</summary>
    public string Resource { get; } = Resource;

    /// <summary>All of them.</summary>
    public ImmutableArray<ServerIntent> Intents { get; } = Intents;
}

/// <summary>
/// These virtual IPs are the cluster's business on this node: one that is found here without having been started is to
/// be taken away. Others (not managed, in maintenance, no longer configured) are left as they are found. Comes with the
/// first step and when it changes.
/// </summary>
/// <param name="Resources">Ids of the resources.</param>
public sealed class GuardAddresses(ImmutableArray<string> Resources) : ClusterEffect
{
    /// <summary>Ids of the resources.</summary>
    public ImmutableArray<string> Resources { get; } = Resources;
}

/// <summary>Append an event to this node's journal and logs. Never waited for.</summary>
/// <param name="Event">The event.</param>
public sealed class AppendEvent(ClusterEvent Event) : ClusterEffect
{
    /// <summary>The event.</summary>
    public ClusterEvent Event { get; } = Event;
}

/// <summary>The answer to an <see cref="OperatorCommanded"/>.</summary>
/// <param name="Ticket">The driver's number.</param>
/// <param name="Answer">Operation id or refusal.</param>
public sealed class AnswerCommand(long Ticket, CommandAnswer Answer) : ClusterEffect
{
    /// <summary>The driver's number.</summary>
    public long Ticket { get; } = Ticket;

    /// <summary>Operation id or refusal.</summary>
    public CommandAnswer Answer { get; } = Answer;
}

/// <summary>
/// Keep the cluster configuration on disk, so that the next life begins with it. Never waited for: what cannot be
/// written is reported as an event.
/// </summary>
/// <param name="History">All adopted documents; the last one is to be kept as the present one.</param>
public sealed class StoreConfiguration(ConfigurationHistory History) : ClusterEffect
{
    /// <summary>All adopted documents, oldest first.</summary>
    public ConfigurationHistory History { get; } = History;

    /// <summary>The last one in the form the engine runs.</summary>
    public required ClusterConfiguration.ActiveConfiguration Active { get; init; }
}

/// <summary>Keep what operators want on disk, so that the next life begins with it. Never waited for.</summary>
/// <param name="Intents">What they want.</param>
public sealed class StoreIntents(ClusterIntents Intents) : ClusterEffect
{
    /// <summary>What they want.</summary>
    public ClusterIntents Intents { get; } = Intents;
}

/// <summary>This node has left the cluster: the driver ends. Last effect of a life.</summary>
/// <param name="Clean">False when resources could not be stopped and may still run.</param>
/// <param name="Detail">What is left, in one sentence; empty when clean.</param>
public sealed class Halt(bool Clean, string Detail) : ClusterEffect
{
    /// <summary>False when resources could not be stopped.</summary>
    public bool Clean { get; } = Clean;

    /// <summary>What is left.</summary>
    public string Detail { get; } = Detail;
}
