using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ha.Policy.Tests;

/// <summary>Asks Pacemaker's own scheduler, by way of <c>crm_simulate</c> (Debian's pacemaker-cli-utils).</summary>
internal static partial class Pacemaker
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>What Pacemaker would do with a CIB.</summary>
    /// <exception cref="InvalidOperationException">crm_simulate is not there or failed.</exception>
    public static ScheduledActions Schedule(string cib)
    {
        var start = new ProcessStartInfo("crm_simulate", ["--simulate", "--xml-pipe"])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("crm_simulate did not start");
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(cib);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            // There are clusters for which it never ends: no plan is no valid one either.
            process.Kill();
            return new ScheduledActions([], [], ImmutableSortedDictionary<string, string>.Empty) { IsInvalid = true };
        }

        process.WaitForExit();
        // A plan of which a part waits in vain ends with 1, too.
        return output.Result.Contains("Revised Cluster Status:", StringComparison.Ordinal) 
            ? Read(output.Result) with
            {
                IsInvalid = errors.Result.Contains("An invalid transition was produced", StringComparison.Ordinal),
            }
            : throw new InvalidOperationException($"crm_simulate ended with {process.ExitCode}: {errors.Result}");
    }

    private static ScheduledActions Read(string text)
    {
        var section = "";
        var inClone = false;
        var actions = ImmutableArray.CreateBuilder<ScheduledAction>();
        var fenced = new List<string>();
        var places = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && line[0] != ' ') section = line.TrimEnd(':', '\r');
            if (section == "Executing Cluster Transition")
            {
                if (ActionLine().Match(line) is { Success: true } action)
                    actions.Add(new ScheduledAction(action.Groups["rsc"].Value, action.Groups["op"].Value,
                        action.Groups["ms"].Success ? long.Parse(action.Groups["ms"].Value) : 0,
                        action.Groups["node"].Value));
                else if (FenceLine().Match(line) is { Success: true } fence) fenced.Add(fence.Groups["node"].Value);
            }
            else if (section == "Revised Cluster Status")
            {
                // What stands deeper than a clone's title belongs to the clone.
                if (line.StartsWith("    * ", StringComparison.Ordinal))
                    inClone = line.Contains("Clone Set:", StringComparison.Ordinal);
                if (!inClone && PlaceLine().Match(line) is { Success: true } place)
                    places[place.Groups["rsc"].Value] = Nodes(place.Groups["state"].Value);
            }
        }

        return new ScheduledActions(actions.ToImmutable(), [.. fenced.Order(StringComparer.Ordinal)],
            places.ToImmutable());
    }

    // "Started n1", "FAILED (blocked) [ n1 n2 ]", "Stopped (disabled)".
    private static string Nodes(string state)
    {
        var words = Remark().Replace(state, "").Split([' ', '[', ']', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return words is ["Started" or "FAILED" or "Starting", .. var nodes]
            ? string.Join(' ', nodes.Order(StringComparer.Ordinal)) : "";
    }

    [GeneratedRegex(@"\* Resource action: (?<rsc>\S+)\s+(?<op>\w+?)(=(?<ms>\d+))? on (?<node>\S+)",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ActionLine();

    [GeneratedRegex(@"\* Fencing (?<node>\S+) \(\w+\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FenceLine();

    [GeneratedRegex(@"^\s*\* (?<rsc>\S+)\s+\((?!stonith:)[^)]*\):\s+(?<state>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlaceLine();

    [GeneratedRegex(@"\([^)]*\)", RegexOptions.None, 1000)]
    private static partial Regex Remark();
}
