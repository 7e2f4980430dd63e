using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Model;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks options, defaults and nodes.</summary>
internal static class OptionChecks
{
    private static readonly string[] Reserved = ["standby", "maintenance", "terminate"];

    /// <summary>Whether the cluster itself sets an attribute.</summary>
    public static bool IsReserved(string name) => name.StartsWith('#') || Reserved.Contains(name);

    public static void Run(ConfigurationDocument document, DocumentNames names)
    {
        var findings = names.Findings;
        if (document.Options?.Failback is not null && document.ResourceDefaults?.Stickiness is not null)
        {
            findings.Error("/options/failback",
                "failback and resourceDefaults.stickiness both say what staying is worth",
                "remove one of them; `\"failback\": true` means stickiness 1, false means INFINITY");
        }

        if (document.Options?.NoQuorumPolicy == NoQuorumPolicy.Fence && !names.FencingEnabled)
        {
            findings.Error("/options/noQuorumPolicy", "nodes are to be fenced without quorum, but fencing is off",
                "configure /fencing with a device, or write `\"stop\"`");
        }

        if (document.OperationDefaults?.OnFail == FailurePolicy.Fence && !names.FencingEnabled)
        {
            findings.Error("/operationDefaults/onFail", "a failure is to fence the node, but fencing is off",
                "configure /fencing with a device, or write `\"restart\"`");
        }

        MetaChecks.Run("/resourceDefaults", document.ResourceDefaults, names);
        Nodes(document.Nodes, names);
    }

    private static void Nodes(ImmutableArray<ConfiguredNode> nodes, DocumentNames names)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < nodes.Length; i++)
        {
            var node = nodes[i];
            var at = Pointer.To("/nodes", i);
            names.MustBeNode(at + "/name", node.Name);
            if (node.Name.Length > 0 && !first.TryAdd(node.Name, i))
            {
                names.Findings.Error(at + "/name", $"{Quote(node.Name)} is named before, at /nodes/{first[node.Name]}",
                    "write what is to say of a node in one place");
            }

            foreach (var name in node.Attributes.Keys)
            {
                if (IsReserved(name))
                {
                    names.Findings.Error(Pointer.To(at + "/attributes", name),
                        $"{Quote(name)} is an attribute that the cluster itself sets",
                        name is "standby" or "maintenance" ? $"write `\"{name}\": true` beside the name of the node"
                            : "choose another name");
                }
            }
        }

        if (names.Nodes.Length > 0 && names.Nodes.All(
            name => nodes.FirstOrDefault(node => node.Name == name)?.Votes == 0))
        {
            names.Findings.Error("/nodes", "no node has a vote: there would never be quorum",
                "give at least one node `\"votes\": 1`");
        }
    }
}

/// <summary>Checks meta attributes.</summary>
internal static class MetaChecks
{
    public static void Run(string pointer, ResourceMeta? meta, DocumentNames names)
    {
        if (meta?.Requires == ResourceRequirement.Fencing && !names.FencingEnabled)
        {
            names.Findings.Error(pointer + "/requires", "fencing is required, but fencing is off",
                "configure /fencing with a device, or write `\"quorum\"`");
        }
    }
}
