using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// The arbiter of two nodes: whoever holds resources, or has lost its peer, asks for the grant and renews it. An answer
/// counts from when the question was sent; one of an older epoch of the arbiter counts for nothing.
/// </summary>
public sealed partial class ClusterEngine
{
    private long arbiterQuestion;
    private MonotonicTime arbiterAskedAt = MonotonicTime.Never;
    private MonotonicTime nextQuestion;
    private MonotonicTime arbiterGrantUntil;
    private MonotonicTime arbiterWordUntil;
    private ArbiterGrant arbiterWord;
    private (long Epoch, long Revision) arbiterSeen;

    private TimeSpan QuestionTimeout => TimeSpan.FromTicks(Safety.ArbiterLease.Ticks / 4);

    // Whoever is left alone by a good-bye needs the grant soon, and its last holder gives it back just now.
    private TimeSpan QuestionPause => peers is [{ State: NodeState.Left }] && arbiterGrantUntil <= now.Monotonic
        ? TimeSpan.FromTicks(Safety.ArbiterLease.Ticks / 40) : QuestionTimeout;

    private ArbiterEvidence ArbiterNow()
    {
        if (!Safety.HasArbiter) return ArbiterEvidence.NotConfigured;
        if (now.Monotonic < arbiterGrantUntil) return ArbiterEvidence.Mine;
        return arbiterWord == ArbiterGrant.Others && now.Monotonic < arbiterWordUntil
            ? ArbiterEvidence.Others : ArbiterEvidence.Unknown;
    }

    private void AskArbiterWhenDue()
    {
        if (!Safety.HasArbiter || view is null || halted) return;
        nextAuthority = MonotonicTime.Min(nextAuthority, arbiterGrantUntil > now.Monotonic
            ? arbiterGrantUntil : MonotonicTime.Never);
        if (arbiterAskedAt != MonotonicTime.Never)
        {
            nextAuthority = MonotonicTime.Min(nextAuthority, MonotonicTime.Max(nextQuestion, now.Monotonic));
            return;
        }

        nextAuthority = MonotonicTime.Min(nextAuthority, MonotonicTime.Max(nextQuestion, now.Monotonic));
        if (now.Monotonic < nextQuestion) return;
        nextQuestion = now.Monotonic + QuestionPause;
        nextAuthority = MonotonicTime.Min(nextAuthority, nextQuestion);
        arbiterAskedAt = now.Monotonic;
        var wanted = quorum.SeenFullView && (local.AnyActive
            || (!departing && EvidenceOf(peers[0]) is PeerEvidence.Lost or PeerEvidence.Half));
        // Given back: from now on somebody else may have it.
        if (!wanted) arbiterGrantUntil = default;
        effects.Add(new AskArbiter { Number = ++arbiterQuestion, Want = wanted, Timeout = QuestionTimeout });
    }

    private void AskArbiterSoon()
    {
        if (!Safety.HasArbiter) return;
        nextQuestion = now.Monotonic;
        nextAuthority = MonotonicTime.Min(nextAuthority, now.Monotonic);
    }

    private void HearArbiter(ArbiterAnswered answer)
    {
        if (answer.Number != arbiterQuestion || arbiterAskedAt == MonotonicTime.Never) return;
        var asked = arbiterAskedAt;
        arbiterAskedAt = MonotonicTime.Never;
        if (answer.Grant == ArbiterGrant.Unknown) return;
        if ((answer.Epoch, answer.Revision).CompareTo(arbiterSeen) < 0)
        {
            if (MayComplain(EventKind.ArbiterDistrusted, "arbiter", out var more))
                Warn(EventKind.ArbiterDistrusted, "arbiter",
                    $"the arbiter's answer is older than one it gave before (epoch {answer.Epoch}, revision "
                        + $"{answer.Revision}){more}: it lost its memory or was restored; the answer does not count");
            return;
        }

        arbiterSeen = (answer.Epoch, answer.Revision);
        arbiterWord = answer.Grant;
        arbiterWordUntil = asked + Safety.ArbiterLease;
        var lease = answer.Lease < Safety.ArbiterLease ? answer.Lease : Safety.ArbiterLease;
        arbiterGrantUntil = answer.Grant == ArbiterGrant.Mine
            ? asked + SelfFencing.LeaseValidity(lease, Safety.Watchdog) : default;
        coordinationDue = true;
    }
}
