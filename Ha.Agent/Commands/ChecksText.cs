using System.Collections.Immutable;
using System.Text;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>The health checks as text for the terminal.</summary>
internal static class ChecksText
{
    private const string None = "No health checks are configured (docs/health.md)";

    /// <summary>All checks, each with its state on each node.</summary>
    public static string Of(ImmutableArray<CheckSnapshot> checks, DateTimeOffset now)
    {
        var text = new StringBuilder();
        if (checks.IsEmpty) text.AppendLine(None);
        var width = checks.SelectMany(static check => check.Nodes).Select(static on => on.Node.Length)
            .DefaultIfEmpty(0).Max();
        foreach (var check in checks)
        {
            text.AppendLine($"Check {check.Id}  {check.Type} {check.Target}, {Effect(check)}");
            foreach (var on in check.Nodes) text.AppendLine($"  {on.Node.PadRight(width)}  {State(on, now)}");
        }

        return text.ToString();
    }

    private static string Effect(CheckSnapshot check) =>
        check.Group is { } group ? $"decides where {group} runs"
            : check.Attribute is { } attribute ? $"sets the node attribute {attribute}" : "makes events only";

    private static string State(CheckOnNode on, DateTimeOffset now)
    {
        var word = Words.Of(on.State);
        var loud = on.State is CheckState.Unhealthy or CheckState.Flapping or CheckState.Recovering
            ? word.ToUpperInvariant() : word;
        var since = on.Since is { } at ? $" for {Words.Duration(now - at)}" : "";
        return on.Detail.Length > 0 ? $"{loud}{since}: {on.Detail}" : $"{loud}{since}";
    }
}
