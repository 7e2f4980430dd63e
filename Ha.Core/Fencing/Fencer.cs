using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Core.Fencing;

/// <summary>
/// Fences nodes: from a request over delays, levels and retries to a confirmation that is bound to one life of the
/// target (RELIABILITY.md section 6). It decides how, never whether: that is the authority table's and the policy's.
/// </summary>
/// <remarks>
/// What its owner does in each step, in this order:
/// <list type="number">
/// <item><see cref="Hear"/> for each peer whose status came in;</item>
/// <item><see cref="Complete"/> when the input is a <see cref="FenceCompleted"/>;</item>
/// <item>after membership has been settled: <see cref="Request"/> for each node that shall be fenced, as often as it
/// is true, and <see cref="CallOff"/> for each that need not be any more or that may not be (the table's row does not
/// allow it now);</item>
/// <item><see cref="AdvanceTime"/>, unless the node has been stalled and not yet drained what waited
/// (<see cref="ForgivePause"/>);</item>
/// <item><see cref="EvidenceFor"/> for the table, <see cref="TryConsume"/> when recovery begins;</item>
/// <item><see cref="TryTakeNote"/> until it is empty, for events; <see cref="NextDeadline"/> for the driver.</item>
/// </list>
/// Without a course under way none of these allocates. Every device is called with at most one call per target under
/// way; liveness of the target is read again immediately before each level fires.
/// </remarks>
public sealed partial class Fencer
{
    /// <summary>So many attempts follow each other closely; then the pause doubles.</summary>
    public const int AttemptsInARow = 10;

    /// <summary>The so-manieth fencing within <see cref="QuarantineWindow"/> switches a node off for good.</summary>
    public const int QuarantineAfter = 3;

    /// <summary>Records that are kept.</summary>
    public const int MaxHistory = 64;

    /// <summary>
    /// Notes that wait to be taken, and calls that were given up and may still answer; the oldest go first.
    /// </summary>
    public const int MaxWaiting = 64;

    /// <summary>Pause between close attempts, and the first of those that double.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause between attempts.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>See <see cref="QuarantineAfter"/>.</summary>
    public static readonly TimeSpan QuarantineWindow = TimeSpan.FromHours(1);

    /// <summary>Packets that a node sent before it went off come in for so long after the confirmation.</summary>
    public static readonly TimeSpan InFlight = TimeSpan.FromSeconds(2);

    private readonly string localNode;
    private readonly uint localGeneration;
    private readonly Func<string, PeerLiveness> liveness;
    private readonly ImmutableArray<FenceCourse> courses;
    private readonly Queue<FenceRecord> history = [];
    private readonly Queue<FenceNote> notes = [];
    private readonly List<FenceCall> givenUp = [];
    private readonly SortedSet<string> liars = new(StringComparer.Ordinal);
    private FenceAction configuredAction;
    private long lastNumber;

    /// <summary>Creates the fencer of one life of a node; it has no devices before <see cref="Configure"/>.</summary>
    /// <param name="localNode">Name of this node.</param>
    /// <param name="localGeneration">Generation of this life, for record ids.</param>
    /// <param name="nodes">Names of all nodes.</param>
    /// <param name="liveness">Reads what is known of a peer now; asked immediately before a device is called.</param>
    public Fencer(string localNode, uint localGeneration, ImmutableArray<string> nodes,
        Func<string, PeerLiveness> liveness)
    {
        this.localNode = localNode;
        this.localGeneration = localGeneration;
        this.liveness = liveness;
        courses = [.. nodes.Where(node => node != localNode).Select(node => new FenceCourse(node))];
    }

    /// <summary>When <see cref="AdvanceTime"/> is due at the latest.</summary>
    public MonotonicTime NextDeadline { get; private set; } = MonotonicTime.Never;

    /// <summary>Grows when <see cref="States"/> or <see cref="History"/> would show something new.</summary>
    public long Version { get; private set; }

    /// <summary>Longest successful call so far; for <see cref="FenceDelay.RaceMargin"/>.</summary>
    public TimeSpan LongestCall { get; private set; }

    /// <summary>What was done, oldest first, at most <see cref="MaxHistory"/>.</summary>
    public ImmutableArray<FenceRecord> History => [.. history];

    /// <summary>How fencing of each other node stands, in the order of ha.cf.</summary>
    public ImmutableArray<FenceTargetState> States => [.. courses.Select(course => course.Read())];

    /// <summary>Devices that confirmed what they had not done; in no level are they used any more.</summary>
    public ImmutableArray<string> UnreliableDevices => [.. liars];

    /// <summary>Takes devices and levels from a configuration; calls under way are not called back.</summary>
    /// <param name="safety">Devices and levels of a checked configuration.</param>
    /// <param name="action">What fencing does: <see cref="FenceAction.Reboot"/> or
    /// <see cref="FenceAction.Off"/>.</param>
    public void Configure(SafetySettings safety, FenceAction action)
    {
        configuredAction = action switch
        {
            FenceAction.Reboot or FenceAction.Off => action,
            FenceAction.On or FenceAction.Monitor =>
                throw new ArgumentException($"{action} does not fence a node", nameof(action)),
        };
        foreach (var course in courses) course.Levels = FenceTopology.Of(safety, course.Target);
        Version++;
    }

    /// <summary>
    /// Asks for a node to be fenced. May be repeated while the reason stands: it is done once.
    /// </summary>
    /// <param name="target">The node.</param>
    /// <param name="generation">The life that shall be ended; 0 when it was never heard.</param>
    /// <param name="reason">Why.</param>
    /// <param name="extraDelay">What comes on top of the devices' own delay: <see cref="FenceDelay.Extra"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives the call when there is no delay.</param>
    public FenceAnswer Request(string target, uint generation, FenceReason reason, TimeSpan extraDelay, ClusterTime now,
        EffectList effects)
    {
        var course = Find(target);
        if (course is null) return FenceAnswer.NotAPeer;
        if (course.Confirmation?.Generation == generation) return FenceAnswer.AlreadyFenced;
        if (course.IsFrozen) return FenceAnswer.Frozen;
        if (course.Levels.IsEmpty) return FenceAnswer.NoDevice;
        if (WhyNotNeeded(target, generation, reason) is not null) return FenceAnswer.NotNeeded;
        if (course.IsActive)
        {
            if (course.Phase == FencePhase.PoweringOn
                || (generation <= course.Generation && reason <= course.Reason && course.CalledOff is null))
                return FenceAnswer.UnderWay;
            Strengthen(course, generation, reason, extraDelay, now);
        }
        else
        {
            Begin(course, generation, reason, extraDelay, now);
        }

        AdvanceTime(now, effects);
        return FenceAnswer.Accepted;
    }

    /// <summary>
    /// The reason has gone, or this node may not fence now. What waits is dropped; a call under way cannot be called
    /// back: its result still counts.
    /// </summary>
    /// <param name="target">The node.</param>
    /// <param name="why">In words, for the event.</param>
    public void CallOff(string target, string why)
    {
        var course = Find(target);
        if (course is null || !course.IsActive || course.Phase == FencePhase.PoweringOn) return;
        if (course.Call is not null)
        {
            course.CalledOff ??= why;
            return;
        }

        End(course, why);
        Schedule();
    }

    /// <summary>A call of a device ended.</summary>
    /// <param name="completed">How; numbers that are not of this fencer change nothing.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives the next call.</param>
    public void Complete(FenceCompleted completed, ClusterTime now, EffectList effects)
    {
        foreach (var course in courses)
        {
            if (course.Call is not { } call || call.Number != completed.Number) continue;
            course.Call = null;
            if (completed.Outcome == FenceOutcome.Succeeded && completed.Duration > LongestCall)
                LongestCall = completed.Duration;
            Continue(course, call, completed.Outcome, completed.Output, now, effects);
            Schedule();
            return;
        }

        CompleteLate(completed, now);
        Schedule();
    }

    /// <summary>
    /// This node did not run for a while: what waited for others' benefit waits on, and calls get their time.
    /// </summary>
    /// <param name="gap">How long.</param>
    public void ForgivePause(TimeSpan gap)
    {
        foreach (var course in courses)
        {
            if (course.Phase == FencePhase.Delayed) course.Due += gap;
            if (course.Call is { } call) course.Call = call with { GivenUpAt = call.GivenUpAt + gap };
        }

        Schedule();
    }

    /// <summary>Fires what is due and gives up calls that do not answer.</summary>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives the calls.</param>
    public void AdvanceTime(ClusterTime now, EffectList effects)
    {
        if (NextDeadline > now.Monotonic) return;
        foreach (var course in courses)
        {
            if (course.Call is { } call && call.GivenUpAt <= now.Monotonic)
            {
                course.Call = null;
                if (givenUp.Count == MaxWaiting) givenUp.RemoveAt(0);
                givenUp.Add(call);
                Continue(course, call, FenceOutcome.TimedOut, "no answer", now, effects);
            }
            else if (course.Call is null && course.Due <= now.Monotonic)
            {
                FireAttempt(course, now, effects);
            }
        }

        Schedule();
    }

    /// <summary>Takes the oldest note that waits.</summary>
    /// <param name="note">The note.</param>
    public bool TryTakeNote([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FenceNote? note) =>
        notes.TryDequeue(out note);

    private FenceCourse? Find(string target)
    {
        foreach (var course in courses)
        {
            if (course.Target == target) return course;
        }

        return null;
    }

    private void Schedule()
    {
        NextDeadline = MonotonicTime.Never;
        foreach (var course in courses) NextDeadline = MonotonicTime.Min(NextDeadline, course.NextDeadline);
    }

    private void Note(FenceNoteKind kind, EventSeverity severity, FenceCourse course, string sentence)
    {
        if (notes.Count == MaxWaiting) notes.Dequeue();
        notes.Enqueue(new FenceNote(kind, severity, course.Target, sentence));
        Version++;
    }

    private void Keep(FenceRecord record)
    {
        if (history.Count == MaxHistory) history.Dequeue();
        history.Enqueue(record);
        Version++;
    }
}
