using System.Text;
using Ha.Core.Time;

namespace Ha.Core.Tests.Policy.Random;

/// <summary>A primitive that was drawn.</summary>
internal sealed class RandomPrimitive(string id, bool isCloned)
{
    public string Id { get; } = id;

    public bool IsCloned { get; } = isCloned;

    /// <summary>Intervals of its monitors, s.</summary>
    public List<int> Monitors { get; } = [];

    /// <summary>The parameters that nodes started it with.</summary>
    public string Recorded { get; set; } = "";

    /// <summary>Whether nodes record which of them need a restart.</summary>
    public bool RecordsRestart { get; set; }

    /// <summary>Where it (and the rest of its group) is most likely to run.</summary>
    public string? Home
    {
        get => Group is { } group ? group.Home : own;
        set
        {
            if (Group is { } group) group.Home = value;
            else own = value;
        }
    }

    public RandomGroup? Group { get; set; }

    private string? own;
}

/// <summary>A group that was drawn.</summary>
internal sealed class RandomGroup
{
    public string? Home { get; set; }
}

/// <summary>Draws the resources of a cluster.</summary>
internal sealed class RandomResources(SplitMix64 random, Rare rare, CibText cib)
{
    private int number;
    private int templates;

    public List<RandomPrimitive> Primitives { get; } = [];

    /// <summary>Ids of outermost resources.</summary>
    public List<string> Outermost { get; } = [];

    public List<string> Clones { get; } = [];

    public void Draw(bool clones)
    {
        var left = random.Next(1, 7);
        while (left > 0)
        {
            if (left < 2 || !Chance(30))
            {
                left--;
                Add(Primitive(isCloned: false, null, out var id), id);
                continue;
            }

            var size = Math.Min(left, random.Next(2, 4));
            left -= size;
            Add(Group(size, isCloned: false, out var group), group);
        }

        if (!clones) return;
        for (var i = random.Next(1, 3); i > 0; i--) AddClone();
    }

    public void AddFenceDevice()
    {
        List<(string, string)> meta = [];
        if (rare.Chance(4)) meta.Add(("target-role", "Stopped"));
        if (rare.Chance(3)) meta.Add(("is-managed", "false"));
        if (rare.Chance(5)) meta.Add(("priority", rare.Pick("5", "-1")));
        if (rare.Chance(3)) meta.Add(("requires", rare.Pick("nothing", "quorum", "fencing")));
        cib.Resources.Add($"""
            <primitive id="{RandomCib.FenceDevice}" class="stonith" type="fence_xvm">
            {CibText.Meta(RandomCib.FenceDevice, meta)}
            <operations><op id="{RandomCib.FenceDevice}-m" name="monitor" interval="60s" timeout="20s"/></operations>
            </primitive>
            """);
        if (!rare.Chance(6)) return;
        cib.Resources.Add($"""
            <primitive id="{RandomCib.FenceDevice}2" class="stonith" type="fence_xvm"/>
            """);
    }

    private void Add(string element, string id)
    {
        cib.Resources.Add(element);
        Outermost.Add(id);
    }

    private void AddClone()
    {
        var id = $"c{++number}";
        List<(string, string)> meta = [];
        if (Chance(40)) meta.Add(("interleave", "true"));
        if (Chance(20)) meta.Add(("clone-max", $"{random.Next(1, 4)}"));
        if (Chance(10)) meta.Add(("target-role", "Stopped"));
        if (rare.Chance(10)) meta.Add(("ordered", "true"));
        if (rare.Chance(8)) meta.Add(("clone-min", rare.Pick("1", "2")));
        if (rare.Chance(5)) meta.Add(("resource-stickiness", rare.Pick("0", "100")));
        if (rare.Chance(5)) meta.Add(("priority", rare.Pick("5", "-1")));
        if (rare.Chance(5)) meta.Add(("is-managed", "false"));
        if (rare.Chance(3)) meta.Add(("maintenance", "true"));
        if (rare.Chance(5)) meta.Add(("migration-threshold", "1"));
        Clones.Add(id);
        var repeated = Chance(25) ? Group(2, isCloned: true, out _) : Primitive(isCloned: true, null, out _);
        Add($"""<clone id="{id}">{CibText.Meta(id, meta)}{repeated}</clone>""", id);
    }

    private string Group(int size, bool isCloned, out string id)
    {
        id = $"g{++number}";
        var group = new RandomGroup();
        var text = new StringBuilder($"""<group id="{id}">""").AppendLine();
        for (var i = 0; i < size; i++) text.AppendLine(Primitive(isCloned, group, out _));
        if (Chance(20) && !isCloned)
            text.Append(CibText.Meta(id, [Pick(("target-role", "Stopped"), ("resource-stickiness", "20"),
                ("is-managed", "false"), ("priority", "7"))]));
        else if (rare.Chance(8))
            text.Append(CibText.Meta(id, [rare.Pick(("maintenance", "true"), ("multiple-active", "block"),
                ("migration-threshold", "1"), ("failure-timeout", "60s"), ("critical", "false"))]));
        return text.Append("</group>").ToString();
    }

    private string Primitive(bool isCloned, RandomGroup? group, out string id)
    {
        id = $"r{++number}";
        var primitive = new RandomPrimitive(id, isCloned) { Group = group };
        Primitives.Add(primitive);
        var operations = new StringBuilder();
        if (isCloned) Monitor(operations, primitive, 10, "");
        else DrawOperations(operations, primitive);
        DrawRareOperations(operations, primitive);
        List<(string, string)> meta = isCloned ? [] : DrawMeta();
        DrawRareMeta(meta, isCloned);
        var body = DrawParameters(primitive) + CibText.Meta(id, meta);
        var configured = operations.Length == 0 ? "" : $"<operations>{operations}</operations>";
        if (!rare.Chance(4))
            return $"""<primitive id="{id}" class="ocf" provider="pacemaker" type="Dummy">{body}{configured}"""
                + "</primitive>";
        var template = $"template{++templates}";
        cib.Resources.Insert(0, $"""
            <template id="{template}" class="ocf" provider="pacemaker" type="Dummy">{configured}</template>
            """);
        return $"""<primitive id="{id}" template="{template}">{body}</primitive>""";
    }

    // What is configured may have changed since it was started.
    private string DrawParameters(RandomPrimitive primitive)
    {
        if (!rare.Chance(7)) return "";
        primitive.Recorded = rare.Pick(" state=\"x\"", " state=\"x\"", " state=\"y\"", "");
        primitive.RecordsRestart = rare.Chance(40);
        var extra = rare.Chance(20) ? CibText.Pair(primitive.Id, "fake", "1") : "";
        return $"""
            <instance_attributes id="{primitive.Id}-ia">{CibText.Pair(primitive.Id, "state", "x")}{extra}
            </instance_attributes>
            """;
    }

    private List<(string Name, string Value)> DrawMeta()
    {
        List<(string, string)> meta = [];
        if (Chance(15)) meta.Add(("priority", Pick("1", "5", "10", "-1")));
        if (Chance(15)) meta.Add(("resource-stickiness", Pick("0", "5", "50", "INFINITY", "-10")));
        if (Chance(12)) meta.Add(("target-role", Pick("Stopped", "Started")));
        if (Chance(8)) meta.Add(("is-managed", "false"));
        if (Chance(5)) meta.Add(("maintenance", "true"));
        if (Chance(12)) meta.Add(("multiple-active", Pick("stop_only", "block", "stop_unexpected")));
        if (Chance(10)) meta.Add(("migration-threshold", Pick("1", "2", "INFINITY")));
        if (Chance(5)) meta.Add(("critical", "false"));
        return meta;
    }

    private void DrawRareMeta(List<(string Name, string Value)> meta, bool isCloned)
    {
        void Add(string name, params IReadOnlyList<string> values)
        {
            var value = rare.Pick(values);
            if (!meta.Exists(one => one.Name == name)) meta.Add((name, value));
        }

        if (rare.Chance(5)) Add("requires", "nothing", "quorum", "fencing");
        if (rare.Chance(6)) Add("failure-timeout", "60s", "PT1M", "3600");
        if (rare.Chance(3)) Add("restart-type", "restart");
        if (rare.Chance(3)) Add("target-role", "Slave", "Master", "stopped");
        if (!isCloned) return;
        if (rare.Chance(5)) Add("is-managed", "false");
        if (rare.Chance(5)) Add("migration-threshold", "1", "2");
        if (rare.Chance(5)) Add("multiple-active", "stop_only", "block");
        if (rare.Chance(5)) Add("resource-stickiness", "50");
    }

    private void DrawOperations(StringBuilder operations, RandomPrimitive primitive)
    {
        if (Chance(70))
            Monitor(operations, primitive, 10, Chance(25)
                ? Pick("ignore", "block", "stop", "restart", "standby", "restart") : "");
        if (Chance(10)) Monitor(operations, primitive, 20, "");
        if (Chance(10)) Operation(operations, primitive.Id, "stop", 0, Pick("block", "ignore"));
        if (Chance(10)) Operation(operations, primitive.Id, "start", 0, Pick("block", "stop", "ignore"));
    }

    private void DrawRareOperations(StringBuilder operations, RandomPrimitive primitive)
    {
        if (rare.Chance(6)) Monitor(operations, primitive, 40, rare.Pick("fence", "demote", "block", "stop"));
        if (rare.Chance(3))
            Operation(operations, primitive.Id, "stop", 0, rare.Pick("fence", "restart", "standby", "stop"));
        if (rare.Chance(3))
            Operation(operations, primitive.Id, "start", 0, rare.Pick("fence", "restart", "standby"));
        if (rare.Chance(3)) Operation(operations, primitive.Id, "monitor", 0, rare.Pick("ignore", "block", "fence"));
        if (rare.Chance(4)) Operation(operations, primitive.Id, "monitor", 50, "", "role=\"Stopped\"");
        if (rare.Chance(4)) Operation(operations, primitive.Id, "monitor", 30, "", "enabled=\"false\"");
    }

    private static void Monitor(StringBuilder operations, RandomPrimitive primitive, int seconds, string onFail)
    {
        primitive.Monitors.Add(seconds);
        Operation(operations, primitive.Id, "monitor", seconds, onFail);
    }

    private static void Operation(
        StringBuilder operations, string id, string name, int seconds, string onFail, string more = "")
    {
        var key = $"id=\"{id}-{name}-{seconds}\"";
        if (operations.ToString().Contains(key, StringComparison.Ordinal)) return;
        operations.Append($"""<op {key} name="{name}" interval="{seconds}s" timeout="20s" {more} """);
        operations.Append(onFail.Length == 0 ? "/>" : $"""on-fail="{onFail}"/>""");
    }

    private bool Chance(int percent) => random.Chance(percent, 100);

    private T Pick<T>(params IReadOnlyList<T> values) => values[random.Next(0, values.Count)];
}
