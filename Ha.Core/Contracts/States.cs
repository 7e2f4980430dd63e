namespace Ha.Core.Contracts;

// Values are written to disk and sent between versions: they are append-only and keep their numbers.

/// <summary>Membership state of a node.</summary>
public enum NodeState
{
    /// <summary>Nothing is known: not heard since this agent started, and initdead has not passed.</summary>
    Unknown = 0,

    /// <summary>Heard, but not yet a member of a view: it is starting or finding out what runs on it.</summary>
    Joining = 1,

    /// <summary>Member of the current view.</summary>
    Online = 2,

    /// <summary>It said good-bye after giving up its resources.</summary>
    Left = 3,

    /// <summary>Silent for longer than its deadtime: declared dead.</summary>
    Dead = 4,

    /// <summary>It is leaving: resources are being handed over.</summary>
    Leaving = 5,

    /// <summary>
    /// Packets come in from it but it does not hear us, on every link: treated as lost by both sides.
    /// </summary>
    HalfConnected = 6,
}

/// <summary>Whether the operator lets resources run on a node.</summary>
public enum NodeMode
{
    /// <summary>Resources may run here.</summary>
    Active = 0,

    /// <summary>The operator asked that no resource runs here.</summary>
    Standby = 1,
}

/// <summary>Which software speaks for a node.</summary>
public enum NodeProduct
{
    /// <summary>Nobody was heard yet.</summary>
    Unknown = 0,

    /// <summary>This product.</summary>
    HaAppliance = 1,

    /// <summary>A real Linux-HA Heartbeat: shown online, shares no resources with us yet.</summary>
    Heartbeat = 2,
}

/// <summary>State of one link to one peer.</summary>
public enum LinkState
{
    /// <summary>Nothing heard yet, and the dead time has not passed.</summary>
    Unknown = 0,

    /// <summary>Packets come in on time.</summary>
    Up = 1,

    /// <summary>The last packet is older than warntime.</summary>
    Late = 2,

    /// <summary>Silent for longer than the dead time.</summary>
    Dead = 3,

    /// <summary>Packets come in, but the peer says that it does not hear us here.</summary>
    OneWay = 4,
}

/// <summary>What a group as a whole is doing.</summary>
public enum GroupState
{
    /// <summary>Not known yet: probes or reports are missing.</summary>
    Unknown = 0,

    /// <summary>Every resource runs where it belongs: on one node, those of a clone on each of its nodes.</summary>
    Active = 1,

    /// <summary>Nothing of it runs anywhere.</summary>
    Stopped = 2,

    /// <summary>Being started, stopped or moved.</summary>
    Moving = 3,

    /// <summary>It should run, but no node can run it.</summary>
    Failed = 4,

    /// <summary>It runs on several nodes at once and is no clone; being resolved.</summary>
    Conflict = 5,

    /// <summary>A stop failed: started nowhere else until an operator cleans up.</summary>
    Blocked = 6,

    /// <summary>Some of its resources run, some do not.</summary>
    Partial = 7,
}

/// <summary>What is known of one resource on one node.</summary>
public enum ResourceState
{
    /// <summary>Not known: never probed, the probe failed, or the node is out of reach.</summary>
    Unknown = 0,

    /// <summary>Not running.</summary>
    Stopped = 1,

    /// <summary>Being started.</summary>
    Starting = 2,

    /// <summary>Running.</summary>
    Started = 3,

    /// <summary>Being stopped.</summary>
    Stopping = 4,

    /// <summary>The last operation on it failed; it may or may not run.</summary>
    Failed = 5,
}

/// <summary>What is done to a resource.</summary>
public enum OperationKind
{
    /// <summary>Find out whether it runs, without changing anything.</summary>
    Probe = 0,

    /// <summary>Start it; succeeds when it runs already.</summary>
    Start = 1,

    /// <summary>Stop it; succeeds when it is stopped already.</summary>
    Stop = 2,

    /// <summary>Tell the network again who holds a virtual IP (gratuitous ARP / unsolicited NA).</summary>
    Announce = 3,

    /// <summary>Find out whether what was started is still well; recurring.</summary>
    Monitor = 4,

    /// <summary>End a recurring monitor.</summary>
    Cancel = 5,

    /// <summary>Fence the node; concerns no single resource.</summary>
    Fence = 6,
}

/// <summary>
/// How an operation on a resource ended: OCF exit codes as a typed outcome (OCF resource agent API 1.1).
/// </summary>
public enum OperationOutcome
{
    /// <summary>Done (OCF_SUCCESS); for a probe: it runs.</summary>
    Succeeded = 0,

    /// <summary>Failed (OCF_ERR_GENERIC, or an undocumented code).</summary>
    Failed = 1,

    /// <summary>The parameters make no sense on this node (OCF_ERR_ARGS).</summary>
    InvalidParameters = 2,

    /// <summary>The agent does not know the operation (OCF_ERR_UNIMPLEMENTED).</summary>
    NotImplemented = 3,

    /// <summary>The agent may not do it (OCF_ERR_PERM).</summary>
    NotPermitted = 4,

    /// <summary>The parameters make no sense on any node (OCF_ERR_CONFIGURED).</summary>
    NotConfigured = 6,

    /// <summary>A probe found it not running (OCF_NOT_RUNNING).</summary>
    NotRunning = 7,

    /// <summary>It did not end in time; its process group was killed.</summary>
    TimedOut = 100,

    /// <summary>The agent or script does not exist or cannot be executed (OCF_ERR_INSTALLED).</summary>
    NotInstalled = 5,

    /// <summary>Called off before it ran.</summary>
    Cancelled = 101,
}

/// <summary>What fencing does to a node.</summary>
public enum FenceAction
{
    /// <summary>Switch it off and on again.</summary>
    Reboot = 0,

    /// <summary>Switch it off.</summary>
    Off = 1,

    /// <summary>Switch it on.</summary>
    On = 2,

    /// <summary>Ask the device whether it works; touches no node.</summary>
    Monitor = 3,
}

/// <summary>How a call of a fence device ended. Whatever is not Succeeded counts as: the node may still run.</summary>
public enum FenceOutcome
{
    /// <summary>The device confirmed the effect.</summary>
    Succeeded = 0,

    /// <summary>It refused or failed.</summary>
    Failed = 1,

    /// <summary>It did not answer in time; the effect is unknown.</summary>
    TimedOut = 2,

    /// <summary>Its agent does not exist or cannot be executed.</summary>
    NotInstalled = 3,
}

/// <summary>What the arbiter says about who may act.</summary>
public enum ArbiterGrant
{
    /// <summary>It cannot be reached or does not know: nobody is granted anything.</summary>
    Unknown = 0,

    /// <summary>This node's side holds the grant.</summary>
    Mine = 1,

    /// <summary>Another side holds it.</summary>
    Others = 2,
}

/// <summary>State of a health check on one node.</summary>
public enum CheckState
{
    /// <summary>It has not looked often enough, or does not look here: it counts as nothing.</summary>
    Unknown = 0,

    /// <summary>What it looks at is well.</summary>
    Healthy = 1,

    /// <summary>It has failed, but not often enough in a row: it counts as healthy.</summary>
    Failing = 2,

    /// <summary>It has failed often enough in a row.</summary>
    Unhealthy = 3,

    /// <summary>It is well again, but not often enough in a row: it counts as unhealthy.</summary>
    Recovering = 4,

    /// <summary>It comes and goes: held down, it counts as unhealthy whatever it finds.</summary>
    Flapping = 5,
}

/// <summary>How far an operator's operation is.</summary>
public enum OperationState
{
    /// <summary>Accepted here, on its way to the coordinator.</summary>
    Queued = 0,

    /// <summary>The coordinator works on it.</summary>
    Running = 1,

    /// <summary>Done: what was asked for is true.</summary>
    Succeeded = 2,

    /// <summary>It cannot be reached any more; the detail says why.</summary>
    Failed = 3,
}

/// <summary>How far a step or an action is.</summary>
public enum StepState
{
    /// <summary>Waiting for others.</summary>
    Pending = 0,

    /// <summary>Under way.</summary>
    Running = 1,

    /// <summary>Done.</summary>
    Succeeded = 2,

    /// <summary>Failed.</summary>
    Failed = 3,

    /// <summary>Called off.</summary>
    Cancelled = 4,
}
