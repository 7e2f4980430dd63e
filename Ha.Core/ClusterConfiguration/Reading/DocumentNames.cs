using Ha.Core.ClusterConfiguration.Documents;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>
/// Everything in a document that can be named, and what names it: for all checks that follow references. Empty names
/// stand for what was reported already.
/// </summary>
internal sealed class DocumentNames
{
    private readonly Dictionary<string, ConfiguredResource> resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfiguredGroup> groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfiguredClone> clones = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfiguredGroup> groupOfMember = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfiguredClone> cloneOf = new(StringComparer.Ordinal);

    public DocumentNames(ConfigurationDocument document, ImmutableArray<string> nodes, DocumentFindings findings)
    {
        Nodes = nodes;
        Findings = findings;
        foreach (var resource in document.Resources) resources.TryAdd(resource.Id, resource);
        foreach (var group in document.Groups)
        {
            groups.TryAdd(group.Id, group);
            foreach (var member in group.Members) groupOfMember.TryAdd(member, group);
        }

        foreach (var clone in document.Clones)
        {
            clones.TryAdd(clone.Id, clone);
            cloneOf.TryAdd(clone.Resource, clone);
        }

        FencingEnabled = FencingCompiler.IsEnabled(document.Fencing);
    }

    public ImmutableArray<string> Nodes { get; }

    public DocumentFindings Findings { get; }

    public bool FencingEnabled { get; }

    public ConfiguredResource? Resource(string id) => resources.GetValueOrDefault(id);

    public ConfiguredGroup? Group(string id) => groups.GetValueOrDefault(id);

    public ConfiguredClone? Clone(string id) => clones.GetValueOrDefault(id);

    public ConfiguredGroup? GroupOfMember(string id) => groupOfMember.GetValueOrDefault(id);

    /// <summary>Whether anything that a constraint can name has the id.</summary>
    public bool Exists(string id) =>
        resources.ContainsKey(id) || groups.ContainsKey(id) || clones.ContainsKey(id);

    /// <summary>The clone that the id is, or that repeats it or its group; null when there is none.</summary>
    public ConfiguredClone? CloneAround(string id) =>
        clones.GetValueOrDefault(id) ?? cloneOf.GetValueOrDefault(id)
        ?? (groups.ContainsKey(id) ? null : groupOfMember.GetValueOrDefault(id) is { } group
            ? cloneOf.GetValueOrDefault(group.Id) : null);

    /// <summary>The primitives that an id stands for, in order; empty when it does not exist.</summary>
    public ImmutableArray<string> Primitives(string id)
    {
        if (clones.GetValueOrDefault(id) is { } clone && clone.Resource != id) return InGroup(clone.Resource);
        return InGroup(id);
    }

    /// <summary>Reports an id that does not exist.</summary>
    public void MustExist(string pointer, string id)
    {
        if (id.Length == 0 || Exists(id)) return;
        Findings.Error(pointer, $"there is no resource, group or clone {Quote(id)}",
            NearestName.Find(id, resources.Keys.Concat(groups.Keys).Concat(clones.Keys)) is { } near
                ? $"write `\"{Printable(near)}\"`, or add it" : "add it, or correct the id");
    }

    /// <summary>Reports a node that does not exist.</summary>
    public void MustBeNode(string pointer, string node)
    {
        if (node.Length == 0 || Nodes.Contains(node)) return;
        Findings.Error(pointer, $"{Quote(node)} is not a node of ha.cf ({string.Join(", ", Nodes)} are)",
            NearestName.Find(node, Nodes) is { } near ? $"write `\"{near}\"`, or add the node to ha.cf on every node"
                : "write one of them, or add the node to ha.cf on every node");
    }

    private ImmutableArray<string> InGroup(string id) =>
        groups.GetValueOrDefault(id) is { } group ? group.Members : resources.ContainsKey(id) ? [id] : [];
}
