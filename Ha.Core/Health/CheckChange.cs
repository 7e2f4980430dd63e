using Ha.Core.Contracts;

namespace Ha.Core.Health;

/// <summary>What a check counts as.</summary>
public enum CheckVerdict
{
    /// <summary>Nothing: it has not looked often enough.</summary>
    None,

    /// <summary>Healthy.</summary>
    Healthy,

    /// <summary>Unhealthy.</summary>
    Unhealthy,
}

/// <summary>A change of a check's state.</summary>
/// <param name="Before">State before.</param>
/// <param name="After">State after.</param>
/// <param name="Story">What happened, as the end of the sentence "check web on s1 ...".</param>
public sealed record CheckChange(CheckState Before, CheckState After, string Story)
{
    /// <summary>Whether what it counts as has changed.</summary>
    public bool IsVerdict => HealthCheck.VerdictOf(Before) != HealthCheck.VerdictOf(After);
}

/// <summary>A check as a node tells it to the others.</summary>
/// <param name="Id">Id of the check.</param>
/// <param name="State">Its state on that node.</param>
/// <param name="Detail">What the last look that mattered gave, at most <see cref="HealthCheck.LongestDetail"/> bytes
/// of JSON.</param>
/// <param name="Since">Since when it has this state, by that node's wall clock.</param>
/// <param name="Story">The last change of what it counts as, as the end of the sentence "check web on s1 ...".</param>
public sealed record CheckReport(string Id, CheckState State, string Detail, DateTimeOffset Since, string Story)
{
    /// <summary>What it counts as.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public CheckVerdict Verdict => HealthCheck.VerdictOf(State);
}
