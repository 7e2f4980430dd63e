using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation;

/// <summary>
/// What happened, as a hash (equal runs have equal hashes) and as the last lines (for the person who reads a failure).
/// Lines are kept as references and put into words only when somebody asks.
/// </summary>
public sealed class Trace
{
    private const int Kept = 160;
    private readonly Entry[] ring = new Entry[Kept];
    private readonly TextWriter? live;
    private long written;
    private ulong hash = 14695981039346656037;

    /// <summary>Starts an empty trace.</summary>
    /// <param name="live">Receives every line as it happens; null: nobody listens.</param>
    public Trace(TextWriter? live) => this.live = live;

    /// <summary>Hash of everything that engines did so far: FNV-1a over 64-bit words.</summary>
    public ulong Hash => hash;

    /// <summary>
    /// Hash of the operations alone, without their times: equal when the same was done in the same order.
    /// </summary>
    public ulong OperationsHash { get; private set; } = 14695981039346656037;

    /// <summary>Mixes a number into the hash.</summary>
    public void Mix(long word) => hash = (hash ^ (ulong)word) * 1099511628211;

    /// <summary>Mixes a datagram: its length and its signature, which covers the rest.</summary>
    public void Mix(ReadOnlySpan<byte> datagram)
    {
        Mix(datagram.Length);
        if (datagram.Length >= 12) Mix(BitConverter.ToInt64(datagram[^10..^2]));
    }

    /// <summary>An event that an engine wrote.</summary>
    public void Event(long now, int node, ClusterEvent happened)
    {
        Mix(now);
        Mix(((long)happened.Kind << 8) | (uint)node);
        // Every node journals every node's events: told once is enough.
        if (happened.Node == SimulationProfile.NodeName(node)) Add(new Entry(now, node, happened, 0));
    }

    /// <summary>An operation that an engine asked for.</summary>
    public void Operation(long now, int node, RunOperation operation)
    {
        Mix(now);
        var what = (operation.Number << 8) | ((long)operation.Kind << 4) | (uint)node;
        Mix(what);
        OperationsHash = (OperationsHash ^ (ulong)what) * 1099511628211;
        Add(new Entry(now, node, operation, 0));
    }

    /// <summary>The end of an operation.</summary>
    public void Ended(long now, int node, OperationRun run)
    {
        Mix(now);
        Mix((run.Number << 16) | ((long)run.Outcome << 8) | (uint)node);
        Add(new Entry(now, node, run, 0));
    }

    /// <summary>Something that the world did.</summary>
    public void World(long now, int node, object happened, int detail = 0)
    {
        Mix(now);
        Mix(((long)detail << 8) | (uint)(byte)node);
        Add(new Entry(now, node, happened, detail));
    }

    /// <summary>The last lines, oldest first.</summary>
    public ImmutableArray<string> LastLines(int nodes)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        for (var number = Math.Max(0, written - Kept); number < written; number++)
            lines.Add(Text(ring[number % Kept], nodes));
        return lines.ToImmutable();
    }

    private void Add(Entry entry)
    {
        ring[written++ % Kept] = entry;
        live?.WriteLine(Text(entry, SimulatedWorld.MaxNodes));
    }

    private static string Text(Entry entry, int nodes)
    {
        // One column per node, so that the eye can follow each.
        var column = entry.Node < 0 ? "*" : SimulationProfile.NodeName(entry.Node);
        var indent = new string(' ', Math.Max(0, entry.Node) * (nodes > 2 ? 2 : 4));
        var text = entry.Item switch
        {
            ClusterEvent happened => $"{happened.Kind} {happened.Subject}: {happened.Sentence}",
            RunOperation operation => $"> {operation.Kind} {operation.Resource.Id} (#{operation.Number})",
            OperationRun run => $"< {run.Kind} {run.Resource.Id} (#{run.Number}) {run.Outcome}",
            CommandAnswer answer => answer.Rejection is { } refused
                ? $"refused: {refused.Code}: {refused.Detail}" : $"accepted as {answer.OperationId}",
            Fault fault => entry.Detail == 0 ? $"FAULT {fault}" : $"fault over: {fault}",
            _ => $"{entry.Item}{(entry.Detail == 0 ? "" : $" {entry.Detail}")}",
        };
        return $"{Micros.Text(entry.At)} {column,-3}{indent} {text}";
    }

    private readonly record struct Entry(long At, int Node, object Item, int Detail);
}
