using System.Globalization;
using Ha.Core.Configuration;

namespace Ha.Core.Resources;

/// <summary>Something wrong, or worth knowing, in the parameters of a resource.</summary>
/// <param name="Severity">With an error the resource cannot work.</param>
/// <param name="Parameter">Its name; empty when it concerns the resource as a whole.</param>
/// <param name="Problem">What is wrong, without a final stop.</param>
/// <param name="Advice">What to write or do instead, without a final stop.</param>
public sealed record ParameterFinding(FindingSeverity Severity, string Parameter, string Problem, string Advice)
{
    /// <summary><c>parameter: problem; advice</c>.</summary>
    public override string ToString() =>
        Parameter.Length > 0 ? $"{Parameter}: {Problem}; {Advice}" : $"{Problem}; {Advice}";
}

/// <summary>Compares the parameters and times of a resource with what its agent says about itself.</summary>
public static class AgentParameterCheck
{
    /// <summary>A name that differs in more letters is another name.</summary>
    private const int MostDifferences = 2;

    /// <summary>Parameters that every OCF agent of Debian takes from the shell functions they share.</summary>
    private static readonly ImmutableArray<string> Everywhere =
        ["trace_ra", "trace_file", "trace_dir", "OCF_CHECK_LEVEL"];

    private static readonly ImmutableArray<string> Booleans =
        ["yes", "no", "true", "false", "1", "0", "on", "off", "y", "n", "t", "f"];

    /// <summary>Checks parameters.</summary>
    /// <param name="agent">What the agent says.</param>
    /// <param name="parameters">What the resource sets.</param>
    /// <returns>Every finding: those of the resource's parameters by name, then what is missing.</returns>
    public static ImmutableArray<ParameterFinding> Check(
        AgentMetaData agent, ImmutableSortedDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(parameters);
        var findings = ImmutableArray.CreateBuilder<ParameterFinding>();
        foreach (var (name, value) in parameters)
        {
            if (Everywhere.Contains(name)) continue;
            if (agent.Find(name) is not { } known) findings.Add(Unknown(agent, name));
            else if (Value(known, value) is { } wrong) findings.Add(wrong);
        }

        foreach (var missing in agent.Parameters)
        {
            if (!missing.IsRequired || missing.Default is { Length: > 0 }) continue;
            if (parameters.ContainsKey(missing.Name)) continue;
            findings.Add(new(FindingSeverity.Error, missing.Name, "is required and not set",
                missing.ShortDescription.Length > 0 ? $"set it: {missing.ShortDescription}" : "set it"));
        }

        return findings.ToImmutable();
    }

    /// <summary>
    /// Finds timeouts that are shorter than the agent advises: a busy machine makes failures of them.
    /// </summary>
    public static ImmutableArray<ParameterFinding> CheckTimes(AgentMetaData agent, ResourceDefinition resource)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(resource);
        var findings = ImmutableArray.CreateBuilder<ParameterFinding>();
        Compare("start", resource.StartTimeout);
        Compare("stop", resource.StopTimeout);
        foreach (var monitor in resource.Monitors) Compare("monitor", monitor.Timeout, monitor.Depth);
        return findings.ToImmutable();

        void Compare(string action, TimeSpan timeout, int depth = 0)
        {
            if (agent.AdvisedTimeout(action, depth) is not { } advised || timeout >= advised) return;
            findings.Add(new(FindingSeverity.Warning, "",
                $"the timeout of {action} is {Seconds(timeout)}, the agent advises {Seconds(advised)} at least",
                $"set it to {Seconds(advised)} or more"));
        }
    }

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds / 1000:0.###} s");

    private static ParameterFinding Unknown(AgentMetaData agent, string name)
    {
        if (name.StartsWith("CRM_meta_", StringComparison.Ordinal) || name.Contains('=', StringComparison.Ordinal))
        {
            return new(FindingSeverity.Error, name, "is no name that a parameter can have",
                "remove it; the cluster sets the CRM_meta_ ones itself");
        }

        var near = agent.Parameters.Select(static p => p.Name)
            .Where(known => Differences(known, name) <= MostDifferences)
            .OrderBy(known => Differences(known, name)).ThenBy(static known => known, StringComparer.Ordinal)
            .FirstOrDefault();
        var advice = near is not null ? $"did you mean {near}?"
            : agent.Parameters.IsEmpty ? "remove it: the agent has no parameters"
            : $"remove it, or write one of {string.Join(", ", agent.Parameters.Select(static p => p.Name))}";
        return new(FindingSeverity.Error, name, $"the agent {agent.Name} knows no such parameter", advice);
    }

    private static ParameterFinding? Value(AgentParameter parameter, string value)
    {
        if (value.Contains('\0'))
            return new(FindingSeverity.Error, parameter.Name, "its value holds a NUL character", "remove it");
        var advice = parameter.Kind switch
        {
            AgentParameterKind.Integer when !IsNumber(value) => "write a whole number",
            AgentParameterKind.Boolean when !Booleans.Contains(value.ToLowerInvariant()) => "write true or false",
            AgentParameterKind.Choice when !parameter.Choices.Contains(value) =>
                $"write one of {string.Join(", ", parameter.Choices)}",
            AgentParameterKind.Integer or AgentParameterKind.Boolean or AgentParameterKind.Choice => null,
            AgentParameterKind.Text or AgentParameterKind.Duration or AgentParameterKind.Percentage => null,
        };
        // What an agent really accepts is often wider than what it says: its validate-all has the last word.
        if (advice is not null)
        {
            return new(FindingSeverity.Warning, parameter.Name,
                $"'{FileFindings.Printable(value)}' is not what the agent describes", advice);
        }

        return parameter.IsDeprecated
            ? new(FindingSeverity.Warning, parameter.Name, "is deprecated", $"see: {parameter.ShortDescription}")
            : null;
    }

    private static bool IsNumber(string value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    /// <summary>Letters to insert, remove or change until one name is the other (Levenshtein), case aside.</summary>
    private static int Differences(string left, string right)
    {
        const int farApart = int.MaxValue;
        const int longestName = 64;
        if (Math.Abs(left.Length - right.Length) > MostDifferences || left.Length > longestName) return farApart;
        var above = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var row = new int[right.Length + 1];
            row[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
            {
                var change = char.ToLowerInvariant(left[i]) == char.ToLowerInvariant(right[j]) ? 0 : 1;
                row[j + 1] = Math.Min(Math.Min(row[j], above[j + 1]) + 1, above[j] + change);
            }

            above = row;
        }

        return above[right.Length];
    }
}
