using System.Collections.Immutable;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;
using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>What is answered about a configuration whose resources were held against their agents.</summary>
internal static class DocumentReplies
{
    /// <summary>Warnings that are told one by one.</summary>
    private const int MostWarnings = 10;

    /// <summary>Why it is not taken; null when nothing is wrong enough.</summary>
    public static CommandRejection? Refusal(ImmutableArray<DocumentFinding> findings)
    {
        ImmutableArray<ProblemError> errors = [.. findings.Where(one => one.Severity == FindingSeverity.Error)
            .Select(one => new ProblemError(one.Pointer, $"{one.Problem}; {one.Advice}"))];
        if (errors.IsEmpty) return null;
        return new(RejectionCode.InvalidConfiguration,
            "the agents of this node do not accept "
            + $"{(errors.Length == 1 ? "a parameter" : $"{errors.Length} parameters")}; "
            + "nothing was changed (it can be forced): "
            + $"{errors[0].Pointer}: {errors[0].Detail}")
        {
            Errors = errors,
        };
    }

    /// <summary>Tells what is odd in one that was taken.</summary>
    public static void Warn(ImmutableArray<DocumentFinding> findings, Action<string> tell)
    {
        foreach (var finding in findings.Take(MostWarnings)) tell(finding.ToString());
        if (findings.Length > MostWarnings)
            tell($"and {findings.Length - MostWarnings} more: 'ha-agent config check FILE' shows all");
    }
}
