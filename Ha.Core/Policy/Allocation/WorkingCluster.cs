using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Policy.Allocation;

/// <summary>The cluster while one plan is made: the model unfolded into nodes and instances.</summary>
internal sealed class WorkingCluster
{
    private readonly Dictionary<string, Instance> instances = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Instance> primitives = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeView> nodesById = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeView> nodesByName = new(StringComparer.OrdinalIgnoreCase);

    public WorkingCluster(ClusterModel model)
    {
        Model = model;
        Nodes = [.. model.Nodes.Select((node, index) => new NodeView(node, index, model.Now))];
        foreach (var node in Nodes)
        {
            nodesById.TryAdd(node.Model.Id, node);
            nodesByName.TryAdd(node.Name, node);
        }

        HaveUnfencing = Flatten(model.Resources).Any(Unfences);
        foreach (var resource in model.Resources) Add(InstanceTree.Build(this, resource));
        HaveFenceDevice = Resources.SelectMany(resource => resource.Primitives).Any(one => one.IsFenceDevice);
    }

    public ClusterModel Model { get; }

    public ClusterOptions Options => Model.Options;

    public ImmutableArray<NodeView> Nodes { get; }

    /// <summary>Outermost resources: by priority, then as configured.</summary>
    public List<Instance> Resources { get; } = [];

    /// <summary>What an operator should know of this plan's input.</summary>
    public List<string> Remarks { get; } = [];

    public bool HaveFenceDevice { get; }

    /// <summary>Whether nodes must be let in by a fence device before they may use what they share.</summary>
    public bool HaveUnfencing { get; }

    public IEnumerable<Instance> Primitives => Resources.SelectMany(resource => resource.Primitives);

    public NodeView? NodeById(string id) => nodesById.GetValueOrDefault(id);

    public NodeView? NodeByName(string name) => nodesByName.GetValueOrDefault(name);

    /// <summary>A resource, member, clone or copy by its id; null when there is none. A group may bear the id of its
    /// first member: it is found then.</summary>
    public Instance? Find(string id) => instances.GetValueOrDefault(id);

    /// <summary>A primitive by its id; null when there is none.</summary>
    public Instance? FindPrimitive(string id) => primitives.GetValueOrDefault(id);

    public void Add(Instance resource)
    {
        Resources.Add(resource);
        Register(resource);
    }

    /// <summary>Brings resources into the order in which they are placed.</summary>
    public void SortByPriority()
    {
        var sorted = Resources.OrderByDescending(resource => resource.Priority).ToList();
        Resources.Clear();
        Resources.AddRange(sorted);
    }

    /// <summary>Whether a node that became unclean can be fenced.</summary>
    public bool CanFence(NodeView node) =>
        Options.FencingEnabled
        && (HaveFenceDevice || Options.HaveFenceDevices || Options.HaveWatchdog)
        && (Options.HaveQuorum || Options.NoQuorumPolicy == NoQuorumPolicy.Ignore || node.Online);

    /// <summary>Whether a resource is a fence device that lets nodes in.</summary>
    public bool Unfences(ResourceModel resource) =>
        resource.Agent.IsFenceDevice
        && AttributeSets.Find(resource.Meta, "provides", Context(resource.Agent)) == "unfencing";

    /// <summary>Rules without a node.</summary>
    public RuleContext Context(AgentName? agent = null) => new() { Now = Model.Now, Agent = agent };

    /// <summary>Rules about one node.</summary>
    public RuleContext Context(NodeView node) => new() { Now = Model.Now, Attribute = node.Attribute };

    private static IEnumerable<ResourceModel> Flatten(IEnumerable<ResourceModel> resources) =>
        resources.SelectMany(resource => Flatten(resource.Members).Prepend(resource));

    private void Register(Instance instance)
    {
        instances.TryAdd(instance.Id, instance);
        if (instance.Kind == ResourceKind.Primitive) primitives.TryAdd(instance.Id, instance);
        foreach (var member in instance.Members)
        {
            Register(member);
            // Constraints may name what a clone repeats by its plain id: they mean the clone.
            if (member.OfClone is { } clone) instances.TryAdd(member.Model.Id, clone);
        }
    }
}
