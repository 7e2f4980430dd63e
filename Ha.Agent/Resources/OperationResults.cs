using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>
/// The last results of each resource of this node. Full policy: of each resource the last
/// <see cref="ResultRing.Kept"/> good monitors and as many others (a monitor that is always good does not push out the
/// start before it), with at most <see cref="ResultRing.MaxText"/> characters; of resources the
/// <see cref="MaxResources"/> that were worked on last. Nobody waits for anybody here: a virtual IP's results come from
/// the heartbeat loop's thread.
/// </summary>
internal sealed class OperationResults
{
    /// <summary>Resources that are remembered: a few MiB of text in all at the very most.</summary>
    public const int MaxResources = 512;

    private readonly ConcurrentDictionary<string, ResultRing> rings = new(StringComparer.Ordinal);

    /// <summary>Takes the result of an operation. Never called for two operations on one resource at once.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="result">How it ended, without secrets.</param>
    /// <param name="program">Its last program; null when it ran none.</param>
    /// <param name="at">When it began.</param>
    /// <param name="duration">How long it took.</param>
    public void Add(
        RunOperation operation, OperationResult result, ProgramEnd? program, DateTimeOffset at, TimeSpan duration)
    {
        var resource = operation.Resource;
        var printed = program is { } end ? SecretParameters.Hide(end.Output, resource.Parameters) : "";
        Ring(resource.Id).Add(new ResourceResult
        {
            Number = operation.Number, Operation = operation.Kind, IntervalMs = IntervalMs(operation), At = at,
            DurationMs = Math.Round(duration.TotalMilliseconds, 3), Outcome = result.Outcome,
            ExitCode = program is { Failure: null } ended ? ended.Code : null,
            Reason = Reason(result.Output, printed), Output = printed,
        });
    }

    /// <summary>The results of one resource, none when nothing of it has ended; of null the last one of each, in the
    /// order of their ids.</summary>
    /// <param name="resource">Id of the resource.</param>
    /// <param name="node">This node.</param>
    public ImmutableArray<ResourceResults> Tell(string? resource, string node)
    {
        if (resource is not null)
            return rings.TryGetValue(resource, out var ring) ? [new(resource, node, ring.Read())] : [];
        return
        [
            .. rings.ToArray().OrderBy(static one => one.Key, StringComparer.Ordinal)
                .Select(one => new ResourceResults(one.Key, node, [.. one.Value.Read().Take(1)]))
                .Where(static one => !one.Results.IsEmpty),
        ];
    }

    private ResultRing Ring(string resource)
    {
        if (rings.TryGetValue(resource, out var ring)) return ring;
        if (rings.Count >= MaxResources)
            rings.TryRemove(rings.MinBy(static one => one.Value.LastNumber).Key, out _);
        return rings.GetOrAdd(resource, static _ => new ResultRing());
    }

    private static long IntervalMs(RunOperation operation) => operation.Kind != OperationKind.Monitor ? 0
        : (long)(operation.Resource.Monitors.FirstOrDefault(one => one.Depth == operation.Depth)?.Interval
            ?? TimeSpan.Zero).TotalMilliseconds;

    // What was printed stands beside it: once is enough.
    private static string Reason(string said, string printed) => printed.Length > 0 && said.EndsWith(printed, StringComparison.Ordinal)
        ? said[..^printed.Length].TrimEnd(' ', ':') : said;
}

/// <summary>The last results of one resource: one thread at a time writes, any may read meanwhile.</summary>
internal sealed class ResultRing
{
    /// <summary>How many good monitors are kept, and how many other results.</summary>
    public const int Kept = 16;

    /// <summary>Most characters of reasons and outputs; older results make room for newer ones.</summary>
    public const int MaxText = 16 * 1024;

    private readonly ResourceResult?[] monitors = new ResourceResult?[Kept];
    private readonly ResourceResult?[] others = new ResourceResult?[Kept];
    private int nextMonitor;
    private int nextOther;
    private int text;

    /// <summary>Number of the latest operation.</summary>
    public long LastNumber { get; private set; }

    /// <summary>Takes the next one.</summary>
    public void Add(ResourceResult result)
    {
        LastNumber = result.Number;
        text += Text(result);
        if (result is { Operation: OperationKind.Monitor, Outcome: OperationOutcome.Succeeded })
            Put(monitors, ref nextMonitor, result);
        else
            Put(others, ref nextOther, result);
        while (text > MaxText && Oldest(result) is var (slots, index)) Put(slots, ref index, null);
    }

    /// <summary>All of them, newest first.</summary>
    public ImmutableArray<ResourceResult> Read() =>
    [
        .. monitors.Concat(others).OfType<ResourceResult>().OrderByDescending(static one => one.Number),
    ];

    private void Put(ResourceResult?[] slots, ref int next, ResourceResult? result)
    {
        if (slots[next] is { } old) text -= Text(old);
        Volatile.Write(ref slots[next], result);
        next = (next + 1) % Kept;
    }

    // A good monitor before anything else.
    private (ResourceResult?[] Slots, int Index)? Oldest(ResourceResult newest)
    {
        foreach (var slots in new[] { monitors, others })
        {
            var oldest = slots.OfType<ResourceResult>().Where(one => one != newest).MinBy(static one => one.Number);
            if (oldest is not null) return (slots, Array.IndexOf(slots, oldest));
        }

        return null;
    }

    private static int Text(ResourceResult result) => result.Reason.Length + result.Output.Length;
}
