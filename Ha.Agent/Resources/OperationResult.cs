using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>How an operation on a resource ended.</summary>
/// <param name="Outcome">As the engine judges it.</param>
/// <param name="Output">What went wrong or what the script printed, at most 2 KiB; may be empty.</param>
internal readonly record struct OperationResult(OperationOutcome Outcome, string Output)
{
    public static OperationResult Succeeded(string output = "") => new(OperationOutcome.Succeeded, output);

    public static OperationResult Failed(string sentence) => new(OperationOutcome.Failed, sentence);
}
