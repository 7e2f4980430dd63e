using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ha.Agent.Control;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>How the last operations on this node's resources ended.</summary>
internal static class ResultsCommand
{
    private const string Indent = "    ";

    /// <summary>Prints it.</summary>
    /// <param name="paths">Whose agent.</param>
    /// <param name="resource">Only this one, with what was printed; null: the last result of each.</param>
    /// <param name="json">For programs.</param>
    public static int Run(AgentPaths paths, string? resource, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var results = agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Results, Resource = resource })
            .Results ?? throw new RequestFailedException("the agent answered without results");
        if (results.IsEmpty && resource is not null && !IsConfigured(agent, resource))
        {
            Console.Error.WriteLine(
                $"ha-agent: there is no resource {resource}; 'ha-agent resources' shows those that there are");
            return ExitCode.Usage;
        }

        Console.Out.Write(json ? JsonSerializer.Serialize(results, HaJson.Default.ImmutableArrayResourceResults) + "\n"
            : results.IsEmpty ? "No operation has ended here since this agent was started\n"
            : resource is null ? Table(results) : Story(results[0]));
        return ExitCode.Done;
    }

    private static bool IsConfigured(ControlClient agent, string resource) => ReportCommands.Snapshot(agent).Groups
        .SelectMany(static group => group.Resources).Any(one => one.Id == resource);

    private static string Table(ImmutableArray<ResourceResults> results)
    {
        var text = new StringBuilder();
        var width = results.Max(static one => one.Resource.Length);
        foreach (var one in results)
            text.AppendLine($"{one.Resource.PadRight(width)}  {Line(one.Results[0])}");
        return text.ToString();
    }

    private static string Story(ResourceResults known)
    {
        var text = new StringBuilder().AppendLine($"{known.Resource} on {known.Node}, newest first");
        foreach (var result in known.Results)
        {
            text.AppendLine(Line(result));
            if (result.Reason.Length > 0) text.AppendLine(Indent + Indented(result.Reason));
            if (result.Output.Length > 0) text.AppendLine($"{Indent}printed: {Indented(result.Output)}");
        }

        return text.ToString();
    }

    private static string Line(ResourceResult result)
    {
        var every = result.IntervalMs > 0
            ? $" each {Words.Duration(TimeSpan.FromMilliseconds(result.IntervalMs))}" : "";
        var code = result.ExitCode is { } exit ? string.Create(CultureInfo.InvariantCulture, $", exit code {exit}") : "";
        var took = Words.Duration(TimeSpan.FromMilliseconds(result.DurationMs));
        return $"{Words.LocalTime(result.At)}  {Words.Of(result.Operation)}{every}: {Words.Of(result.Outcome)} "
            + $"in {took}{code}";
    }

    private static string Indented(string text) => text.Replace("\n", "\n" + Indent, StringComparison.Ordinal);
}
