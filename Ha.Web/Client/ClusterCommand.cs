namespace Ha.Web.Client;

/// <summary>A request to REST that makes the cluster do something.</summary>
public sealed record ClusterCommand(HttpMethod Method, string Path, object Body)
{
    /// <summary>Whether resources may run on a node.</summary>
    public static ClusterCommand SetMode(string node, NodeMode mode, string reason) =>
        new(HttpMethod.Put, $"api/v1/nodes/{Uri.EscapeDataString(node)}/mode",
            new ModeChange { Mode = mode, Reason = reason });

    /// <summary>
    /// Moves one group. The sender's belief about its holder travels along; a wrong belief is refused.
    /// </summary>
    public static ClusterCommand Move(string group, string? from, string to, string reason) =>
        new(HttpMethod.Post, "api/v1/takeovers",
            new TakeoverRequest { Group = group, To = to, From = from, Reason = reason });

    /// <summary>A node takes everything over.</summary>
    public static ClusterCommand TakeOver(string node, string reason) =>
        new(HttpMethod.Post, "api/v1/takeovers",
            new TakeoverRequest { To = node, Kind = GroupSet.All, Reason = reason });
}

/// <summary>What became of a command.</summary>
public abstract record CommandOutcome
{
    private CommandOutcome()
    {
    }

    /// <summary>The cluster works on it; the operation shows up in the snapshots.</summary>
    public sealed record Accepted(OperationSnapshot Operation) : CommandOutcome;

    /// <summary>What was asked for is so already: there is nothing to follow.</summary>
    public sealed record AlreadySo : CommandOutcome;

    /// <summary>It was not accepted, or nobody could be reached.</summary>
    public sealed record Refused(ApiFault Fault) : CommandOutcome;
}
