using Ha.Core.Contracts;

namespace Ha.Agent.Logging;

/// <summary>
/// Turns an event into log lines. Where Heartbeat has a line for it that operators and their scripts know, that line
/// comes first, word for word; the event's own sentence follows.
/// </summary>
internal static class EventWording
{
    /// <summary>The lines of one event, at least one.</summary>
    public static IEnumerable<(LogLevel Level, string Text)> Lines(ClusterEvent happened)
    {
        var level = Level(happened.Severity);
        if (Familiar(happened) is { } familiar) yield return familiar;
        yield return (level, happened.Sentence);
    }

    private static LogLevel Level(EventSeverity severity) => severity switch
    {
        EventSeverity.Info => LogLevel.Info,
        EventSeverity.Warning => LogLevel.Warning,
        EventSeverity.Error => LogLevel.Error,
        EventSeverity.Critical => LogLevel.Critical,
    };

    private static (LogLevel Level, string Text)? Familiar(ClusterEvent happened)
    {
        var subject = happened.Subject;
        switch (happened.Kind)
        {
            case EventKind.LinkUp: return (LogLevel.Info, $"Link {Link(subject)} up.");
            case EventKind.LinkDead: return (LogLevel.Info, $"Link {Link(subject)} dead.");
            case EventKind.NodeLate: return (LogLevel.Warning, $"Late heartbeat: Node {subject}");
            case EventKind.NodeDead: return (LogLevel.Warning, $"node {subject}: is dead");
            case EventKind.NodeLeft: return (LogLevel.Info, $"Received shutdown notice from '{subject}'.");
            case EventKind.NodeRestarted: return (LogLevel.Info, $"Heartbeat restart on node {subject}");
            case EventKind.PartitionHealed:
                return (LogLevel.Critical, $"Cluster node {subject} returning after partition.");
            case EventKind.NodeStatus:
                return happened.Data.TryGetValue("status", out var status)
                    ? (LogLevel.Info, $"Status update for node {subject}: status {status}")
                    : null;
            case EventKind.TransitionStarted:
                return DeadNode(happened) is { } dead
                    ? (LogLevel.Info, $"Resources being acquired from {dead}.")
                    : null;
            case EventKind.AgentStarted or EventKind.AgentStopping or EventKind.AgentStopped or EventKind.LoopStalled
                or EventKind.ConfigurationWarning or EventKind.LinkLate or EventKind.LinkOneWay
                or EventKind.MediumFailed or EventKind.MediumRecovered or EventKind.NodeHeard or EventKind.DuplicateNode
                or EventKind.AuthenticationFailed or EventKind.ReplayRejected or EventKind.PacketsLost
                or EventKind.MalformedPacket or EventKind.ViewInstalled or EventKind.AuthorityLost
                or EventKind.TransitionCompleted or EventKind.TransitionAborted or EventKind.GroupActive
                or EventKind.GroupStopped or EventKind.GroupFailed or EventKind.GroupConflict or EventKind.GroupBlocked
                or EventKind.OperationDone or EventKind.OperationFailed or EventKind.ResourceProbed
                or EventKind.CommandReceived or EventKind.CommandSucceeded or EventKind.CommandFailed
                or EventKind.CommandRefused
                or EventKind.StorageFailed or EventKind.StorageRecovered
                or EventKind.HooksDone or EventKind.HookFailed or EventKind.HooksLeftOut
                or EventKind.InterfaceLost
                or EventKind.InterfaceRecovered or EventKind.InterfaceFlapping or EventKind.AddressConflict
                or EventKind.AddressStray or EventKind.AddressLost or EventKind.AddressRestored
                or EventKind.NetworkChanged
                or EventKind.AddressUnconfirmed or EventKind.AddressConfirmed
                or EventKind.ConfigurationAdopted or EventKind.ConfigurationRefused
                or EventKind.ConfigurationConflict or EventKind.ConfigurationAgreed
                or EventKind.ServiceConfigurationBroken or EventKind.ServiceConfigurationRepaired
                or EventKind.ConfigurationDrift or EventKind.ConfigurationDriftEnded
                or EventKind.ServerIntentEnded or EventKind.ResourceDisturbed or EventKind.ServerIntentFailed
                or EventKind.ServiceReloaded:
                return null;
        }

        // A kind that only a newer peer knows: its sentence says it all.
        return null;
    }

    /// <summary>
    /// The node whose death set off a transition (its trigger reads <c>s2 is dead: …</c>); null for another reason.
    /// </summary>
    private static string? DeadNode(ClusterEvent happened)
    {
        if (!happened.Data.TryGetValue("trigger", out var trigger)) return null;
        var end = trigger.IndexOf(" is dead: ", StringComparison.Ordinal);
        return end > 0 ? trigger[..end] : null;
    }

    /// <summary>
    /// Heartbeat names a link after node and interface: <c>s2:ucast eth0 192.168.1.203</c> is its <c>s2:eth0</c>.
    /// </summary>
    private static string Link(string subject)
    {
        var colon = subject.IndexOf(':', StringComparison.Ordinal);
        var words = subject[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return colon > 0 && words.Length > 1 ? $"{subject[..colon]}:{words[1]}" : subject;
    }
}
