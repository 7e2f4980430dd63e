using Ha.Core.Time;

namespace Ha.Core.Tests.Policy.Random;

/// <summary>Draws constraints between outermost resources; no two contradict each other head-on.</summary>
internal sealed class RandomConstraints(SplitMix64 random, Rare rare, CibText cib, RandomResources resources)
{
    private readonly HashSet<(string, string)> together = [];
    private readonly HashSet<(string, string)> ordered = [];

    public void Draw()
    {
        for (var i = Pick(0, 0, 1, 1, 2, 3); i > 0; i--) Location(i);
        if (rare.Chance(20)) RareLocation();
        if (cib.Options.Exists(one => one.Contains("symmetric-cluster", StringComparison.Ordinal))) Enable();
        if (resources.Outermost.Count < 2) return;
        for (var i = Pick(0, 0, 1, 1, 2); i > 0; i--) Colocation(i);
        for (var i = Pick(0, 0, 1, 1, 2); i > 0; i--) Order(i);
        if (resources.Outermost.Count < 3) return;
        if (ordered.Count == 0 && Chance(40)) OrderSets();
        if (together.Count == 0 && Chance(30)) ColocationSets();
    }

    private void Location(int number)
    {
        var (id, node) = ($"l{number}", Pick(cib.Nodes));
        var score = Pick("INFINITY", "-INFINITY", "10", "100", "-10", "-50", "1", "500");
        string[] targets = [.. resources.Outermost,
            .. resources.Primitives.Where(one => !one.IsCloned).Select(one => one.Id)];
        if (Chance(80))
        {
            cib.Constraints.Add(
                $"""<rsc_location id="{id}" rsc="{Pick(targets)}" node="{node}" score="{score}"/>""");
            return;
        }

        cib.Constraints.Add($"""
            <rsc_location id="{id}" rsc="{Pick(targets)}"><rule id="{id}-r" score="{score}"><expression id="{id}-e"
              attribute="{Pick("#uname", "color")}" operation="{Pick("eq", "ne")}" value="{Pick(node, "red")}"/></rule>
            </rsc_location>
            """);
    }

    // Rules of all kinds, sets of resources, and where nodes are not asked.
    private void RareLocation()
    {
        var target = rare.Pick(resources.Outermost);
        var discovery = rare.Chance(25) ? $"resource-discovery=\"{rare.Pick("never", "exclusive", "always")}\"" : "";
        var score = rare.Pick("INFINITY", "-INFINITY", "10", "100", "-10", "200");
        if (rare.Chance(40))
        {
            var node = rare.Pick(cib.Nodes);
            var refs = string.Concat(resources.Outermost.Select(one => $"<resource_ref id=\"{one}\"/>"));
            cib.Constraints.Add(rare.Chance(30)
                ? $"""
                    <rsc_location id="lr" node="{node}" score="{score}" {discovery}><resource_set id="lr-s">{refs}
                    </resource_set></rsc_location>
                    """
                : $"""<rsc_location id="lr" rsc="{target}" node="{node}" score="{score}" {discovery}/>""");
            return;
        }

        var worth = rare.Chance(30) ? "score-attribute=\"level\"" : $"score=\"{score}\"";
        var joined = rare.Pick("", "boolean-op=\"or\"", "boolean-op=\"and\"");
        var conditions = Condition(1) + (rare.Chance(60) ? Condition(2) : "");
        cib.Constraints.Add($"""
            <rsc_location id="lr" rsc="{target}" {discovery}><rule id="lr-r" {worth} {joined}>{conditions}</rule>
            </rsc_location>
            """);
    }

    private string Condition(int number)
    {
        var id = $"lr-e{number}";
        return rare.Next(0, 7) switch
        {
            0 => $"""<expression id="{id}" attribute="color" operation="{rare.Pick("defined", "not_defined")}"/>""",
            1 or 2 => $"""
                <expression id="{id}" attribute="level" operation="{rare.Pick("lt", "gt", "lte", "gte", "eq", "ne")}"
                  value="{rare.Pick("5", "2", "30", "2.5", "x")}" {rare.Pick("", "type=\"integer\"",
                    "type=\"number\"", "type=\"string\"", "type=\"version\"")}/>
                """,
            3 => $"""
                <date_expression id="{id}" {rare.Pick("operation=\"gt\" start", "operation=\"lt\" end")}="{rare.Pick(
                  "1970-01-05", "1970-02-01", "1970-01-23 12:00:00Z", "1970-W05-2")}"/>
                """,
            4 => $"""
                <date_expression id="{id}" operation="date_spec"><date_spec id="{id}-s" hours="{rare.Pick("3", "0-12",
                  "13-23")}" {rare.Pick("", "weekdays=\"6\"", "weekdays=\"1-5\"", "monthdays=\"24\"")}/>
                </date_expression>
                """,
            5 => $"""
                <date_expression id="{id}" operation="in_range" start="{rare.Pick("1970-01-20", "1970-01-24T03:00:00Z")}"
                  ><duration id="{id}-d" {rare.Pick("days=\"3\"", "hours=\"2\"", "weeks=\"2\"", "months=\"1\"")}/>
                </date_expression>
                """,
            _ => $"""
                <rule id="{id}" boolean-op="{rare.Pick("or", "and")}"><expression id="{id}-a" attribute="#uname"
                  operation="eq" value="{rare.Pick(cib.Nodes)}"/><expression id="{id}-b" attribute="{rare.Pick(
                    "#kind", "#id", "color")}" operation="{rare.Pick("eq", "ne")}" value="{rare.Pick("cluster", "1",
                    "red")}"/></rule>
                """,
        };
    }

    private void Enable()
    {
        foreach (var resource in resources.Outermost)
        {
            foreach (var node in cib.Nodes)
            {
                if (Chance(70))
                    cib.Constraints.Add($"""<rsc_location id="e-{resource}-{node}" rsc="{resource}" """
                        + $"""node="{node}" score="{Pick("10", "100", "0")}"/>""");
            }
        }
    }

    private void Colocation(int number)
    {
        var (one, other) = Two();
        if (together.Contains((other, one)) || !together.Add((one, other))) return;
        if (rare.Chance(8)) one = Member(one);
        if (rare.Chance(8)) other = Member(other);
        var more = rare.Chance(10) ? rare.Pick("node-attribute=\"color\"", "influence=\"false\"") : "";
        cib.Constraints.Add($"""<rsc_colocation id="t{number}" rsc="{one}" with-rsc="{other}" {more} """
            + $"""score="{Pick("INFINITY", "INFINITY", "-INFINITY", "100", "-100", "5")}"/>""");
    }

    // A member of a group instead of the group.
    private string Member(string id)
    {
        var groups = cib.Resources.Where(one => one.StartsWith($"<group id=\"{id}\"", StringComparison.Ordinal));
        if (groups.FirstOrDefault() is not { } group) return id;
        return rare.Pick([.. resources.Primitives.Select(one => one.Id)
            .Where(one => group.Contains($"<primitive id=\"{one}\"", StringComparison.Ordinal))]);
    }

    private void Order(int number)
    {
        var (one, other) = Two();
        if (Chance(80) && string.CompareOrdinal(one, other) > 0) (one, other) = (other, one);
        if (ordered.Contains((other, one)) || !ordered.Add((one, other))) return;
        if (rare.Chance(8)) one = Member(one);
        if (rare.Chance(8)) other = Member(other);
        var kind = Pick("Mandatory", "Mandatory", "Optional", "Optional", "Serialize");
        var asymmetrical = Chance(15) || kind == "Serialize";
        var more = "";
        if (rare.Chance(8))
            more = rare.Pick("first-action=\"stop\" then-action=\"start\"", "first-action=\"start\" then-action=\"stop\"",
                "first-action=\"stop\"");
        else if (rare.Chance(8)) more = "require-all=\"false\"";
        cib.Constraints.Add($"""<rsc_order id="o{number}" first="{one}" then="{other}" kind="{kind}" {more} """
            + (asymmetrical ? "symmetrical=\"false\"/>" : "/>"));
    }

    private void OrderSets()
    {
        var (first, then) = Split();
        var more = rare.Chance(15) ? rare.Pick("kind=\"Optional\"", "kind=\"Serialize\"", "symmetrical=\"false\"") : "";
        var third = rare.Chance(25) && then.Length > 1 ? then[1..] : [];
        if (third.Length > 0) then = then[..1];
        cib.Constraints.Add($"<rsc_order id=\"os\" {more}>{Set("os1", first, Weak())}{Set("os2", then, Weak())}"
            + (third.Length > 0 ? Set("os3", third, Weak()) : "") + "</rsc_order>");

        string Weak() => Pick("", " sequential=\"false\"", " sequential=\"false\" require-all=\"false\"");
    }

    private void ColocationSets()
    {
        var (dependents, primaries) = Split();
        var score = Pick("INFINITY", "INFINITY", "100");
        if (rare.Chance(15)) score = rare.Pick("-INFINITY", "-10");
        var third = rare.Chance(25) && primaries.Length > 1 ? primaries[1..] : [];
        if (third.Length > 0) primaries = primaries[..1];
        cib.Constraints.Add($"<rsc_colocation id=\"ts\" score=\"{score}\">"
            + Set("ts1", dependents, Weak()) + (Chance(70) ? Set("ts2", primaries, Weak()) : "")
            + (third.Length > 0 ? Set("ts3", third, Weak()) : "") + "</rsc_colocation>");

        string Weak() => Pick("", " sequential=\"false\"");
    }

    private static string Set(string id, IEnumerable<string> members, string settings) =>
        $"<resource_set id=\"{id}\"{settings}>"
        + string.Concat(members.Select(one => $"<resource_ref id=\"{one}\"/>")) + "</resource_set>";

    private (string[] First, string[] Then) Split()
    {
        var members = Shuffled()[..Math.Min(resources.Outermost.Count, random.Next(3, 5))];
        var at = random.Next(1, members.Length);
        return (members[..at], members[at..]);
    }

    private (string One, string Other) Two()
    {
        var all = Shuffled();
        return (all[0], all[1]);
    }

    private string[] Shuffled()
    {
        string[] all = [.. resources.Outermost];
        for (var i = all.Length - 1; i > 0; i--)
        {
            var j = random.Next(0, i + 1);
            (all[i], all[j]) = (all[j], all[i]);
        }

        return all;
    }

    private bool Chance(int percent) => random.Chance(percent, 100);

    private T Pick<T>(params IReadOnlyList<T> values) => values[random.Next(0, values.Count)];
}
