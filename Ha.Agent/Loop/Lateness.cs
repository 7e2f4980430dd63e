using System.Numerics;
using Ha.Core.Time;

namespace Ha.Agent.Loop;

/// <summary>
/// How late the loop does what is due: one writer, the loop; any number of readers without a lock. A reader may miss
/// the value being written at that moment, never more.
/// </summary>
internal sealed class Lateness
{
    // Eight buckets per power of two: a percentile is at most 12.5 % too high.
    private const int PerPower = 8;
    private const int Seconds = 60;
    private readonly long[] buckets = new long[PerPower * 40];
    private readonly long[] worstOfSecond = new long[Seconds];
    private readonly long[] secondOfSlot = new long[Seconds];
    private long worst;
    private long lastRun;

    /// <summary>The loop runs.</summary>
    public void Ran(MonotonicTime now) => Volatile.Write(ref lastRun, now.Microseconds);

    /// <summary>Something was due and is done now.</summary>
    public void Record(MonotonicTime due, MonotonicTime now)
    {
        var late = Math.Max(0, now.Microseconds - due.Microseconds);
        ref var bucket = ref buckets[Bucket(late)];
        Volatile.Write(ref bucket, bucket + 1);
        if (late > worst) Volatile.Write(ref worst, late);

        var second = now.Microseconds / 1_000_000;
        var slot = (int)(second % Seconds);
        if (secondOfSlot[slot] == second && worstOfSecond[slot] >= late) return;
        Volatile.Write(ref worstOfSecond[slot], late);
        Volatile.Write(ref secondOfSlot[slot], second);
    }

    /// <summary>Time since the loop last ran.</summary>
    public TimeSpan SinceLastRun(MonotonicTime now)
    {
        var ran = Volatile.Read(ref lastRun);
        return ran == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(Math.Max(0, now.Microseconds - ran));
    }

    /// <summary>Worst lateness of the last minute.</summary>
    public TimeSpan WorstOfLastMinute(MonotonicTime now)
    {
        var oldest = (now.Microseconds / 1_000_000) - Seconds;
        long max = 0;
        for (var slot = 0; slot < Seconds; slot++)
            if (Volatile.Read(ref secondOfSlot[slot]) > oldest)
                max = Math.Max(max, Volatile.Read(ref worstOfSecond[slot]));
        return TimeSpan.FromMicroseconds(max);
    }

    /// <summary>The whole life in one line, for the log.</summary>
    public string Describe()
    {
        var count = buckets.Sum();
        return count == 0
            ? "no heartbeat was due"
            : $"{count} times due, late by p50 {Percentile(count, 500):F3} ms, p99 {Percentile(count, 990):F3} ms, " +
              $"p99.9 {Percentile(count, 999):F3} ms, max {worst / 1000.0:F3} ms";
    }

    private double Percentile(long count, int perMille)
    {
        var rank = (count * perMille / 1000) + 1;
        long seen = 0;
        for (var bucket = 0; bucket < buckets.Length; bucket++)
        {
            seen += buckets[bucket];
            if (seen >= rank) return Math.Min(UpperBound(bucket), worst) / 1000.0;
        }

        return worst / 1000.0;
    }

    private static int Bucket(long microseconds)
    {
        if (microseconds < PerPower) return (int)microseconds;
        var power = BitOperations.Log2((ulong)microseconds);
        var within = (int)(microseconds >> (power - 3)) & (PerPower - 1);
        return Math.Min(((power - 2) * PerPower) + within, (PerPower * 40) - 1);
    }

    private static long UpperBound(int bucket)
    {
        if (bucket < PerPower) return bucket;
        var power = (bucket / PerPower) + 2;
        return ((PerPower + (bucket % PerPower) + 1L) << (power - 3)) - 1;
    }
}
