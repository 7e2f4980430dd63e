using System.Text.Json;
using System.Text.Json.Nodes;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Resources;

namespace Ha.Core.ClusterConfiguration.Versions;

/// <summary>One difference between two documents.</summary>
/// <param name="Pointer">JSON pointer: into the newer document, for what is gone into the older one.</param>
/// <param name="Old">JSON before, shortened; null when it was not there.</param>
/// <param name="New">JSON after, shortened; null when it is gone.</param>
public sealed record ConfigurationChange(string Pointer, string? Old, string? New)
{
    /// <summary><c>POINTER: old -> new</c>.</summary>
    public override string ToString() => $"{Pointer}: {Old ?? "nothing"} -> {New ?? "nothing"}";
}

/// <summary>
/// Finds what changed from one document to another. Items with an id or a name are compared with their namesakes
/// wherever those stand. Passwords and keys are not shown.
/// </summary>
public static class ConfigurationDiff
{
    /// <summary>Most changes that are listed.</summary>
    public const int Limit = 1000;

    private const int LongestValue = 500;

    /// <summary>Lists the changes, in the order of the newer document; the version is not one. At most
    /// <see cref="Limit"/>.</summary>
    public static ImmutableArray<ConfigurationChange> Between(ConfigurationDocument old, ConfigurationDocument @new)
    {
        var changes = ImmutableArray.CreateBuilder<ConfigurationChange>();
        Compare("", Tree(old), Tree(@new), changes);
        return changes.ToImmutable();
    }

    private static JsonNode Tree(ConfigurationDocument document) =>
        JsonSerializer.SerializeToNode(document with { Version = default }, ConfigurationText.TypeInfo)!;

    private static void Compare(
        string pointer, JsonNode? old, JsonNode? @new, ImmutableArray<ConfigurationChange>.Builder changes)
    {
        if (changes.Count >= Limit || JsonNode.DeepEquals(old, @new)) return;
        switch (old, @new)
        {
            case (JsonObject before, JsonObject after):
                foreach (var (name, value) in before)
                {
                    if (!after.ContainsKey(name)) Compare(Pointer.To(pointer, name), value, null, changes);
                }

                foreach (var (name, value) in after) Compare(Pointer.To(pointer, name), before[name], value, changes);
                break;
            case (JsonArray before, JsonArray after) when Keys(before) is { } first && Keys(after) is { } second:
                CompareItems(pointer, (before, first), (after, second), changes);
                break;
            default:
                changes.Add(new ConfigurationChange(pointer, Show(pointer, old), Show(pointer, @new)));
                break;
        }
    }

    private static void CompareItems(string pointer, (JsonArray Items, List<string> Keys) old,
        (JsonArray Items, List<string> Keys) @new, ImmutableArray<ConfigurationChange>.Builder changes)
    {
        for (var i = 0; i < old.Keys.Count; i++)
        {
            if (!@new.Keys.Contains(old.Keys[i])) Compare(Pointer.To(pointer, i), old.Items[i], null, changes);
        }

        for (var i = 0; i < @new.Keys.Count; i++)
        {
            var before = old.Keys.IndexOf(@new.Keys[i]);
            Compare(Pointer.To(pointer, i), before < 0 ? null : old.Items[before], @new.Items[i], changes);
        }

        var kept = old.Keys.Where(@new.Keys.Contains).ToList();
        var now = @new.Keys.Where(old.Keys.Contains).ToList();
        if (changes.Count < Limit && !kept.SequenceEqual(now))
        {
            changes.Add(new ConfigurationChange(
                pointer, Shorten($"order {string.Join(", ", kept)}"), Shorten($"order {string.Join(", ", now)}")));
        }
    }

    // Null when the items have no names of their own, or one name twice: the list changes as a whole then.
    private static List<string>? Keys(JsonArray items)
    {
        var keys = new List<string>(items.Count);
        foreach (var item in items)
        {
            if (item is not JsonObject known || (known["id"] ?? known["name"]) is not JsonValue name) return null;
            // Of monitors there may be several, of different intervals.
            var interval = known["id"] is null ? known["interval"] : null;
            keys.Add($"{name}{(interval is null ? "" : $" {interval}")}");
        }

        return keys.Distinct(StringComparer.Ordinal).Count() == keys.Count ? keys : null;
    }

    private static string? Show(string pointer, JsonNode? value)
    {
        if (value is null) return null;
        var names = pointer.Split('/');
        if (names.Length > 2 && names[^2] == "parameters" && SecretParameters.IsSecret(names[^1]))
            return $"\"{SecretParameters.Hidden}\"";
        var shown = value.DeepClone();
        Hide(shown, isParameters: names[^1] == "parameters");
        return Shorten(shown.ToJsonString(ConfigurationText.TypeInfo.Options));
    }

    private static void Hide(JsonNode? value, bool isParameters)
    {
        if (value is JsonArray items)
        {
            foreach (var item in items) Hide(item, isParameters: false);
        }

        if (value is not JsonObject known) return;
        foreach (var (name, member) in known.ToList())
        {
            if (isParameters && SecretParameters.IsSecret(name)) known[name] = SecretParameters.Hidden;
            else Hide(member, name == "parameters");
        }
    }

    private static string Shorten(string text) => text.Length > LongestValue ? text[..LongestValue] + "..." : text;
}
