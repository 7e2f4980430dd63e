using System.Collections.Immutable;
using Ha.Core.Policy;
using Ha.Core.Policy.Actions;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Tests.Policy;

/// <summary>Builds small clusters for the general policy engine, and tells their plans in words.</summary>
internal sealed class SmallCluster
{
    // What a node records of a resource without parameters, and of its monitor with a timeout of 20 s.
    private const string NoParameters = "f2317cad3d54cec5d7d7aa7d0bf35cf8";
    private const string OnlyTimeout = "4811cef7f7f94e3a35a70be7916cb2fd";

    private readonly List<NodeModel> nodes = [];
    private readonly List<ResourceModel> resources = [];
    private readonly List<LocationConstraint> locations = [];
    private readonly List<ColocationConstraint> colocations = [];
    private readonly List<OrderConstraint> orders = [];
    private readonly List<ResourceHistory> history = [];
    private readonly List<FailCount> failures = [];
    private int call;

    public SmallCluster(params string[] names)
    {
        foreach (var name in names) nodes.Add(Online(name));
    }

    public static DateTimeOffset Now { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public ClusterOptions Options { get; set; } =
        new() { FencingEnabled = false, NoQuorumPolicy = NoQuorumPolicy.Ignore };

    public static ResourceModel Primitive(string id, string meta = "", string monitor = "") => new()
    {
        Id = id, Kind = ResourceKind.Primitive, Agent = new AgentName("ocf", "test", "Dummy"), Meta = Sets(meta),
        Operations = monitor.Length == 0 ? []
            : [new OperationModel { Id = id + "-monitor", Name = "monitor", IntervalMs = 10_000,
                Settings = Sets(monitor) }],
    };

    public SmallCluster With(params ResourceModel[] more)
    {
        resources.AddRange(more);
        return this;
    }

    public SmallCluster Group(string id, params ResourceModel[] members) =>
        With(new ResourceModel { Id = id, Kind = ResourceKind.Group, Members = [.. members] });

    public SmallCluster Clone(string id, ResourceModel repeated, string meta = "") =>
        With(new ResourceModel { Id = id, Kind = ResourceKind.Clone, Members = [repeated], Meta = Sets(meta) });

    public SmallCluster FenceDevice() =>
        With(Primitive("fence") with { Agent = new AgentName("stonith", "", "fence_test") });

    public SmallCluster Node(string name, Func<NodeModel, NodeModel> change)
    {
        var index = nodes.FindIndex(node => node.Name == name);
        nodes[index] = change(nodes[index]);
        return this;
    }

    public SmallCluster Standby(string name) => Node(name, node => node with { Attributes = Sets("standby=true") });

    public SmallCluster Lost(string name) =>
        Node(name, node => node with { InMembership = false, AgentOnline = false });

    public SmallCluster Prefers(string resource, string node, int score)
    {
        locations.Add(new LocationConstraint { Id = $"{resource}-{node}", Resource = resource, Node = node,
            Score = score });
        return this;
    }

    public SmallCluster Prefers(string resource, string node, int score, string why)
    {
        Prefers(resource, node, score);
        locations[^1] = locations[^1] with { Why = why };
        return this;
    }

    public SmallCluster PrefersWhere(string resource, Rule rule, int score)
    {
        locations.Add(new LocationConstraint { Id = resource + "-rule", Resource = resource, Rule = rule,
            Score = score });
        return this;
    }

    public SmallCluster Together(string dependent, string primary, int score = Score.Infinity)
    {
        colocations.Add(new ColocationConstraint { Id = dependent + "-with", Dependent = dependent, Primary = primary,
            Score = score });
        return this;
    }

    public SmallCluster Order(string first, string then, OrderKind kind = OrderKind.Mandatory, bool symmetrical = true,
        bool requireAll = true)
    {
        orders.Add(new OrderConstraint
        {
            Id = $"{first}-{then}", First = [.. first.Split(' ')], Then = then, Kind = kind, Symmetrical = symmetrical,
            RequireAll = requireAll,
        });
        return this;
    }

    /// <summary>Every node has answered for it; it runs on the named ones.</summary>
    public SmallCluster Runs(string resource, params string[] on)
    {
        foreach (var node in nodes)
        {
            var monitored = resources.SelectMany(one => one.Members.Prepend(one))
                .Any(one => one.Id == resource && one.Operations.Length > 0);
            if (!on.Contains(node.Name)) Report(node.Name, resource, Done("monitor", 7));
            else if (monitored) Report(node.Name, resource, Done("start", 0), Done("monitor", 0, 10_000));
            else Report(node.Name, resource, Done("start", 0));
        }

        return this;
    }

    public SmallCluster Reports(string node, string resource, string operation, int code, long interval = 0) =>
        Report(node, resource, Done(operation, code, interval));

    public SmallCluster FailedStart(string resource, string node, int code)
    {
        failures.Add(new FailCount(node, resource, "start_0", Score.Infinity, Now.AddMinutes(-1)));
        return Reports(node, resource, "start", code);
    }

    public SmallCluster Failures(string resource, string node, int count, DateTimeOffset? last = null)
    {
        failures.Add(new FailCount(node, resource, "", count, last));
        return this;
    }

    public ClusterModel Model => new()
    {
        Now = Now, Options = Options, Nodes = [.. nodes], Resources = [.. resources], Locations = [.. locations],
        Colocations = [.. colocations], Orders = [.. orders], History = [.. history], FailCounts = [.. failures],
    };

    public ClusterPlan Plan() => ClusterPlanner.Plan(Model);

    /// <summary>The plan without probes, a step a line: <c>start web s1</c>.</summary>
    public string[] Steps() => [.. Plan().Steps.Where(step => step.Kind != ActionKind.Probe).Select(Words)];

    public string Place(string resource) =>
        string.Join(' ', Plan().EndState.Single(place => place.Resource == resource).Nodes.Order());

    public static string Words(PlanStep step) =>
        $"{step.Kind.ToString().ToLowerInvariant()} {step.Resource} {step.Node}"
            .Replace("  ", " ", StringComparison.Ordinal);

    private SmallCluster Report(string node, string resource, params OperationRecord[] records)
    {
        var index = history.FindIndex(one => one.NodeId == node && one.Resource == resource);
        if (index < 0)
            history.Add(new ResourceHistory { NodeId = node, Resource = resource, Operations = [.. records] });
        else history[index] = history[index] with { Operations = [.. history[index].Operations, .. records] };
        return this;
    }

    private OperationRecord Done(string name, int code, long interval = 0) => new()
    {
        Name = name, IntervalMs = interval, Status = OperationStatus.Done, ExitCode = code, CallId = ++call,
        ExpectedExitCode = name == "monitor" && interval == 0 ? 7 : 0, LastChange = Now.AddMinutes(-10),
        Digest = interval == 0 ? NoParameters : OnlyTimeout,
    };

    public static ImmutableArray<AttributeSet> Sets(string pairs) => pairs.Length == 0 ? [] :
        [AttributeSet.Of([.. pairs.Split(' ')
            .Select(pair => KeyValuePair.Create(pair.Split('=')[0], pair.Split('=')[1]))])];

    private static NodeModel Online(string name) => new()
    {
        Id = name, Name = name, Seen = true, InMembership = true, AgentOnline = true, Join = NodeJoin.Member,
            Expected = true,
    };
}
