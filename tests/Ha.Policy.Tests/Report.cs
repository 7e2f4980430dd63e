using System.Text;
using Ha.Core.Cib;
using Ha.Core.Policy;

namespace Ha.Policy.Tests;

/// <summary>Tells how two schedulers compare.</summary>
internal static class Report
{
    /// <summary>The shares that are equal, and the first cases that are not.</summary>
    public static string Summary(ImmutableArray<PolicyCase> cases, int most)
    {
        var differing = cases.Where(one => !one.HasEqualActions).ToList();
        var text = new StringBuilder();
        var placed = cases.Count(one => one.HasEqualPlaces);
        text.AppendLine($"{cases.Length} random clusters: {Share(cases.Length - differing.Count, cases.Length)} with "
            + $"equal actions, {Share(placed, cases.Length)} with equal placement");
        var invalid = cases.Count(one => one.Expected.IsInvalid);
        text.AppendLine($"{invalid} plans of Pacemaker cannot be carried out, as it says itself; "
            + $"{differing.Count(one => one.Expected.IsInvalid)} of them differ");
        foreach (var one in differing.Take(most)) text.AppendLine(one.Difference());
        foreach (var one in cases.Where(one => one.HasEqualActions && !one.HasEqualPlaces).Take(most))
            text.AppendLine("only places: " + one.Difference());
        return text.ToString();
    }

    /// <summary>Both plans, line by line; what only one has is marked.</summary>
    public static string SideBySide(PolicyCase one)
    {
        var text = new StringBuilder();
        text.AppendLine($"{"Pacemaker",-40}| the policy engine");
        for (var i = 0; i < Math.Max(one.Expected.Actions.Length, one.Ours.Actions.Length); i++)
        {
            text.AppendLine($"{Line(one.Expected, one.Ours, i),-40}| {Line(one.Ours, one.Expected, i)}");
        }

        var fenced = "fenced: " + string.Join(' ', one.Expected.Fenced);
        text.AppendLine($"{fenced,-40}| {string.Join(' ', one.Ours.Fenced)}");
        foreach (var (resource, nodes) in one.Ours.Places)
            text.AppendLine($"{resource + " on " + one.Expected.Places.GetValueOrDefault(resource, "?"),-40}| {nodes}");
        var model = CibReader.Read(one.Cib, DateTimeOffset.UnixEpoch).Model!;
        foreach (var placement in ClusterPlanner.Plan(model).Placements)
            text.AppendLine($"{placement.Group}: {placement.Node ?? "nowhere"}: {placement.Reason}");
        return text.ToString();
    }

    private static string Share(int part, int whole) => $"{100.0 * part / whole:0.00} %";

    private static string Line(ScheduledActions of, ScheduledActions other, int index)
    {
        if (index >= of.Actions.Length) return "";
        var action = of.Actions[index];
        return (other.Actions.Contains(action) ? "  " : "* ") + action;
    }
}
