using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// One node of the cluster as a pure, deterministic state machine: inputs in, effects out (DESIGN section 4).
/// The agent drives it with sockets and timers, the simulator with a virtual world.
/// </summary>
public sealed partial class ClusterEngine
{
    private readonly EngineOptions options;

    /// <summary>Creates the engine of one life of a node. Nothing happens before the first <see cref="Step"/>.</summary>
    /// <param name="options">Validated configuration and identity.</param>
    public ClusterEngine(EngineOptions options)
    {
        this.options = options;
    }

    /// <summary>When <see cref="TimeAdvanced"/> is due at the latest.</summary>
    public MonotonicTime NextDeadline { get; private set; } = new(0);

    /// <summary>Grows when <see cref="Snapshot"/> would show something new. Compare it after each step.</summary>
    public long SnapshotVersion { get; private set; } = 1;

    /// <summary>Handles one input. The only place where state changes.</summary>
    /// <param name="now">The driver's clocks; monotonic time never goes back.</param>
    /// <param name="input">What happened.</param>
    /// <param name="effects">Receives what the driver must do, in order. Cleared by the driver, not here.</param>
    public void Step(ClusterTime now, ClusterInput input, EffectList effects)
    {
        NextDeadline = now.Monotonic + options.Keepalive;
    }

    /// <summary>The cluster as this node sees it now.</summary>
    public ClusterSnapshot Snapshot(ClusterTime now) =>
        throw new InvalidOperationException($"node {options.LocalNode} has not taken its first step yet");
}
