namespace Ha.Simulation;

/// <summary>A broken promise: which one, when, and the evidence.</summary>
/// <param name="Rule">The invariant, as RELIABILITY names it, with a word: <c>S1 two owners</c>.</param>
/// <param name="At">World time, microseconds.</param>
/// <param name="Sentence">What was seen.</param>
public sealed record Violation(string Rule, long At, string Sentence)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Rule} at {Micros.Text(At)}: {Sentence}";
}

/// <summary>Ends a run at its first violation: what comes after it would only be consequences.</summary>
public sealed class ViolationException(Violation violation) : Exception(violation.ToString())
{
    /// <summary>What was broken.</summary>
    public Violation Violation { get; } = violation;
}
