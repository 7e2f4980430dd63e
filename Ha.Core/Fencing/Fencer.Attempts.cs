using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Core.Fencing;

/// <summary>Attempt after attempt, in each level after level, in each device after device.</summary>
public sealed partial class Fencer
{
    // What a device printed, as far as the history keeps it.
    private const int LongestDetail = 256;

    private void Begin(FenceCourse course, uint generation, FenceReason reason, TimeSpan extraDelay, ClusterTime now)
    {
        course.Confirmation = null;
        course.Rest();
        course.Generation = generation;
        course.Reason = reason;
        course.Phase = FencePhase.Delayed;
        var delay = FenceDelay.Of(course.Levels[0]) + extraDelay;
        course.Due = now.Monotonic + delay;
        NextDeadline = MonotonicTime.Min(NextDeadline, course.Due);
        Note(FenceNoteKind.Progress, EventSeverity.Warning, course, delay > TimeSpan.Zero
            ? $"{Life(course)} will be fenced in {SelfFencing.Text(delay)}: {Because(course)}"
            : $"{Life(course)} is to be fenced: {Because(course)}");
    }

    // The same node again: for a newer life, for a reason that health does not take away, or after it was called off.
    private void Strengthen(FenceCourse course, uint generation, FenceReason reason, TimeSpan extraDelay,
        ClusterTime now)
    {
        course.Generation = Math.Max(course.Generation, generation);
        if (reason > course.Reason) course.Reason = reason;
        course.CalledOff = null;
        if (course.Phase != FencePhase.Delayed) return;
        course.Due = MonotonicTime.Min(course.Due, now.Monotonic + FenceDelay.Of(course.Levels[0]) + extraDelay);
        NextDeadline = MonotonicTime.Min(NextDeadline, course.Due);
    }

    private void FireAttempt(FenceCourse course, ClusterTime now, EffectList effects)
    {
        course.Attempt = [.. course.Levels.Where(stage => !stage.Devices.Any(device => liars.Contains(device.Id)))];
        course.Attempts++;
        course.LevelAt = 0;
        course.Action = course.IsQuarantined
            || course.FencedSince(now.Monotonic - QuarantineWindow) >= QuarantineAfter - 1
            ? FenceAction.Off : configuredAction;
        FireLevel(course, now, effects);
    }

    private void FireLevel(FenceCourse course, ClusterTime now, EffectList effects)
    {
        if (WhyNotNeeded(course.Target, course.Generation, course.Reason) is { } why) End(course, why);
        else if (course.Stage is null) FailAttempt(course, now);
        else
        {
            course.Phase = FencePhase.Firing;
            course.DeviceAt = 0;
            // Off at every outlet before on at any: a node with two power supplies must be without power once.
            Call(course, course.Stage.Devices.Length > 1 ? FenceAction.Off : course.Action, now, effects);
        }
    }

    private void Call(FenceCourse course, FenceAction action, ClusterTime now, EffectList effects)
    {
        var device = course.Stage!.Devices[course.DeviceAt];
        course.Due = MonotonicTime.Never;
        // The driver ends a call at its timeout; a fifth more is for a driver that does not.
        course.Call = new FenceCall(++lastNumber, course.Target, course.Generation, course.Reason, course.Stage,
            device, action, now, now.Monotonic + device.Timeout + TimeSpan.FromTicks(device.Timeout.Ticks / 5));
        effects.Add(new FenceNode
        {
            Number = lastNumber, Target = course.Target, Device = device, Action = action, Timeout = device.Timeout,
        });
        Note(FenceNoteKind.Progress, EventSeverity.Warning, course,
            $"fencing {Life(course)}: {Word(action)} by {device.Id} (level {course.Stage.Index}, "
                + $"attempt {course.Attempts})");
    }

    private void Continue(FenceCourse course, FenceCall call, FenceOutcome outcome, string output, ClusterTime now,
        EffectList effects)
    {
        var passed = course.Phase == FencePhase.Firing && outcome == FenceOutcome.Succeeded
            && course.DeviceAt == call.Stage.Devices.Length - 1;
        // A lie that came to light meanwhile leaves nothing to be believed.
        Record(call, outcome, output, confirms: passed && !course.IsFrozen, isLate: false, now);
        if (course.Phase == FencePhase.PoweringOn) ContinuePowerOn(course, call, outcome, now, effects);
        else if (outcome != FenceOutcome.Succeeded) ContinueAfterFailure(course, call, outcome, output, now, effects);
        else if (passed && course.IsFrozen) End(course, "a fence device lied about it");
        else if (passed) Confirm(course, call, now, effects);
        else if (course.CalledOff is not null) PowerOn(course, course.DeviceAt + 1, now, effects);
        else
        {
            course.DeviceAt++;
            Call(course, FenceAction.Off, now, effects);
        }
    }

    private void ContinueAfterFailure(FenceCourse course, FenceCall call, FenceOutcome outcome, string output,
        ClusterTime now, EffectList effects)
    {
        Note(FenceNoteKind.Failure, EventSeverity.Error, course,
            $"{call.Device.Id} did not fence {course.Target}: {Word(outcome)}{(output.Length > 0 ? ": " : "")}"
                + Short(output));
        // What earlier devices of the level have switched off stays off: the next level shall end that life anyway.
        if (course.CalledOff is { } why)
        {
            if (course.DeviceAt > 0) PowerOn(course, course.DeviceAt, now, effects);
            else End(course, why);
            return;
        }

        course.LevelAt++;
        FireLevel(course, now, effects);
    }

    private void FailAttempt(FenceCourse course, ClusterTime now)
    {
        course.Phase = FencePhase.Retrying;
        course.LastAttemptFailed = true;
        var pause = PauseAfter(course.Attempts);
        course.Due = now.Monotonic + pause;
        Note(FenceNoteKind.Failure, EventSeverity.Critical, course,
            $"{Life(course)} could not be fenced by any device (attempt {course.Attempts}); next attempt in "
                + $"{SelfFencing.Text(pause)}; nothing of it is recovered until then, or until an operator confirms "
                + "that it is off");
    }

    private static TimeSpan PauseAfter(int attempts)
    {
        // 2^12 s is more than an hour.
        var doublings = Math.Clamp(attempts - AttemptsInARow + 1, 0, 12);
        var pause = TimeSpan.FromTicks(RetryPause.Ticks << doublings);
        return pause < LongestPause ? pause : LongestPause;
    }

    private void Confirm(FenceCourse course, FenceCall call, ClusterTime now, EffectList effects)
    {
        Conclude(course, call, now);
        if (call.Stage.Devices.Length > 1 && course.Action == FenceAction.Reboot && !course.IsQuarantined)
            PowerOn(course, call.Stage.Devices.Length, now, effects);
        else if (course.Generation > call.Generation && course.CalledOff is null) Renew(course, now);
        else course.Rest();
    }

    // While a device was at it, a newer life was heard and is to be ended as well.
    private static void Renew(FenceCourse course, ClusterTime now)
    {
        course.Phase = FencePhase.Retrying;
        course.Due = now.Monotonic + RetryPause;
    }

    private void Conclude(FenceCourse course, FenceCall call, ClusterTime now)
    {
        course.Confirmation = new FenceConfirmation(call.Generation, now.Monotonic, IsManual: false,
            call.Stage.Names, [.. call.Stage.Devices.Select(device => device.Id)])
        {
            // An operator's word for the same life may have been acted on already.
            IsConsumed = course.Confirmation is { IsConsumed: true } before && before.Generation == call.Generation,
        };
        course.LastAttemptFailed = false;
        Count(course, now);
        Note(FenceNoteKind.Fenced, EventSeverity.Warning, course,
            $"{course.Target} (generation {call.Generation}) is fenced: confirmed by {call.Stage.Names}");
    }

    private void Count(FenceCourse course, ClusterTime now)
    {
        if (course.FencedAt.Count == QuarantineAfter) course.FencedAt.RemoveAt(0);
        course.FencedAt.Add(now.Monotonic);
        if (course.IsQuarantined || course.FencedSince(now.Monotonic - QuarantineWindow) < QuarantineAfter) return;
        course.IsQuarantined = true;
        Note(FenceNoteKind.Quarantined, EventSeverity.Critical, course,
            $"{course.Target} was fenced {QuarantineAfter} times within an hour: from now on it is switched off and "
                + "stays off until an operator clears it");
    }

    private void PowerOn(FenceCourse course, int devices, ClusterTime now, EffectList effects)
    {
        course.Phase = FencePhase.PoweringOn;
        course.ToPowerOn = devices;
        course.DeviceAt = 0;
        Call(course, FenceAction.On, now, effects);
    }

    private void ContinuePowerOn(FenceCourse course, FenceCall call, FenceOutcome outcome, ClusterTime now,
        EffectList effects)
    {
        if (outcome != FenceOutcome.Succeeded)
        {
            Note(FenceNoteKind.Failure, EventSeverity.Warning, course,
                $"{call.Device.Id} did not switch {course.Target} on again: {Word(outcome)}; switch it on by hand");
        }

        course.DeviceAt++;
        if (course.DeviceAt < course.ToPowerOn) Call(course, FenceAction.On, now, effects);
        else if (course.CalledOff is { } why && course.Confirmation is null) End(course, why);
        else course.Rest();
    }

    private void End(FenceCourse course, string why)
    {
        Note(FenceNoteKind.CalledOff, EventSeverity.Info, course, $"{course.Target} is not fenced: {why}");
        course.Rest();
    }

    // The same question at the request and immediately before each level fires.
    private string? WhyNotNeeded(string target, uint generation, FenceReason reason)
    {
        var peer = liveness(target);
        return !peer.IsHealthyMember ? null
            : peer.Generation > generation ? $"its generation {peer.Generation} is a healthy member"
            : peer.Generation == generation && FenceCourse.EndsWithHealth(reason) ? "it is a healthy member again"
            : null;
    }

    private void CompleteLate(FenceCompleted completed, ClusterTime now)
    {
        var place = givenUp.FindIndex(call => call.Number == completed.Number);
        if (place < 0) return;
        var call = givenUp[place];
        givenUp.RemoveAt(place);
        var course = Find(call.Target)!;
        // The device did act. Alone in its level, and for the life that is still wanted, that is all that was needed.
        var confirms = completed.Outcome == FenceOutcome.Succeeded && call.Stage.Devices.Length == 1
            && call.Action != FenceAction.On && !course.IsFrozen && course.Confirmation is null
            && course.Generation == call.Generation && course.IsActive;
        Record(call, completed.Outcome, completed.Output, confirms, isLate: true, now);
        if (!confirms) return;
        Conclude(course, call, now);
        if (course.Call is null) course.Rest();
        else course.CalledOff = $"{call.Device.Id} confirmed late";
    }

    private void Record(FenceCall call, FenceOutcome outcome, string output, bool confirms, bool isLate,
        ClusterTime now) => Keep(new FenceRecord
        {
            Id = $"{localNode}/{localGeneration}/{call.Number}", Requester = localNode, Target = call.Target,
            TargetGeneration = call.Generation, Reason = call.Reason, Level = call.Stage.Index,
            Device = call.Device.Id, Action = call.Action, StartedUnixMs = call.Started.UnixMilliseconds,
            EndedUnixMs = now.UnixMilliseconds, Outcome = outcome, IsLate = isLate, Confirms = confirms,
            Detail = Short(output),
        });

    private static string Short(string output) => output.Length <= LongestDetail ? output : output[..LongestDetail];

    private static string Life(FenceCourse course) => course.Generation == 0
        ? $"{course.Target} (never heard)" : $"{course.Target} (generation {course.Generation})";

    private static string Because(FenceCourse course) => course.Reason switch
    {
        FenceReason.Silent => "it is silent",
        FenceReason.NeverSeen => "it was never seen",
        FenceReason.Pending => "it has been joining for too long",
        FenceReason.StopFailed => "a stop failed on it",
        FenceReason.Operator => "an operator asked for it",
    };

    private static string Word(FenceAction action) => action switch
    {
        FenceAction.Reboot => "reboot",
        FenceAction.Off => "off",
        FenceAction.On => "on",
        FenceAction.Monitor => "monitor",
    };

    private static string Word(FenceOutcome outcome) => outcome switch
    {
        FenceOutcome.Succeeded => "done",
        FenceOutcome.Failed => "it refused or failed",
        FenceOutcome.TimedOut => "no answer in time; whether it acted is not known",
        FenceOutcome.NotInstalled => "its agent is not installed",
    };
}
