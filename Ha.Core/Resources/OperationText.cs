using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Core.Resources;

/// <summary>Operations and their ends in words.</summary>
internal static class OperationText
{
    private const int LongestDetail = 400;

    /// <summary>Whether an outcome is a failure of the operation.</summary>
    public static bool IsFailure(OperationKind kind, OperationOutcome outcome) => kind switch
    {
        OperationKind.Probe => outcome is not (OperationOutcome.Succeeded or OperationOutcome.NotRunning),
        // Nothing to stop with means nothing that was started by it.
        OperationKind.Stop => outcome
            is not (OperationOutcome.Succeeded or OperationOutcome.NotRunning or OperationOutcome.NotInstalled),
        OperationKind.Start or OperationKind.Announce or OperationKind.Monitor or OperationKind.Cancel
            or OperationKind.Fence => outcome != OperationOutcome.Succeeded,
    };

    /// <summary>An operation as a noun, for example <c>start</c>.</summary>
    public static string Noun(OperationKind kind) => kind switch
    {
        OperationKind.Probe => "probe",
        OperationKind.Start => "start",
        OperationKind.Stop => "stop",
        OperationKind.Announce => "announcement",
        OperationKind.Monitor => "monitor",
        OperationKind.Cancel => "end of monitoring",
        OperationKind.Fence => "fencing",
    };

    /// <summary>As much as is told to the peers with every report.</summary>
    public static string Shorten(string text) =>
        text.Length <= LongestDetail ? text : string.Concat(text.AsSpan(0, LongestDetail), " ...");

    /// <summary>What went wrong, in one sentence without full stop.</summary>
    public static string Describe(OperationKind kind, string resource, OperationCompleted done)
    {
        var how = done.Outcome switch
        {
            OperationOutcome.TimedOut => $"did not end within {done.Duration.TotalSeconds:0.#} s",
            OperationOutcome.NotInstalled => "is not possible: its agent is not installed",
            OperationOutcome.InvalidParameters => "was refused: the parameters make no sense on this node",
            OperationOutcome.NotConfigured => "was refused: the parameters make no sense on any node",
            OperationOutcome.NotPermitted => "was not permitted",
            OperationOutcome.NotImplemented => "is not known to its agent",
            OperationOutcome.Cancelled => "was called off",
            OperationOutcome.NotRunning when kind == OperationKind.Monitor => "found it not running",
            OperationOutcome.Failed or OperationOutcome.Succeeded or OperationOutcome.NotRunning => "failed",
        };
        var output = Shorten(done.Output.Trim());
        return $"{Noun(kind)} of {resource} {how}{(output.Length > 0 ? $": {output}" : "")}";
    }
}
