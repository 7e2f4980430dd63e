using Ha.Core.Time;

namespace Ha.Core.Heartbeat;

/// <summary>The numbers that a peer has sent and we have not got, ascending, each with when to ask for it.</summary>
internal sealed class MissingSequences
{
    /// <summary>How many there are at most; Heartbeat gives up beyond.</summary>
    public const int Capacity = 250;

    private readonly ulong[] sequences = new ulong[Capacity];
    private readonly MonotonicTime[] requestAt = new MonotonicTime[Capacity];

    public int Count { get; private set; }

    /// <summary>When the next request is due.</summary>
    public MonotonicTime NextRequest { get; private set; } = MonotonicTime.Never;

    /// <summary>Adds a number greater than all others. There must be room.</summary>
    public void Add(ulong sequence, MonotonicTime firstRequest)
    {
        sequences[Count] = sequence;
        requestAt[Count++] = firstRequest;
        NextRequest = MonotonicTime.Min(NextRequest, firstRequest);
    }

    public bool Remove(ulong sequence)
    {
        var index = Array.BinarySearch(sequences, 0, Count, sequence);
        if (index < 0) return false;
        RemoveRange(index, 1);
        return true;
    }

    /// <summary>Forgets all numbers below one.</summary>
    public void RemoveBelow(ulong sequence)
    {
        var count = 0;
        while (count < Count && sequences[count] < sequence) count++;
        if (count > 0) RemoveRange(0, count);
    }

    public void Clear()
    {
        Count = 0;
        NextRequest = MonotonicTime.Never;
    }

    /// <summary>The number whose request is due longest; it is due again at <paramref name="again"/>.</summary>
    public bool TryTakeDue(MonotonicTime now, MonotonicTime again, out ulong sequence)
    {
        sequence = 0;
        if (now < NextRequest) return false;
        var index = 0;
        while (requestAt[index] != NextRequest) index++;
        sequence = sequences[index];
        requestAt[index] = again;
        FindNextRequest();
        return true;
    }

    private void RemoveRange(int index, int count)
    {
        Array.Copy(sequences, index + count, sequences, index, Count - index - count);
        Array.Copy(requestAt, index + count, requestAt, index, Count - index - count);
        Count -= count;
        FindNextRequest();
    }

    private void FindNextRequest()
    {
        NextRequest = MonotonicTime.Never;
        foreach (var time in requestAt.AsSpan(0, Count)) NextRequest = MonotonicTime.Min(NextRequest, time);
    }
}
