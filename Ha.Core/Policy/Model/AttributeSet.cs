using Ha.Core.Policy.Rules;

namespace Ha.Core.Policy.Model;

/// <summary>Named values that hold together, perhaps only while a rule holds.</summary>
/// <param name="Id">Id of the set.</param>
/// <param name="Score">Sets with a greater score win.</param>
/// <param name="Rule">When it holds; null for always.</param>
/// <param name="Values">Names and values.</param>
public sealed record AttributeSet(
    string Id, int Score, Rule? Rule, ImmutableArray<KeyValuePair<string, string>> Values)
{
    /// <summary>A set without rule.</summary>
    public static AttributeSet Of(params ReadOnlySpan<KeyValuePair<string, string>> values) =>
        new("", 0, null, [.. values]);
}

/// <summary>Finds what attribute sets say at a moment.</summary>
public static class AttributeSets
{
    /// <summary>The values that hold, sorted by name; the first set (by score, then as configured) decides.</summary>
    public static SortedDictionary<string, string> Resolve(ImmutableArray<AttributeSet> sets, RuleContext context)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var set in sets.OrderByDescending(set => set.Score))
        {
            if (set.Rule is { } rule && !RuleEvaluation.Holds(rule, context)) continue;
            foreach (var (name, value) in set.Values) values.TryAdd(name, value);
        }

        return values;
    }

    /// <summary>One value; null when no set that holds has it.</summary>
    public static string? Find(ImmutableArray<AttributeSet> sets, string name, RuleContext context) =>
        sets.IsEmpty ? null : Resolve(sets, context).GetValueOrDefault(name);
}
