using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>One directed link on one medium: as bad as the worst fault that acts on it.</summary>
/// <param name="random">Its own stream.</param>
/// <param name="minimum">Shortest delay, microseconds.</param>
/// <param name="mean">Mean of what comes on top of it, microseconds.</param>
internal sealed class NetworkLink(SplitMix64 random, int minimum, int mean)
{
    private const int BurstPerMille = 20;
    private long burstUntil;

    public SplitMix64 Random => random;

    public int Minimum => minimum;

    public int Mean => mean;

    public bool Cut { get; private set; }

    public int Loss { get; private set; }

    public int Duplication { get; private set; }

    public int Reordering { get; private set; }

    public int Corruption { get; private set; }

    public int Truncation { get; private set; }

    /// <summary>Milliseconds on top, at most.</summary>
    public int Delay { get; private set; }

    /// <summary>Longest packet that gets through.</summary>
    public int Largest { get; private set; } = int.MaxValue;

    /// <summary>Longest burst of losses, milliseconds; 0: none.</summary>
    public int LongestBurst { get; private set; }

    /// <summary>Until when packets wait; 0: they do not.</summary>
    public long CloggedUntil { get; private set; }

    /// <summary>Two states: now and then everything is lost for a drawn while.</summary>
    public bool IsInBurst(long now)
    {
        if (now < burstUntil) return true;
        if (!random.Chance(BurstPerMille, 1000)) return false;
        burstUntil = now + (random.Next(1, LongestBurst + 1) * Micros.Millisecond);
        return true;
    }

    public void Heal()
    {
        Cut = false;
        Loss = Duplication = Reordering = Corruption = Truncation = Delay = LongestBurst = 0;
        Largest = int.MaxValue;
        CloggedUntil = 0;
    }

    public void Apply(Fault fault)
    {
        if (fault.Kind == FaultKind.Loss) Loss = Math.Max(Loss, fault.Amount);
        else if (fault.Kind == FaultKind.Duplication) Duplication = Math.Max(Duplication, fault.Amount);
        else if (fault.Kind == FaultKind.Reordering) Reordering = Math.Max(Reordering, fault.Amount);
        else if (fault.Kind == FaultKind.Corruption) Corruption = Math.Max(Corruption, fault.Amount);
        else if (fault.Kind == FaultKind.Truncation) Truncation = Math.Max(Truncation, fault.Amount);
        else if (fault.Kind == FaultKind.Delay) Delay = Math.Max(Delay, fault.Amount);
        else if (fault.Kind == FaultKind.LargeLost) Largest = Math.Min(Largest, fault.Amount);
        else if (fault.Kind == FaultKind.BurstLoss) LongestBurst = Math.Max(LongestBurst, fault.Amount);
        else if (fault.Kind == FaultKind.Clog) CloggedUntil = Math.Max(CloggedUntil, fault.End);
        else Cut = true;
    }
}
