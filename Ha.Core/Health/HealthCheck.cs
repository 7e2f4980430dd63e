using System.Text;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Health;

/// <summary>
/// One check on one node: counts good and bad looks, and damps flapping. Pure: results come in with their time, what
/// comes out is when to look next and what has changed.
/// </summary>
/// <remarks>
/// A check flaps when it becomes unhealthy again soon after it had recovered: within twice its hold-down. Each flap
/// doubles both, up to 2 to the power of <see cref="MaxLevel"/>; being stable for so long takes one doubling back.
/// While it is held down, good looks do not make it healthy.
/// </remarks>
public sealed class HealthCheck
{
    /// <summary>Most doublings of hold-down and window.</summary>
    public const int MaxLevel = 5;

    /// <summary>Most bytes of a look's output that are kept, as JSON writes them.</summary>
    public const int LongestDetail = 160;

    private const string Plain = " .,:;-_/()[]{}=%#@!*?|~$^";
    private const int EscapedLength = 6;

    private readonly CheckDefinition definition;
    private int rises;
    private int falls;
    private int level;
    private bool hasRecovered;
    private bool onDuty;
    private bool isUnderWay;
    private bool isVoid;
    private MonotonicTime begun;
    private MonotonicTime nextLook;
    private MonotonicTime heldUntil = new(0);
    private MonotonicTime stableSince = new(0);

    /// <summary>A check that has not looked yet.</summary>
    /// <param name="definition">What is configured.</param>
    /// <param name="firstLook">When it looks first.</param>
    public HealthCheck(CheckDefinition definition, MonotonicTime firstLook)
    {
        this.definition = definition;
        nextLook = firstLook;
        onDuty = definition.Where == CheckPlace.Everywhere;
        State = onDuty ? StartState : CheckState.Unknown;
    }

    /// <summary>Its state.</summary>
    public CheckState State { get; private set; }

    /// <summary>What it counts as.</summary>
    public CheckVerdict Verdict => VerdictOf(State);

    /// <summary>What the last look that mattered gave; empty before.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>When time must be told: a look is due, or an unhealthy check that is off duty is forgotten.</summary>
    public MonotonicTime NextDeadline => !onDuty
        ? Verdict == CheckVerdict.Unhealthy ? heldUntil : MonotonicTime.Never
        : isUnderWay ? MonotonicTime.Never : nextLook;

    private CheckState StartState => definition.StartAs switch
    {
        CheckStart.Unknown => CheckState.Unknown,
        CheckStart.Healthy => CheckState.Healthy,
        CheckStart.Unhealthy => CheckState.Unhealthy,
    };

    /// <summary>What a state counts as.</summary>
    public static CheckVerdict VerdictOf(CheckState state) => state switch
    {
        CheckState.Unknown => CheckVerdict.None,
        CheckState.Healthy or CheckState.Failing => CheckVerdict.Healthy,
        CheckState.Unhealthy or CheckState.Recovering or CheckState.Flapping => CheckVerdict.Unhealthy,
    };

    /// <summary>Whether a look is due.</summary>
    public bool IsDue(MonotonicTime now) => onDuty && !isUnderWay && now >= nextLook;

    /// <summary>A look begins.</summary>
    public void Begin(MonotonicTime now)
    {
        isUnderWay = true;
        isVoid = false;
        begun = now;
    }

    /// <summary>This node stood still: a bad look that was under way meanwhile says nothing.</summary>
    public void ForgivePause() => isVoid = isUnderWay;

    /// <summary>A look ended.</summary>
    /// <param name="isGood">Whether what it found is well.</param>
    /// <param name="output">What it found, for people.</param>
    /// <param name="now">When it ended.</param>
    /// <returns>What has changed; null: nothing.</returns>
    public CheckChange? Complete(bool isGood, string output, MonotonicTime now)
    {
        isUnderWay = false;
        nextLook = MonotonicTime.Max(begun + definition.Interval, now);
        if (!onDuty || (isVoid && !isGood)) return null;
        if (!isGood || State != CheckState.Healthy) Detail = Cut(output);
        return isGood ? Rise(now) : Fall(now);
    }

    /// <summary>Whether what it looks at should be here (<see cref="CheckPlace.Active"/>).</summary>
    /// <param name="duty">True: it looks. False: it does not, and only that it was unhealthy counts for its
    /// hold-down.</param>
    /// <param name="now">The time.</param>
    /// <returns>What has changed; null: nothing.</returns>
    public CheckChange? SetDuty(bool duty, MonotonicTime now)
    {
        if (duty == onDuty) return duty ? null : Forget(now);
        onDuty = duty;
        isVoid = isUnderWay;
        rises = falls = 0;
        if (duty)
        {
            nextLook = now;
            return Verdict == CheckVerdict.Unhealthy ? null : Become(StartState, "begins to look");
        }

        if (Verdict != CheckVerdict.Unhealthy) return Become(CheckState.Unknown, "does not look here any more");
        heldUntil = MonotonicTime.Max(heldUntil, now + Hold(Math.Max(1, level)));
        return Forget(now);
    }

    private CheckChange? Forget(MonotonicTime now)
    {
        if (Verdict != CheckVerdict.Unhealthy || now < heldUntil) return null;
        Recover(now);
        return Become(CheckState.Unknown, "is no longer held against this node: what it looks at does not run here");
    }

    private CheckChange? Rise(MonotonicTime now)
    {
        falls = 0;
        rises = Math.Min(rises + 1, definition.Rise);
        Decay(now);
        if (State == CheckState.Unknown) return Become(CheckState.Healthy, "is healthy" + Evidence);
        if (Verdict == CheckVerdict.Healthy) return Become(CheckState.Healthy, "is well again" + Evidence);
        if (now < heldUntil) return Become(CheckState.Flapping, "is held down");
        if (rises < definition.Rise) return Become(CheckState.Recovering, "begins to recover" + Evidence);
        Recover(now);
        return Become(CheckState.Healthy, $"is healthy again, it was well {Times(rises)}{Evidence}");
    }

    private CheckChange? Fall(MonotonicTime now)
    {
        rises = 0;
        falls = Math.Min(falls + 1, definition.Fall);
        Decay(now);
        if (Verdict == CheckVerdict.Unhealthy)
            return Become(now < heldUntil ? CheckState.Flapping : CheckState.Unhealthy, "fails again" + Evidence);
        if (falls >= definition.Fall) return Collapse(now);
        return State == CheckState.Unknown ? null : Become(CheckState.Failing, "begins to fail" + Evidence);
    }

    private CheckChange? Collapse(MonotonicTime now)
    {
        var story = $"has failed {Times(falls)}{Evidence}";
        if (!IsFlap(now)) return Become(CheckState.Unhealthy, story);
        var after = DurationText.Show(TimeSpan.FromSeconds((now - stableSince).Ticks / TimeSpan.TicksPerSecond));
        level = Math.Min(level + 1, MaxLevel);
        heldUntil = now + Hold(level);
        return Become(CheckState.Flapping, $"is flapping: {after} after it had recovered it {story}; "
            + $"it counts as unhealthy for {DurationText.Show(Hold(level))} at least");
    }

    private bool IsFlap(MonotonicTime now) =>
        definition.HoldDown > TimeSpan.Zero && hasRecovered && now - stableSince < Window;

    private void Recover(MonotonicTime now)
    {
        hasRecovered = true;
        stableSince = now;
    }

    private void Decay(MonotonicTime now)
    {
        while (Verdict != CheckVerdict.Unhealthy && level > 0 && now - stableSince >= Window)
        {
            stableSince += Window;
            level--;
        }
    }

    private TimeSpan Window => TimeSpan.FromTicks(definition.HoldDown.Ticks << (level + 1));

    private TimeSpan Hold(int atLevel) => TimeSpan.FromTicks(definition.HoldDown.Ticks << (atLevel - 1));

    private CheckChange? Become(CheckState state, string story)
    {
        if (State == state) return null;
        var before = State;
        State = state;
        return new CheckChange(before, state, story);
    }

    private string Evidence => Detail.Length > 0 ? $": {Detail}" : "";

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";

    // Whatever a server or program says must fit a line of a log, and all checks together a report to the peers.
    private static string Cut(string output)
    {
        var shown = new StringBuilder();
        var left = LongestDetail;
        foreach (var c in output.Trim())
        {
            var one = char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c;
            left -= char.IsAsciiLetterOrDigit(one) || Plain.Contains(one, StringComparison.Ordinal) ? 1 : EscapedLength;
            if (left < 0) return shown.Append("...").ToString();
            shown.Append(one);
        }

        return shown.ToString();
    }
}
