using Ha.Core.Time;

namespace Ha.Core.Heartbeat;

/// <summary>
/// What has been received from one peer: decides for each of its sequenced messages whether it is new, asks for what
/// is missing and says what to acknowledge (PROTOCOL.md 5.3, 5.4 and the requesting side of section 6).
/// </summary>
/// <remarks>
/// Stricter than Heartbeat where Heartbeat can be fooled by replayed packets (RELIABILITY.md S6, SEC-4). A life of a
/// peer is known only once a <c>status</c> of it was accepted: until then, and after <see cref="Reset"/>, its other
/// messages are <see cref="SequenceVerdict.Stale"/> (Heartbeat handles them). Nothing is lost by it: a peer sends a
/// status first and then one per keepalive, and repeats or is asked again for what it says while joining.
/// And a dead node comes back within its generation only by a status newer than everything it ever sent, not only
/// newer than its last status.
/// </remarks>
public sealed class SequenceTracker
{
    /// <summary>One message in that many is acknowledged.</summary>
    public const int AcknowledgeEvery = 10;

    /// <summary>How many requests there are within one <c>max_rexmit_delay</c>; the others wait for the next.</summary>
    public const int MaxRequestsPerDelay = 50;

    // A duplicate is no older than that; a sender keeps no more messages than twice as many.
    private const ulong Window = MissingSequences.Capacity;
    private const ulong SenderHistory = 2 * Window;

    private const int ShortestFirstDelay = 50;
    private const int ShortDelay = 100;
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(10);

    private readonly MissingSequences missing = new();
    private readonly SplitMix64 random;
    private readonly TimeSpan delay;
    private readonly ulong acknowledgeAt;
    private bool isFollowing;
    private bool owesAcknowledgement;
    private ulong highest;
    private MonotonicTime budgetEnds;
    private int budgetLeft;

    /// <summary>Creates the tracker of a peer that was never heard.</summary>
    /// <param name="maxRetransmitDelay"><c>max_rexmit_delay</c>; below 10 ms counts as 10 ms.</param>
    /// <param name="seed">Spreads requests and acknowledgements; different on every node.</param>
    public SequenceTracker(TimeSpan maxRetransmitDelay, ulong seed)
    {
        random = new(seed);
        delay = maxRetransmitDelay < ShortestDelay ? ShortestDelay : maxRetransmitDelay;
        acknowledgeAt = (ulong)random.Next(0, AcknowledgeEvery);
    }

    /// <summary>Generation of the peer's life; 0 when it was never heard. It never decreases.</summary>
    public uint Generation { get; private set; }

    /// <summary>Highest number accepted since the last <see cref="Reset"/>, restart or heal; 0 when none.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>Number of the newest accepted status of this generation; 0 when none.</summary>
    public ulong LastStatusSequence { get; private set; }

    /// <summary>How many numbers below <see cref="LastSequence"/> are missing, at most 250.</summary>
    public int MissingCount => missing.Count;

    /// <summary>When <see cref="TryTakeRequest"/> has something, or may have.</summary>
    public MonotonicTime NextRequest => missing.Count > 0 && budgetLeft == 0
        ? MonotonicTime.Max(missing.NextRequest, budgetEnds)
        : missing.NextRequest;

    /// <summary>
    /// Judges a sequenced, authenticated message. A verdict that is not accepted has changed nothing here, and must
    /// change nothing elsewhere.
    /// </summary>
    /// <param name="generation">Its <c>hg</c>.</param>
    /// <param name="sequence">Its <c>seq</c>; 0 is none and Stale.</param>
    /// <param name="isStatus">Whether it is of type <c>status</c>.</param>
    /// <param name="senderIsDead">Whether the peer is held for dead now.</param>
    /// <param name="now">The time.</param>
    /// <param name="newlyLost">How many numbers it shows to be missing.</param>
    public SequenceVerdict Judge(
        uint generation, ulong sequence, bool isStatus, bool senderIsDead, MonotonicTime now, out int newlyLost)
    {
        newlyLost = 0;
        if (generation < Generation) return SequenceVerdict.Replay;
        if (generation == 0 || sequence == 0) return SequenceVerdict.Stale;
        if (generation > Generation)
        {
            if (!isStatus) return SequenceVerdict.Stale;
            var verdict = Generation == 0 ? SequenceVerdict.Accept : SequenceVerdict.Restart;
            Generation = generation;
            Follow(sequence);
            return verdict;
        }

        if (senderIsDead || !isFollowing)
        {
            if (!isStatus || sequence <= highest) return SequenceVerdict.Stale;
            Follow(sequence);
            return senderIsDead ? SequenceVerdict.HealedPartition : SequenceVerdict.Accept;
        }

        return sequence > LastSequence
            ? JudgeNew(sequence, isStatus, now, out newlyLost)
            : JudgeOld(sequence, isStatus);
    }

    /// <summary>Whether an unsequenced message is of the life that is known: all that can be checked of it.</summary>
    /// <param name="generation">Its <c>hg</c>.</param>
    public bool IsCurrent(uint generation) => isFollowing && generation == Generation;

    /// <summary>The peer cannot send a number again (NS_nak_rexmit): it is not asked for any more.</summary>
    public void GiveUp(ulong sequence) => missing.Remove(sequence);

    /// <summary>
    /// The peer is held for dead: what is missing is forgotten. Its generation and highest number are kept, so that
    /// nothing it sent before can be replayed.
    /// </summary>
    public void Reset()
    {
        isFollowing = false;
        LastSequence = 0;
        missing.Clear();
        owesAcknowledgement = false;
    }

    /// <summary>
    /// Whether an acknowledgement is due. It is cumulative, once in ten numbers, and waits while a number is missing.
    /// </summary>
    /// <param name="sequence">What to acknowledge.</param>
    public bool TryTakeAck(out ulong sequence)
    {
        sequence = LastSequence;
        if (!owesAcknowledgement || missing.Count > 0) return false;
        owesAcknowledgement = false;
        return true;
    }

    /// <summary>Takes one number to ask the peer for. Call it until it is false: that comes soon.</summary>
    /// <param name="now">The time.</param>
    /// <param name="sequence">The number to request.</param>
    public bool TryTakeRequest(MonotonicTime now, out ulong sequence)
    {
        sequence = 0;
        if (now < missing.NextRequest) return false;
        if (now >= budgetEnds)
        {
            budgetLeft = MaxRequestsPerDelay;
            budgetEnds = now + delay;
        }

        if (budgetLeft == 0 || !missing.TryTakeDue(now, now + delay, out sequence)) return false;
        budgetLeft--;
        return true;
    }

    private SequenceVerdict JudgeNew(ulong sequence, bool isStatus, MonotonicTime now, out int newlyLost)
    {
        var lost = sequence - LastSequence - 1;
        newlyLost = (int)Math.Min(lost, int.MaxValue);
        if (missing.Count > 0 && sequence > SenderHistory) missing.RemoveBelow(sequence - SenderHistory);
        var verdict = SequenceVerdict.Accept;
        if (lost + (ulong)missing.Count > MissingSequences.Capacity)
        {
            verdict = SequenceVerdict.TooManyLost;
            missing.Clear();
        }
        else
        {
            for (var number = LastSequence + 1; number < sequence; number++) missing.Add(number, now + FirstDelay());
        }

        Advance(sequence, isStatus);
        return verdict;
    }

    private SequenceVerdict JudgeOld(ulong sequence, bool isStatus)
    {
        if (missing.Remove(sequence))
        {
            if (isStatus) LastStatusSequence = Math.Max(LastStatusSequence, sequence);
            owesAcknowledgement |= sequence % AcknowledgeEvery == acknowledgeAt;
            return SequenceVerdict.Recovered;
        }

        return LastSequence - sequence < Window ? SequenceVerdict.Duplicate : SequenceVerdict.Stale;
    }

    // A life of the peer begins, or is taken up again, with this status.
    private void Follow(ulong sequence)
    {
        Reset();
        isFollowing = true;
        Advance(sequence, isStatus: true);
    }

    private void Advance(ulong sequence, bool isStatus)
    {
        LastSequence = highest = sequence;
        if (isStatus) LastStatusSequence = sequence;
        owesAcknowledgement |= sequence % AcknowledgeEvery == acknowledgeAt;
    }

    private TimeSpan FirstDelay()
    {
        var longest = (int)Math.Min(delay.TotalMilliseconds, int.MaxValue - 1);
        var shortest = longest < ShortDelay ? 0 : ShortestFirstDelay;
        return TimeSpan.FromMilliseconds(random.Next(shortest, longest + 1));
    }
}
