using System.Text;

namespace Ha.Core.Tests.Policy.Random;

/// <summary>Collects a Pacemaker CIB piece by piece, and writes it.</summary>
internal sealed class CibText
{
    // What a node records of a resource without parameters, and of its monitor with a timeout of 20 s.
    private const string NoParameters = "f2317cad3d54cec5d7d7aa7d0bf35cf8";
    private const string OnlyTimeout = "4811cef7f7f94e3a35a70be7916cb2fd";
    private const string Run = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    private const string Member = """in_ccm="true" crmd="online" join="member" expected="member" """;

    private readonly Dictionary<(string Node, string Resource), StringBuilder> history = [];
    private readonly Dictionary<string, List<string>> transient = [];
    private readonly Dictionary<string, List<string>> permanent = [];
    private int call;

    public List<string> Nodes { get; } = [];

    public List<string> Options { get; } = [];

    public List<string> Resources { get; } = [];

    public List<string> Constraints { get; } = [];

    public List<string> Defaults { get; } = [];

    /// <summary>Attributes of node_state; null for a node that was never seen.</summary>
    public Dictionary<string, string?> States { get; } = [];

    public bool HaveQuorum { get; set; } = true;

    public static string Pair(string id, string name, string value) =>
        $"""<nvpair id="{id}-{name}" name="{name}" value="{value}"/>""";

    public static string Meta(string id, IEnumerable<(string Name, string Value)> values)
    {
        var pairs = string.Concat(values.Select(one => Pair(id + "-meta", one.Name, one.Value)));
        return pairs.Length == 0 ? "" : $"""<meta_attributes id="{id}-meta">{pairs}</meta_attributes>""";
    }

    public void Permanent(string node, string name, string value) => Of(permanent, node)
        .Add(Pair($"node-{node}", name, value));

    public void Transient(string node, string name, string value) => Of(transient, node)
        .Add(Pair($"status-{node}", name, value));

    /// <summary>A node reports an operation.</summary>
    public void Report(string node, string resource, string operation, int seconds, int code, int when = 1000)
    {
        call++;
        var expected = operation == "monitor" && seconds == 0 ? 7 : 0;
        var interval = seconds * 1000;
        var digest = interval == 0 ? NoParameters : OnlyTimeout;
        if (!history.TryGetValue((node, resource), out var text)) history[(node, resource)] = text = new();
        text.Append($"""
            <lrm_rsc_op id="{resource}_{operation}_{interval}" operation_key="{resource}_{operation}_{interval}"
              operation="{operation}" crm_feature_set="3.0.14" transition-key="{call}:1:{expected}:{Run}"
              transition-magic="0:{code};{call}:1:{expected}:{Run}" call-id="{call}" rc-code="{code}" op-status="0"
              interval="{interval}" last-rc-change="{when}" exec-time="1" queue-time="0" op-digest="{digest}"/>

            """);
    }

    /// <summary>A failure is counted, too.</summary>
    public void Fail(
        string node, string resource, string operation, int seconds, int code, string count, int when)
    {
        Report(node, resource, operation, seconds, code, when);
        Transient(node, $"fail-count-{resource}#{operation}_{seconds * 1000}", count);
        Transient(node, $"last-failure-{resource}#{operation}_{seconds * 1000}", $"{when}");
    }

    public void Forget(string node, string resource) => history.Remove((node, resource));

    public override string ToString()
    {
        var text = new StringBuilder($"""
            <cib crm_feature_set="3.0.14" validate-with="pacemaker-3.0" epoch="1" num_updates="1" admin_epoch="0"
              have-quorum="{(HaveQuorum ? 1 : 0)}" dc-uuid="1" execution-date="{RandomCib.Now}">
            <configuration><crm_config><cluster_property_set id="options">
            {string.Join('\n', Options)}
            </cluster_property_set></crm_config>
            <nodes>

            """);
        foreach (var node in Nodes) text.AppendLine(NodeElement(node));
        text.AppendLine($"</nodes>\n<resources>\n{string.Join('\n', Resources)}\n</resources>");
        text.AppendLine($"<constraints>\n{string.Join('\n', Constraints)}\n</constraints>");
        text.AppendLine($"""<rsc_defaults><meta_attributes id="defaults">{string.Concat(Defaults)}""");
        text.AppendLine("</meta_attributes></rsc_defaults></configuration>\n<status>");
        foreach (var node in Nodes) text.Append(StateElement(node));
        return text.Append("</status></cib>").ToString();
    }

    private string NodeElement(string node)
    {
        var attributes = string.Concat(Of(permanent, node));
        return $"""<node id="{Id(node)}" uname="{node}"><instance_attributes id="attributes-{node}">{attributes}"""
            + "</instance_attributes></node>";
    }

    private string StateElement(string node)
    {
        var state = States.GetValueOrDefault(node, Member);
        if (state is null) return "";
        var text = new StringBuilder($"""<node_state id="{Id(node)}" uname="{node}" {state}>""");
        text.Append($"""<lrm id="{Id(node)}"><lrm_resources>""").AppendLine();
        foreach (var ((where, resource), operations) in history)
        {
            if (where != node) continue;
            var agent = resource == RandomCib.FenceDevice ? """type="fence_xvm" class="stonith" """
                : """type="Dummy" class="ocf" provider="pacemaker" """;
            text.Append($"""<lrm_resource id="{resource}" {agent}>""").AppendLine().Append(operations)
                .AppendLine("</lrm_resource>");
        }

        text.AppendLine("</lrm_resources></lrm>");
        text.Append($"""<transient_attributes id="{Id(node)}"><instance_attributes id="status-{node}">""");
        return text.Append(string.Concat(Of(transient, node)))
            .AppendLine("</instance_attributes></transient_attributes></node_state>").ToString();
    }

    private int Id(string node) => Nodes.IndexOf(node) + 1;

    private static List<string> Of(Dictionary<string, List<string>> attributes, string node)
    {
        if (!attributes.TryGetValue(node, out var list)) attributes[node] = list = [];
        return list;
    }
}
