using Ha.Agent.Resources;
using Ha.Core.Contracts;

namespace Ha.Agent.Haproxy;

/// <summary>What <c>haproxy -c</c> said about a configuration.</summary>
/// <param name="Files">What it consisted of then.</param>
/// <param name="Hash">Over all of them; null when the main file could not be read.</param>
/// <param name="Problem">What is wrong, with file and line, one sentence without a full stop; null when nothing.</param>
/// <param name="At">When it was checked, UTC.</param>
internal sealed record ConfigurationCheck(HaproxyFiles Files, string? Hash, OperationResult? Problem, DateTimeOffset At)
{
    private const int KeptOutput = 16 * 1024;
    private const int LongestProblem = 500;

    /// <summary>Whether the configuration on the disk is still the one that was found good.</summary>
    public bool StillGood => Problem is null && !Files.HaveChanged;

    /// <summary>Runs the check.</summary>
    /// <param name="settings">Program and configuration.</param>
    /// <param name="programs">Runs it.</param>
    /// <param name="environment">NAME=value entries.</param>
    /// <param name="call">The operation that it belongs to: its limit holds.</param>
    public static ConfigurationCheck Run(
        HaproxySettings settings, ProgramRun programs, IReadOnlyList<string> environment, AgentCall call)
    {
        // What is written meanwhile must not count as checked: looked at before.
        var files = HaproxyFiles.Find(settings.Config);
        var hash = files.Hash();
        return new ConfigurationCheck(
            files, hash, Check(settings, programs, environment, call), DateTimeOffset.UtcNow);
    }

    /// <summary>What HAProxy said first against it: its first line of severity ALERT, without the ceremony.</summary>
    public static string FirstError(string output)
    {
        var line = output.Split('\n').FirstOrDefault(static line => line.StartsWith("[ALERT]", StringComparison.Ordinal))
            ?? output.Split('\n')[0];
        var end = line.IndexOf(" : ", StringComparison.Ordinal);
        if (line.StartsWith('[') && end > 0) line = line[(end + 3)..];
        if (line.StartsWith("config : ", StringComparison.Ordinal)) line = line["config : ".Length..];
        return Shortened(line.Trim().TrimEnd('.'));
    }

    private static string Shortened(string text) =>
        text.Length <= LongestProblem ? text : text[..LongestProblem] + "…";

    private static OperationResult? Check(
        HaproxySettings settings, ProgramRun programs, IReadOnlyList<string> environment, AgentCall call)
    {
        if (!File.Exists(settings.Binary))
        {
            return new(OperationOutcome.NotInstalled,
                $"{settings.Binary} is missing on this node: install HAProxy, or set the parameter binary.");
        }

        if (!File.Exists(settings.Config) && !Directory.Exists(settings.Config))
        {
            return new(OperationOutcome.NotInstalled,
                $"{settings.Config} is missing on this node: copy it there, or set the parameter config.");
        }

        var end = programs.Run(call, settings.Binary, ["-c", "-f", settings.Config], environment, "-c",
            new OutputExcerpt(KeptOutput));
        if (end.Failure is { } failure) return failure with { Output = Shortened(failure.Output) };
        return end.Code == 0 ? null
            : OperationResult.Failed($"{settings.Config} is refused by haproxy -c: {FirstError(end.Output)}.");
    }
}
