namespace Ha.Web.Model;

/// <summary>How events, operations and their steps look.</summary>
public static class ProgressAppearance
{
    public static Appearance Of(StepState state) => state switch
    {
        StepState.Pending => new(Tone.Neutral, Shape.Ring, "Waiting", "Waits for other steps."),
        StepState.Running => new(Tone.Busy, Shape.Half, "Running", "Under way."),
        StepState.Succeeded => new(Tone.Good, Shape.Check, "Done", "Done."),
        StepState.Failed => new(Tone.Bad, Shape.Square, "Failed", "It failed."),
        StepState.Cancelled => new(Tone.Neutral, Shape.Cross, "Called off", "Called off before it ran."),
    };

    public static Appearance Of(OperationState state) => state switch
    {
        OperationState.Queued => new(Tone.Busy, Shape.Ring, "Queued", "On its way to the coordinator."),
        OperationState.Running => new(Tone.Busy, Shape.Half, "Running", "The coordinator works on it."),
        OperationState.Succeeded => new(Tone.Good, Shape.Check, "Succeeded", "What was asked for is true."),
        OperationState.Failed => new(Tone.Bad, Shape.Square, "Failed", "It cannot be reached any more."),
    };

    public static Appearance Of(EventSeverity severity) => severity switch
    {
        EventSeverity.Info => new(Tone.Neutral, Shape.Dot, "Info", "Good to know."),
        EventSeverity.Warning => new(Tone.Warning, Shape.Triangle, "Warning", "Worth a look."),
        EventSeverity.Error => new(Tone.Bad, Shape.Square, "Error", "Something failed."),
        EventSeverity.Critical =>
            new(Tone.Bad, Shape.Cross, "Critical", "Service is down, or two nodes may serve at once."),
    };

    public static bool IsUnderWay(OperationState state) => state switch
    {
        OperationState.Queued or OperationState.Running => true,
        OperationState.Succeeded or OperationState.Failed => false,
    };

    /// <summary>An action of a transition in words.</summary>
    public static string Words(ActionSnapshot action) => action.Operation switch
    {
        OperationKind.Probe => $"check {action.Resource} on {action.Node}",
        OperationKind.Start => $"start {action.Resource} on {action.Node}",
        OperationKind.Stop => $"stop {action.Resource} on {action.Node}",
        OperationKind.Announce => $"announce {action.Resource} from {action.Node}",
        OperationKind.Monitor => $"watch {action.Resource} on {action.Node}",
        OperationKind.Cancel => $"end watching {action.Resource} on {action.Node}",
        OperationKind.Fence => $"fence {action.Node}",
    };
}
