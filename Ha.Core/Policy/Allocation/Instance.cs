using Ha.Core.Policy.Actions;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>What a resource is, or shall be, on a node.</summary>
internal enum Role
{
    /// <summary>Not known, or not decided.</summary>
    Unknown,

    /// <summary>Not running.</summary>
    Stopped,

    /// <summary>Running.</summary>
    Started,
}

/// <summary>What must be so before a resource may be started.</summary>
internal enum Requirement
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>Quorum.</summary>
    Quorum,

    /// <summary>Quorum, and every unclean node fenced.</summary>
    Fencing,

    /// <summary>As fencing, and its own node unfenced.</summary>
    Unfencing,
}

/// <summary>What happens when a resource is found on several nodes.</summary>
internal enum MultipleActive
{
    /// <summary>Stop all, start one.</summary>
    StopStart,

    /// <summary>Stop all.</summary>
    StopOnly,

    /// <summary>Touch none.</summary>
    Block,

    /// <summary>Stop those where it should not be.</summary>
    StopUnexpected,
}

/// <summary>One thing that is placed: a primitive, a group, a clone, or a copy of what a clone repeats.</summary>
internal sealed class Instance(ResourceModel model, string id, Instance? parent, int nodes)
{
    public ResourceModel Model { get; } = model;

    /// <summary>Its id; copies of a clone have a number (<c>web:0</c>).</summary>
    public string Id { get; } = id;

    /// <summary>The name nodes report it by.</summary>
    public string ReportedName { get; set; } = id;

    /// <summary>The name in steps: copies that do not differ share the plain name, unless nodes number them.</summary>
    public string StepName { get; set; } = id;

    public Instance? Parent { get; } = parent;

    public List<Instance> Members { get; } = [];

    public ResourceKind Kind => Model.Kind;

    public bool IsFenceDevice => Model.Agent.IsFenceDevice;

    // Configured.
    public int Priority { get; set; }

    public int Stickiness { get; set; }

    public int MigrationThreshold { get; set; } = Score.Infinity;

    public long FailureTimeoutMs { get; set; }

    public Requirement Requires { get; set; }

    public MultipleActive MultipleActive { get; set; }

    public bool Critical { get; set; } = true;

    public bool Managed { get; set; } = true;

    public bool InMaintenance { get; set; }

    /// <summary>Whether it starts anew with what it is optionally ordered after (the old
    /// <c>restart-type</c>).</summary>
    public bool RestartsWithFirst { get; set; }

    public CloneSettings? Clone { get; set; }

    /// <summary>For a clone: what its copies inherit.</summary>
    public ImmutableArray<AttributeSet> CopiesInherit { get; set; } = [];

    // Observed.
    public Role Role { get; set; } = Role.Unknown;

    public List<NodeView> RunningOn { get; } = [];

    /// <summary>Nodes (by index) that have reported on it.</summary>
    public bool[] Known { get; } = new bool[nodes];

    /// <summary>Nodes (by index) that have any report on it, whatever it tells.</summary>
    public bool[] Reported { get; } = new bool[nodes];

    /// <summary>Nodes that report on it, but knew it by another agent.</summary>
    public List<NodeView> OtherAgentOn { get; } = [];

    public bool Orphan { get; set; }

    public bool Failed { get; set; }

    /// <summary>Whether its failure asks for a stop.</summary>
    public bool FailureStops { get; set; }

    /// <summary>Nodes where it failed.</summary>
    public List<NodeView> FailedOn { get; } = [];

    public bool Blocked { get; set; }

    /// <summary>What blocks it, for people; empty when nothing does.</summary>
    public string BlockedBy { get; set; } = "";

    /// <summary>The last failure on each node that reported one.</summary>
    public List<(NodeView Node, OperationRecord Record)> FailedOperations { get; } = [];

    public bool StartPending { get; set; }

    /// <summary>Where something is under way with it; null when nothing is.</summary>
    public NodeView? PendingOn { get; set; }

    public bool FailureIgnored { get; set; }

    /// <summary>Nodes whose count of failures is about to be forgotten.</summary>
    public List<NodeView> FailuresCleared { get; } = [];

    /// <summary>Recurring monitors that run, with their node.</summary>
    public List<(NodeView Node, OperationRecord Record)> Monitors { get; } = [];

    /// <summary>Those of them whose failure is forgotten.</summary>
    public List<(NodeView Node, OperationRecord Record)> Expired { get; } = [];

    /// <summary>Operations since the last start, with their node: what the running resource was started with.</summary>
    public List<(NodeView Node, OperationRecord Record)> SinceStart { get; } = [];

    /// <summary>The node where it counts as running; null when it runs nowhere.</summary>
    public NodeView? Current
    {
        get
        {
            if (RunningOn.Count < 2 || Requires >= Requirement.Fencing)
                return RunningOn.Count == 0 ? null : RunningOn[0];
            return RunningOn.Find(node => node.Online && !node.Unclean) ?? RunningOn[0];
        }
    }

    /// <summary>Whether it counts as running on more than one node: what does not need fencing does not where the node
    /// is lost.</summary>
    public bool RunsOnSeveral => RunningOn.Count > 1
        && (Requires >= Requirement.Fencing || RunningOn.Count(node => node.Online && !node.Unclean) > 1);

    // Decided.
    /// <summary>What may have to be done with it, in the order in which it was thought of.</summary>
    public List<PlannedAction> Actions { get; } = [];

    public NodeScores Scores { get; set; } = new(nodes, enabled: true);

    public Role NextRole { get; set; } = Role.Unknown;

    public bool Assigned { get; set; }

    public bool Assigning { get; set; }

    public NodeView? Target { get; set; }

    /// <summary>Why it shall run nowhere, as the end of a sentence about it; empty when it may run.</summary>
    public string StoppedBecause { get; set; } = "";

    /// <summary>Whether the configuration wants it stopped.</summary>
    public bool WantedStopped { get; set; }

    /// <summary>Where its state may be asked for, by node; null: everywhere.</summary>
    public ResourceDiscovery[]? Discovery { get; private set; }

    /// <summary>Whether it is asked for, and may run, only on nodes of constraints that say so.</summary>
    public bool IsExclusive { get; set; }

    public List<Colocation> ThisWith { get; } = [];

    public List<Colocation> WithThis { get; } = [];

    /// <summary>The outermost resource it belongs to.</summary>
    public Instance Outermost => Parent?.Outermost ?? this;

    /// <summary>The clone that it is a copy, or part of a copy, of; null when none.</summary>
    public Instance? OfClone => Parent is null ? null : Parent.Kind == ResourceKind.Clone ? Parent : Parent.OfClone;

    /// <summary>Narrows where it is asked for.</summary>
    public void Discover(int node, ResourceDiscovery discovery)
    {
        if (discovery == ResourceDiscovery.Always) return;
        Discovery ??= new ResourceDiscovery[Known.Length];
        if (Discovery[node] < discovery) Discovery[node] = discovery;
    }

    /// <summary>Whether it is part of another.</summary>
    public bool IsIn(Instance whole) => Parent == whole || (Parent?.IsIn(whole) ?? false);

    /// <summary>Keeps it, and all in it, away from a node, or from every node.</summary>
    public void Ban(NodeView? node, string reason)
    {
        if (node is null) Scores.BanEverywhere(reason);
        else Scores.Add(node.Index, -Score.Infinity, reason);
        foreach (var member in Members) member.Ban(node, reason);
    }

    public bool IsActive => Kind == ResourceKind.Primitive
        ? RunningOn.Count > 0
        : Members.Exists(member => member.IsActive);

    /// <summary>All primitives in it, in order.</summary>
    public IEnumerable<Instance> Primitives =>
        Kind == ResourceKind.Primitive ? [this] : Members.SelectMany(member => member.Primitives);

    /// <summary>The node it is put on: for a group its first member's.</summary>
    public NodeView? Place => Kind == ResourceKind.Group ? Members.FirstOrDefault()?.Target : Target;

    /// <summary>The one node that all of it which is put anywhere is put on; null when there are several, or none.
    /// </summary>
    public NodeView? Location
    {
        get
        {
            NodeView? only = null;
            foreach (var primitive in Primitives)
            {
                if (primitive.Target is not { } node) continue;
                if (only is not null && only != node) return null;
                only = node;
            }

            return only;
        }
    }

    public override string ToString() => Id;
}

/// <summary>How a clone is repeated.</summary>
/// <param name="Max">How many copies.</param>
/// <param name="NodeMax">How many on one node.</param>
/// <param name="Unique">Whether copies differ from each other.</param>
/// <param name="Interleave">Whether orders hold between copies of one node only.</param>
/// <param name="Least">How many copies must be up for what is ordered after it; 0: as the order says.</param>
internal sealed record CloneSettings(int Max, int NodeMax, bool Unique, bool Interleave, int Least);

/// <summary>A dependent placed relative to a primary.</summary>
internal sealed record Colocation(
    string Id, Instance Dependent, Instance Primary, int Score, string NodeAttribute, bool Influence)
{
    /// <summary>The configured dependent: the group, where its first member follows for it.</summary>
    public Instance Whole { get; } = Dependent;

    /// <summary>Whether the dependent's wishes count: what does not run yet goes where they are best met in any
    /// case.</summary>
    public bool HasInfluence => Influence || !Primary.IsActive;
}
