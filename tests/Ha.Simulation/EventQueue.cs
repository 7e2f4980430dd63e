namespace Ha.Simulation;

/// <summary>What a world event is about.</summary>
public enum WorldEventKind : byte
{
    /// <summary>A node's engine wants to be called: its deadline has come.</summary>
    Wake = 0,

    /// <summary>A packet reaches a node's socket.</summary>
    Deliver = 1,

    /// <summary>An operation on a resource ends.</summary>
    OperationEnds = 2,

    /// <summary>A fault of the plan begins.</summary>
    FaultBegins = 3,

    /// <summary>A fault of the plan ends.</summary>
    FaultEnds = 4,

    /// <summary>An agent is started.</summary>
    AgentStarts = 5,

    /// <summary>The checker looks at what lasts.</summary>
    Inspect = 6,

    /// <summary>A phase of the run (chaos, calm, convergence check) begins.</summary>
    Phase = 7,

    /// <summary>A fence device changes the power of a machine.</summary>
    FenceActs = 8,

    /// <summary>A call of a fence device is answered.</summary>
    FenceEnds = 9,

    /// <summary>A machine that was fenced has power again and has booted.</summary>
    PowerReturns = 10,

    /// <summary>A watchdog may fire.</summary>
    WatchdogDue = 11,

    /// <summary>A question reaches the arbiter.</summary>
    ArbiterHears = 12,

    /// <summary>An answer of the arbiter, or the end of waiting for one.</summary>
    ArbiterReplies = 13,
}

/// <summary>One entry of the world's queue.</summary>
/// <param name="At">World time, microseconds since the run began.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Node">The node it concerns.</param>
/// <param name="Index">Medium, fault, phase or life number: depends on the kind.</param>
/// <param name="Item">The packet or operation it carries; null for the other kinds.</param>
public readonly record struct WorldEvent(
    long At, WorldEventKind Kind, int Node, int Index, object? Item);

/// <summary>
/// The world's one queue, ordered by (time, order of scheduling): a binary heap of keys, with the events beside it. A
/// simulated hour is some hundred thousand events: a boxed or compared-by-interface entry would cost more than the
/// engine's step, and whatever holds a reference is moved with a write barrier.
/// </summary>
public sealed class EventQueue
{
    private const int FirstCapacity = 256;

    private Key[] heap = new Key[FirstCapacity];
    private WorldEvent[] events = new WorldEvent[FirstCapacity];
    private int[] free = [.. Enumerable.Range(0, FirstCapacity)];
    private long sequence;

    /// <summary>Events waiting.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an event.</summary>
    public void Schedule(long at, WorldEventKind kind, int node, int index, object? item = null)
    {
        if (Count == heap.Length) Grow();
        var added = new Key(at, sequence++, free[Count]);
        events[added.Place] = new WorldEvent(at, kind, node, index, item);
        var hole = Count++;
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (!Before(in added, in heap[parent])) break;
            heap[hole] = heap[parent];
            hole = parent;
        }

        heap[hole] = added;
    }

    /// <summary>Removes the earliest event.</summary>
    public WorldEvent Take()
    {
        if (Count == 0) throw new InvalidOperationException("the queue is empty: nothing was scheduled to end the run");
        var place = heap[0].Place;
        var first = events[place];
        events[place] = default;
        free[--Count] = place;
        if (Count > 0) SiftDown(in heap[Count]);
        return first;
    }

    private void SiftDown(in Key last)
    {
        var moved = last;
        var hole = 0;
        while (true)
        {
            var child = (2 * hole) + 1;
            if (child >= Count) break;
            if (child + 1 < Count && Before(in heap[child + 1], in heap[child])) child++;
            if (!Before(in heap[child], in moved)) break;
            heap[hole] = heap[child];
            hole = child;
        }

        heap[hole] = moved;
    }

    private void Grow()
    {
        var before = heap.Length;
        Array.Resize(ref heap, 2 * before);
        Array.Resize(ref events, 2 * before);
        Array.Resize(ref free, 2 * before);
        for (var place = before; place < free.Length; place++) free[place] = place;
    }

    private static bool Before(in Key a, in Key b) => a.At != b.At ? a.At < b.At : a.Sequence < b.Sequence;

    /// <summary>When an event is due, and where it is kept.</summary>
    /// <param name="At">World time.</param>
    /// <param name="Sequence">Order of scheduling.</param>
    /// <param name="Place">Index of the event.</param>
    private readonly record struct Key(long At, long Sequence, int Place);
}
