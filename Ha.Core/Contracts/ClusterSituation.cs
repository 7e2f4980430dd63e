using System.Text.Json;
using Ha.Core.Transitions;

namespace Ha.Core.Contracts;

/// <summary>
/// What decisions are made from, as one node knows it at one moment, with all that is needed to decide again: what
/// <c>ha-agent simulate</c> begins from, and writes to a file.
/// </summary>
public sealed record ClusterSituation
{
    /// <summary>The node that tells.</summary>
    public required string Node { get; init; }

    /// <summary>The node that decides; null while none does.</summary>
    public string? Coordinator { get; init; }

    /// <summary><c>keepalive</c> of that node, ms.</summary>
    public required long KeepaliveMs { get; init; }

    /// <summary><c>deadtime</c> of that node, ms.</summary>
    public required long DeadtimeMs { get; init; }

    /// <summary>What is. Every member has the reports of all others, so every member knows it.</summary>
    public required ClusterState State { get; init; }

    /// <summary>What is configured: the cluster's configuration document.</summary>
    public required JsonElement Configuration { get; init; }
}
