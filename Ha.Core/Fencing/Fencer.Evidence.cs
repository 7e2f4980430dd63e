using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Fencing;

/// <summary>What is certain about a node's life, who said so, and what takes it back.</summary>
public sealed partial class Fencer
{
    /// <summary>The fencing column of the authority table.</summary>
    /// <param name="target">The peer.</param>
    /// <param name="generation">Its life that was heard last; 0 when never.</param>
    public FencingEvidence EvidenceFor(string target, uint generation)
    {
        var course = Find(target);
        if (course is null) return FencingEvidence.NotConfigured;
        if (course.Confirmation is { } confirmation && confirmation.Generation == generation)
            return FencingEvidence.Confirmed;
        if (course.Levels.IsEmpty) return FencingEvidence.NotConfigured;
        return course.IsFrozen || course.LastAttemptFailed || !HasBelievableLevel(course)
            ? FencingEvidence.Unreachable : FencingEvidence.Try;
    }

    /// <summary>Whether a life of a node is confirmed to be over, by a device or by an operator.</summary>
    public bool IsConfirmed(string target, uint generation) =>
        Find(target)?.Confirmation is { } confirmation && confirmation.Generation == generation;

    /// <summary>Whether a node is held off: it may not join before an operator has cleared it.</summary>
    public bool IsQuarantined(string target) => Find(target)?.IsQuarantined == true;

    /// <summary>
    /// Takes the confirmation that a life is over, to recover what ran there: true once per confirmation.
    /// </summary>
    /// <param name="target">The node.</param>
    /// <param name="generation">The life.</param>
    public bool TryConsume(string target, uint generation)
    {
        if (Find(target)?.Confirmation is not { IsConsumed: false } confirmation
            || confirmation.Generation != generation) return false;
        confirmation.IsConsumed = true;
        return true;
    }

    /// <summary>
    /// An authentic status of a node came in. A newer life ends what was confirmed of the older one; the same life
    /// takes an operator's word back, and shows that a device lied when it certainly ran after the confirmation: an
    /// authentic packet alone may have been held back on the way and let go later.
    /// </summary>
    /// <param name="target">The node.</param>
    /// <param name="generation">The life that spoke.</param>
    /// <param name="ranAt">The latest moment at which that life is known to have run.</param>
    public void Hear(string target, uint generation, MonotonicTime ranAt)
    {
        var course = Find(target);
        if (course?.Confirmation is not { } confirmation || generation < confirmation.Generation) return;
        if (generation > confirmation.Generation)
        {
            course.Confirmation = null;
            if (course.Phase == FencePhase.Fenced) course.Rest();
            Version++;
        }
        else if (confirmation.IsManual)
        {
            course.Confirmation = null;
            course.Rest();
            Note(FenceNoteKind.AcknowledgementVoid, EventSeverity.Critical, course,
                $"{target} (generation {generation}) is heard, although {confirmation.By} confirmed that it is off: "
                    + "the confirmation is void; two nodes may have served");
        }
        else if (ranAt > confirmation.At)
        {
            Expose(course, confirmation);
        }
    }

    /// <summary>
    /// An operator says that a node is off, or cannot touch the resources. The caller has asked for that to be
    /// confirmed anew, with the evidence shown.
    /// </summary>
    /// <param name="target">The node, as named by the operator.</param>
    /// <param name="generation">The life, as named by the operator; 0 for a node that was never heard.</param>
    /// <param name="actor">Who says so.</param>
    /// <param name="now">The time.</param>
    /// <returns>Why it is refused; null when it is taken.</returns>
    public string? Acknowledge(string target, uint generation, string actor, ClusterTime now)
    {
        if (WhyNotAcknowledged(target, generation) is { } why) return why;
        var course = Find(target)!;
        if (course.Confirmation?.Generation == generation) return null;
        course.Confirmation = new FenceConfirmation(generation, now.Monotonic, IsManual: true, actor, []);
        if (course.Call is null) course.Rest();
        else course.CalledOff = $"{actor} confirmed that it is off";
        Keep(new FenceRecord
        {
            Id = $"{localNode}/{localGeneration}/{++lastNumber}", Requester = localNode, Target = target,
            TargetGeneration = generation, Reason = FenceReason.Operator, Level = 0, Device = "",
            Action = FenceAction.Off, StartedUnixMs = now.UnixMilliseconds, EndedUnixMs = now.UnixMilliseconds,
            Outcome = FenceOutcome.Succeeded, Confirms = true, Detail = Short(actor),
        });
        Note(FenceNoteKind.Operator, EventSeverity.Critical, course,
            $"{actor} confirmed that {target} (generation {generation}) is off or cannot touch the resources; "
                + "if that is untrue, two nodes serve");
        Schedule();
        return null;
    }

    /// <summary>What speaks against the word of an operator that a node is off; null when nothing does.</summary>
    /// <param name="target">The node, as named by the operator.</param>
    /// <param name="generation">The life, as named by the operator.</param>
    public string? WhyNotAcknowledged(string target, uint generation)
    {
        if (Find(target) is null) return $"{target} is this node or no node of the cluster";
        var peer = liveness(target);
        if (peer.IsHeard) return $"{target} is heard: it is not off";
        return peer.Generation == generation ? null
            : $"the life of {target} that was heard last is generation {peer.Generation}, not {generation}";
    }

    /// <summary>
    /// Takes over what another node has recorded, so that a new coordinator does not fence again what is fenced.
    /// </summary>
    /// <param name="record">From a peer's report.</param>
    /// <param name="now">The time.</param>
    public void Learn(FenceRecord record, ClusterTime now)
    {
        var course = Find(record.Target);
        if (course is null || record.Requester == localNode || history.Any(known => known.Id == record.Id)) return;
        Keep(record);
        if (!record.Confirms || record.Outcome != FenceOutcome.Succeeded) return;
        if (record.Device.Length > 0) Count(course, now);
        var peer = liveness(record.Target);
        if (course.IsFrozen || peer.IsHeard || peer.Generation > record.TargetGeneration
            || course.Confirmation?.Generation >= record.TargetGeneration) return;
        course.Confirmation = new FenceConfirmation(record.TargetGeneration, now.Monotonic,
            IsManual: record.Device.Length == 0, record.Device.Length == 0 ? record.Detail : record.Device,
            record.Device.Length == 0 ? [] : [record.Device]);
        if (course.Generation > record.TargetGeneration && course.IsActive) return;
        if (course.Call is null) course.Rest();
        else course.CalledOff = $"{record.Requester} has fenced it";
        Schedule();
    }

    /// <summary>
    /// An operator has looked after a node and its devices: quarantine and mistrust end, attempts start anew.
    /// </summary>
    /// <param name="target">The node.</param>
    /// <param name="actor">Who says so.</param>
    /// <returns>False when there was nothing to clear.</returns>
    public bool Clear(string target, string actor)
    {
        var course = Find(target);
        if (course is null) return false;
        var mistrusted = course.Levels.SelectMany(stage => stage.Devices).Any(device => liars.Contains(device.Id));
        if (!course.IsFrozen && !course.IsQuarantined && !mistrusted) return false;
        course.IsFrozen = false;
        course.IsQuarantined = false;
        course.FencedAt.Clear();
        foreach (var device in course.Levels.SelectMany(stage => stage.Devices)) liars.Remove(device.Id);
        Note(FenceNoteKind.Operator, EventSeverity.Warning, course,
            $"{actor} cleared {target}: it may join, and its fence devices are believed again");
        return true;
    }

    private bool HasBelievableLevel(FenceCourse course)
    {
        if (liars.Count == 0) return true;
        foreach (var stage in course.Levels)
        {
            if (!stage.Devices.Any(device => liars.Contains(device.Id))) return true;
        }

        return false;
    }

    // A device said that it ended a life that goes on: no promise holds any more, and no automaton may go on.
    private void Expose(FenceCourse course, FenceConfirmation confirmation)
    {
        course.Confirmation = null;
        course.IsFrozen = true;
        foreach (var device in confirmation.Devices) liars.Add(device);
        if (course.Call is null) course.Rest();
        else course.CalledOff = "its fence device lied";
        Note(FenceNoteKind.DeviceLied, EventSeverity.Critical, course,
            $"{course.Target} (generation {confirmation.Generation}) is heard, although "
                + $"{string.Join(" and ", confirmation.Devices)} confirmed that it was fenced: fencing is unreliable, "
                + "two nodes may have served; nothing is done to it automatically until an operator clears it");
        Schedule();
    }
}
