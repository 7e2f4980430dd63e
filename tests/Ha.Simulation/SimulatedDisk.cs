using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>
/// What of a machine's disk decides about its next life: the generation file and its copy, written and read as the
/// agent does it. A write may fail (full, read-only); a crash in the middle may tear the file that was being written;
/// what a dishonest disk called durable may be gone after a loss of power.
/// </summary>
/// <param name="generation">What the file holds at first.</param>
/// <param name="random">Its own stream.</param>
public sealed class SimulatedDisk(uint generation, SplitMix64 random)
{
    private uint? main = generation;
    private uint? copy = generation;
    private uint durable = generation;

    /// <summary>Writes fail: the file system is full or read-only.</summary>
    public bool IsFull { get; set; }

    /// <summary>What was called durable is lost with the power.</summary>
    public bool LosesUnsynced { get; set; }

    /// <summary>The generation of the next life, on disk when this returns; null: it cannot be kept.</summary>
    /// <param name="unixSeconds">Wall clock, used when the file says nothing.</param>
    public uint? BeginLife(long unixSeconds)
    {
        if (IsFull) return null;
        var next = Math.Max(main ?? 0, copy ?? 0) + 1;
        if (main is null) next = (uint)Math.Max(next, unixSeconds + 1);
        main = copy = next;
        if (!LosesUnsynced) durable = next;
        return next;
    }

    /// <summary>The machine loses power: what was not durable is gone, or torn.</summary>
    public void LosePower()
    {
        if (!LosesUnsynced || durable == main) return;
        if (random.Chance(1, 2)) main = null;
        else main = copy = durable;
    }

    /// <summary>The file holds something that is no number.</summary>
    public void Tear()
    {
        main = null;
        if (random.Chance(1, 3)) copy = Math.Max(1, copy ?? 1);
    }

    /// <summary>The machine was reset to a snapshot: its disk is as it was that many lives ago.</summary>
    public void RestoreSnapshot(int lives)
    {
        var newest = main ?? copy ?? 1;
        main = copy = durable = (uint)Math.Max(1, newest - lives);
    }
}
