namespace Ha.Core.Time;

/// <summary>
/// A small seeded generator (SplitMix64, Steele, Lea and Flood 2014): equal seeds give equal sequences on every
/// machine. It spreads retransmission requests and drives the simulator; it is no source of secrets.
/// </summary>
/// <param name="seed">Any value; equal seeds give equal sequences.</param>
public sealed class SplitMix64(ulong seed)
{
    private ulong state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from <paramref name="low"/> up to, but without, <paramref name="high"/>.</summary>
    public int Next(int low, int high)
    {
        if (high <= low) throw new ArgumentOutOfRangeException(nameof(high), $"empty range {low}..{high}");
        return low + (int)(Next() % (ulong)(high - low));
    }

    /// <summary>True once in <paramref name="outOf"/> times <paramref name="chances"/>.</summary>
    public bool Chance(int chances, int outOf) => Next(0, outOf) < chances;

    /// <summary>An independent generator for one component, so that its draws do not shift another's.</summary>
    public SplitMix64 Split() => new(Next());
}
