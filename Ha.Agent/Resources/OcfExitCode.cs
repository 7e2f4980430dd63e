using System.Globalization;
using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>What the exit codes of the OCF resource agent API 1.1 mean.</summary>
internal static class OcfExitCode
{
    private const int NotRunning = 7;
    private const string ReasonMark = "ocf-exit-reason:";

    /// <summary>Judges the end of an agent.</summary>
    /// <param name="call">The operation.</param>
    /// <param name="end">How its program ended, with an exit code.</param>
    public static OperationResult Judge(AgentCall call, ProgramEnd end)
    {
        var said = Reason(end.Output);
        return end.Code switch
        {
            0 => OperationResult.Succeeded(end.Output),
            // An agent that says "not running" after a stop says what the stop was to reach.
            NotRunning when call.Asks => new(OperationOutcome.NotRunning, said),
            NotRunning when call.Kind == OperationKind.Stop => OperationResult.Succeeded(Sentence(end, said)),
            8 when call.Asks => OperationResult.Succeeded(Sentence(end, said)),
            190 or 191 => OperationResult.Succeeded(Sentence(end, said)),
            _ => new(Outcome(end.Code), Sentence(end, said)),
        };
    }

    private static OperationOutcome Outcome(int code) => code switch
    {
        2 => OperationOutcome.InvalidParameters,
        3 => OperationOutcome.NotImplemented,
        4 => OperationOutcome.NotPermitted,
        5 => OperationOutcome.NotInstalled,
        6 => OperationOutcome.NotConfigured,
        _ => OperationOutcome.Failed,
    };

    private static string Sentence(ProgramEnd end, string said)
    {
        var code = end.Code.ToString(CultureInfo.InvariantCulture);
        return ProgramEnd.WithOutput($"{end.Command} exited with {code} ({Meaning(end.Code)})", said);
    }

    private static string Meaning(int code) => code switch
    {
        1 => "failed",
        2 => "its parameters make no sense on this node",
        3 => "it does not know this operation",
        4 => "it lacks a permission",
        5 => "something it needs is not installed on this node",
        6 => "its parameters make no sense on any node",
        NotRunning => "not running",
        8 => "runs promoted",
        9 => "failed while promoted",
        190 => "runs, but degraded",
        191 => "runs promoted, but degraded",
        _ => "no code of the OCF API",
    };

    /// <summary>The last reason that the agent marked as such; else all that it printed.</summary>
    private static string Reason(string output)
    {
        var begin = output.LastIndexOf(ReasonMark, StringComparison.Ordinal);
        if (begin < 0) return output;
        var reason = output[(begin + ReasonMark.Length)..];
        var end = reason.IndexOf('\n', StringComparison.Ordinal);
        return (end < 0 ? reason : reason[..end]).Trim();
    }
}
