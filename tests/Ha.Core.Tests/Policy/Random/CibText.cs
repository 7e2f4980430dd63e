using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Ha.Core.Tests.Policy.Random;

/// <summary>One operation that a node reports.</summary>
internal sealed record Operation(string Node, string Resource, string Name, int Seconds, int Code)
{
    public int When { get; init; } = 1000;

    /// <summary>As Pacemaker numbers them: 0 done, -1 pending, 2 timed out, 4 failed, ...</summary>
    public int Status { get; init; }

    /// <summary>The code that was expected; null for the usual one.</summary>
    public int? Expected { get; init; }

    /// <summary>Parameters it ran with, as they stand in a digest: <c> state="x"</c>.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>Digest of the parameters that need a restart, written only when there is one.</summary>
    public string? RestartParameters { get; init; }

    /// <summary>Whether it is the copy that is kept of the last failure.</summary>
    public bool IsLastFailure { get; init; }

    public int TimeoutMs { get; init; } = 20_000;
}

/// <summary>Collects a Pacemaker CIB piece by piece, and writes it.</summary>
internal sealed class CibText
{
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

    public List<string> OperationDefaults { get; } = [];

    /// <summary>Elements of the configuration besides the usual ones (tags, fencing topology).</summary>
    public List<string> Others { get; } = [];

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

    /// <summary>A node reports an operation that went as usual.</summary>
    public void Report(string node, string resource, string operation, int seconds, int code, int when = 1000) =>
        Report(new Operation(node, resource, operation, seconds, code) { When = when });

    /// <summary>A node reports an operation.</summary>
    public void Report(Operation operation)
    {
        call++;
        var (_, resource, name, seconds, code) = operation;
        var expected = operation.Expected ?? (name == "monitor" && seconds == 0 ? 7 : 0);
        var interval = seconds * 1000;
        var timeout = interval == 0 ? "" : $" CRM_meta_timeout=\"{operation.TimeoutMs}\"";
        var digest = Digest(timeout + operation.Parameters);
        var restart = operation.RestartParameters is { } parameters
            ? $"op-force-restart=\" state \" op-restart-digest=\"{Digest(parameters)}\"" : "";
        var id = operation.IsLastFailure ? $"{resource}_last_failure_0" : $"{resource}_{name}_{interval}";
        if (!history.TryGetValue((operation.Node, resource), out var text))
            history[(operation.Node, resource)] = text = new();
        text.Append($"""
            <lrm_rsc_op id="{id}" operation_key="{resource}_{name}_{interval}"
              operation="{name}" crm_feature_set="3.0.14" transition-key="{call}:1:{expected}:{Run}"
              transition-magic="{operation.Status}:{code};{call}:1:{expected}:{Run}"
              call-id="{(operation.Status < 0 ? -1 : call)}" rc-code="{code}" op-status="{operation.Status}"
              interval="{interval}" last-rc-change="{operation.When}" exec-time="1" queue-time="0"
              op-digest="{digest}" {restart}/>

            """);
    }

    /// <summary>A failure is counted, too.</summary>
    public void Fail(
        string node, string resource, string operation, int seconds, int code, string count, int when)
    {
        Report(node, resource, operation, seconds, code, when);
        Count(node, resource, operation, seconds, count, when);
    }

    public void Count(string node, string resource, string operation, int seconds, string count, int when)
    {
        Transient(node, $"fail-count-{resource}#{operation}_{seconds * 1000}", count);
        Transient(node, $"last-failure-{resource}#{operation}_{seconds * 1000}", $"{when}");
    }

    public override string ToString()
    {
        var text = new StringBuilder($"""
            <cib crm_feature_set="3.0.14" validate-with="pacemaker-3.9" epoch="1" num_updates="1" admin_epoch="0"
              have-quorum="{(HaveQuorum ? 1 : 0)}" dc-uuid="1" execution-date="{RandomCib.Now}">
            <configuration><crm_config><cluster_property_set id="options">
            {string.Join('\n', Options)}
            </cluster_property_set></crm_config>
            <nodes>

            """);
        foreach (var node in Nodes) text.AppendLine(NodeElement(node));
        text.AppendLine($"</nodes>\n<resources>\n{string.Join('\n', Resources)}\n</resources>");
        text.AppendLine($"<constraints>\n{string.Join('\n', Constraints)}\n</constraints>");
        text.Append(string.Concat(Others));
        if (OperationDefaults.Count > 0)
            text.AppendLine($"""<op_defaults><meta_attributes id="op-defaults">{string.Concat(OperationDefaults)}"""
                + "</meta_attributes></op_defaults>");
        text.AppendLine($"""<rsc_defaults><meta_attributes id="defaults">{string.Concat(Defaults)}""");
        text.AppendLine("</meta_attributes></rsc_defaults></configuration>\n<status>");
        foreach (var node in Nodes) text.Append(StateElement(node));
        return text.Append("</status></cib>").ToString();
    }

    // What a node records of the parameters that something ran with: the digest of a line of XML.
    [SuppressMessage("Security", "CA5351", Justification = "As Pacemaker records it; protects nothing.")]
    private static string Digest(string parameters) => Convert.ToHexStringLower(
        MD5.HashData(Encoding.UTF8.GetBytes($" <parameters{parameters}/>\n")));

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
            var agent = resource.StartsWith(RandomCib.FenceDevice, StringComparison.Ordinal)
                ? """type="fence_xvm" class="stonith" """
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
