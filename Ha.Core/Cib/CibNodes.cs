using System.Xml.Linq;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib;

/// <summary>Reads the nodes: what is configured joined with what the status says.</summary>
internal static class CibNodes
{
    public static ImmutableArray<NodeModel> Read(
        CibDocument document, XElement section, ImmutableArray<XElement> states)
    {
        var nodes = ImmutableArray.CreateBuilder<NodeModel>();
        var coordinator = (string?)document.Root.Attribute("dc-uuid");
        document.ReportUnknown(section, "node");
        foreach (var element in CibDocument.Children(section, "node"))
        {
            if ((string?)element.Attribute("id") is not { } id || (string?)element.Attribute("uname") is not { } name)
            {
                document.Findings.Add(element, "lacks its id or uname; it was left out");
                continue;
            }

            var type = (string?)element.Attribute("type");
            if (type is not (null or "member" or "normal"))
            {
                document.Findings.Add(element, $"is a {type} node, which is not supported; it was left out");
                continue;
            }

            var node = new NodeModel
            {
                Id = id, Name = name, IsCoordinator = id == coordinator,
                Attributes = document.Sets(element, "instance_attributes"),
            };
            var state = states.FirstOrDefault(one => (string?)one.Attribute("id") == id);
            nodes.Add(state is null ? node : Join(document, node, state));
        }

        return nodes.ToImmutable();
    }

    private static NodeModel Join(CibDocument document, NodeModel node, XElement state)
    {
        var transient = document.Sets(CibDocument.Section(state, "transient_attributes"), "instance_attributes");
        return node with
        {
            Seen = true,
            InMembership = (string?)state.Attribute("in_ccm") is { } member ? Since(member, "true") : null,
            AgentOnline = Since((string?)state.Attribute("crmd"), "online"),
            Join = (string?)state.Attribute("join") switch
            {
                "member" => NodeJoin.Member,
                null or "down" => NodeJoin.Down,
                "banned" => NodeJoin.Banned,
                _ => NodeJoin.Pending,
            },
            Expected = (string?)state.Attribute("expected") == "member",
            ShuttingDown = (string?)state.Attribute("shutdown") is not (null or "0" or "" or "false")
                || transient.Any(set => set.Values.Any(pair => pair is { Key: "shutdown", Value: not ("0" or "") })),
            TransientAttributes = transient,
        };
    }

    // Older agents write a word, newer ones the time since when it is so (0: it is not).
    private static bool Since(string? text, string word) =>
        text == word || (long.TryParse(text, out var since) && since > 0);
}
