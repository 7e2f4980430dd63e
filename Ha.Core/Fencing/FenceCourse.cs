using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Fencing;

/// <summary>A call of a device that is under way, or was given up.</summary>
internal sealed record FenceCall(long Number, string Target, uint Generation, FenceReason Reason, FenceStage Stage,
    FenceDevice Device, FenceAction Action, ClusterTime Started, MonotonicTime GivenUpAt);

/// <summary>That a life of a node is over.</summary>
internal sealed record FenceConfirmation(uint Generation, MonotonicTime At, bool IsManual, string By,
    ImmutableArray<string> Devices)
{
    /// <summary>Whether recovery has been begun on the strength of it.</summary>
    public bool IsConsumed { get; set; }
}

/// <summary>
/// What a <see cref="Fencer"/> knows of one node: how far fencing it is, and what stands from before.
/// </summary>
internal sealed class FenceCourse(string target)
{
    public string Target { get; } = target;

    /// <summary>Levels as configured.</summary>
    public ImmutableArray<FenceStage> Levels { get; set; } = [];

    public FencePhase Phase { get; set; }

    public uint Generation { get; set; }

    public FenceReason Reason { get; set; }

    /// <summary>When the phase ends by itself.</summary>
    public MonotonicTime Due { get; set; } = MonotonicTime.Never;

    public int Attempts { get; set; }

    /// <summary>Whether the last attempt failed on every level.</summary>
    public bool LastAttemptFailed { get; set; }

    /// <summary>The levels of the attempt under way: a new configuration does not change them.</summary>
    public ImmutableArray<FenceStage> Attempt { get; set; } = [];

    public FenceAction Action { get; set; }

    public int LevelAt { get; set; }

    public int DeviceAt { get; set; }

    /// <summary>How many devices of the level are to be switched on again.</summary>
    public int ToPowerOn { get; set; }

    public FenceCall? Call { get; set; }

    /// <summary>Why it is to end as soon as the call under way has ended.</summary>
    public string? CalledOff { get; set; }

    public FenceConfirmation? Confirmation { get; set; }

    public bool IsFrozen { get; set; }

    public bool IsQuarantined { get; set; }

    /// <summary>When it was fenced, newest last; at most <see cref="Fencer.QuarantineAfter"/>.</summary>
    public List<MonotonicTime> FencedAt { get; } = [];

    public bool IsActive => Phase is FencePhase.Delayed or FencePhase.Firing or FencePhase.Retrying
        or FencePhase.PoweringOn;

    public FenceStage? Stage => LevelAt < Attempt.Length ? Attempt[LevelAt] : null;

    public MonotonicTime NextDeadline => Call?.GivenUpAt ?? Due;

    /// <summary>Ends the course; what was confirmed stands.</summary>
    public void Rest()
    {
        Phase = Confirmation is null ? FencePhase.Idle : FencePhase.Fenced;
        Due = MonotonicTime.Never;
        CalledOff = null;
        Attempts = 0;
        LastAttemptFailed = false;
        ToPowerOn = 0;
    }

    public int FencedSince(MonotonicTime since) => FencedAt.Count(at => at >= since);

    /// <summary>Whether being heard as a healthy member in the same life takes the reason away.</summary>
    public static bool EndsWithHealth(FenceReason reason) => reason switch
    {
        FenceReason.Silent or FenceReason.NeverSeen or FenceReason.Pending => true,
        FenceReason.StopFailed or FenceReason.Operator => false,
    };

    public FenceTargetState Read() => new(Target, Phase, Generation, Reason, Attempts,
        Confirmation is { } confirmation ? string.Join(" and ", confirmation.Devices)
            : IsActive && Stage is { } stage ? stage.Names : "",
        IsQuarantined, IsFrozen, Sentence());

    private string Sentence()
    {
        var sentence = Phase switch
        {
            FencePhase.Idle => "",
            FencePhase.Delayed => $"fencing {Target} waits, so that two nodes do not shoot each other",
            FencePhase.Firing => $"{Target} is being fenced by {Call?.Device.Id} (attempt {Attempts})",
            FencePhase.Retrying => $"fencing {Target} failed on every level ({Attempts} attempts): resources of it are "
                + "not recovered until a device works or an operator confirms that it is off",
            FencePhase.PoweringOn when Confirmation is null => $"{Target} is getting its power back",
            FencePhase.PoweringOn => $"{Target} is fenced and being switched on again",
            FencePhase.Fenced => $"{Target} is off: confirmed by {Confirmation?.By}",
        };
        if (IsQuarantined)
            sentence = Join(sentence, $"{Target} was fenced too often and is held off until an operator clears it");
        return IsFrozen
            ? Join(sentence, $"a fence device lied about {Target}: nothing is done to it until an operator clears it")
            : sentence;
    }

    private static string Join(string first, string second) => first.Length == 0 ? second : $"{first}; {second}";
}
