using System.Text.Json;
using Ha.Agent.Control;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>The verbs that only look: status, nodes, resources, events.</summary>
internal static class ReportCommands
{
    private const int WarningsLookedThrough = 200;
    private const int WarningsShown = 5;

    /// <summary>The cluster on one screen.</summary>
    public static int Status(AgentPaths paths, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var snapshot = Snapshot(agent);
        if (json) return Json(snapshot);
        var events = Events(agent, -WarningsLookedThrough, WarningsLookedThrough);
        var warnings = events.Where(static entry => entry.Event.Severity >= EventSeverity.Warning);
        Console.Out.Write(StatusText.Of(snapshot, [.. warnings.TakeLast(WarningsShown)], DateTimeOffset.UtcNow));
        return ExitCode.Done;
    }

    /// <summary>The nodes and their links.</summary>
    public static int Nodes(AgentPaths paths, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var snapshot = Snapshot(agent);
        if (json) return Json(snapshot);
        Console.Out.Write(StatusText.Nodes(snapshot, DateTimeOffset.UtcNow));
        return ExitCode.Done;
    }

    /// <summary>The groups and their resources.</summary>
    public static int Resources(AgentPaths paths, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var snapshot = Snapshot(agent);
        if (json) return Json(snapshot);
        Console.Out.Write(StatusText.Groups(snapshot, DateTimeOffset.UtcNow));
        return ExitCode.Done;
    }

    /// <summary>The health checks.</summary>
    public static int Checks(AgentPaths paths, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var checks = Snapshot(agent).Checks;
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(checks, HaJson.Default.ImmutableArrayCheckSnapshot));
        else Console.Out.Write(ChecksText.Of(checks, DateTimeOffset.UtcNow));
        return ExitCode.Done;
    }

    /// <summary>The newest events, oldest of them first; then, on demand, every new one as it comes.</summary>
    public static int Events(AgentPaths paths, bool follow, int limit, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        long? last = null;
        for (var left = limit; left > 0;)
        {
            var page = Events(agent, last ?? -limit, Math.Min(left, ControlProtocol.MaxEventsPage));
            if (page.Count == 0) break;
            foreach (var entry in page) Print(entry, json);
            left -= page.Count;
            last = page[^1].Position;
        }

        if (!follow) return ExitCode.Done;
        agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Subscribe, After = last });
        while (true)
        {
            // Signs of life come each second: silence for ten of them means that the agent hangs.
            var push = agent.Next(10 * ControlProtocol.AliveInterval) ??
                throw new RequestFailedException("the agent has not given a sign of life for 10 s");
            if (push.Entry is { } entry) Print(entry, json);
        }
    }

    /// <summary>The present snapshot.</summary>
    public static ClusterSnapshot Snapshot(ControlClient agent) =>
        agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Snapshot }).Snapshot ??
        throw new RequestFailedException("the agent answered without a snapshot");

    private static IReadOnlyList<JournalEntry> Events(ControlClient agent, long after, int limit) =>
        agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Events, After = after, Limit = limit }).Entries ??
        throw new RequestFailedException("the agent answered without events");

    private static void Print(JournalEntry entry, bool json) =>
        Console.Out.WriteLine(json ? JsonSerializer.Serialize(entry, HaJson.Default.JournalEntry) : Words.Line(entry));

    private static int Json(ClusterSnapshot snapshot)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(snapshot, HaJson.Default.ClusterSnapshot));
        return ExitCode.Done;
    }
}
