using Ha.Core.Time;

namespace Ha.Core.Tests.Policy.Random;

/// <summary>Draws constraints between outermost resources; no two contradict each other head-on.</summary>
internal sealed class RandomConstraints(SplitMix64 random, CibText cib, RandomResources resources)
{
    private readonly HashSet<(string, string)> together = [];
    private readonly HashSet<(string, string)> ordered = [];

    public void Draw()
    {
        for (var i = Pick(0, 0, 1, 1, 2, 3); i > 0; i--) Location(i);
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
        cib.Constraints.Add($"""<rsc_colocation id="t{number}" rsc="{one}" with-rsc="{other}" """
            + $"""score="{Pick("INFINITY", "INFINITY", "-INFINITY", "100", "-100", "5")}"/>""");
    }

    private void Order(int number)
    {
        var (one, other) = Two();
        if (Chance(80) && string.CompareOrdinal(one, other) > 0) (one, other) = (other, one);
        if (ordered.Contains((other, one)) || !ordered.Add((one, other))) return;
        var kind = Pick("Mandatory", "Mandatory", "Optional", "Optional", "Serialize");
        cib.Constraints.Add($"""<rsc_order id="o{number}" first="{one}" then="{other}" kind="{kind}" """
            + (Chance(15) || kind == "Serialize" ? "symmetrical=\"false\"/>" : "/>"));
    }

    private void OrderSets()
    {
        var (first, then) = Split();
        cib.Constraints.Add($"<rsc_order id=\"os\">{Set("os1", first, Weak())}{Set("os2", then, Weak())}</rsc_order>");

        string Weak() => Pick("", " sequential=\"false\"", " sequential=\"false\" require-all=\"false\"");
    }

    private void ColocationSets()
    {
        var (dependents, primaries) = Split();
        cib.Constraints.Add($"<rsc_colocation id=\"ts\" score=\"{Pick("INFINITY", "INFINITY", "100")}\">"
            + Set("ts1", dependents, Weak()) + (Chance(70) ? Set("ts2", primaries, Weak()) : "") + "</rsc_colocation>");

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
