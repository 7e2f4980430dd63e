using Ha.Core.Contracts;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// Asks the policy engine, and asks again at the latest when the recheck interval has passed: rules may have dates.
/// </summary>
public sealed partial class ClusterEngine
{
    private readonly Dictionary<string, string> announcedTrouble = [];

    private MonotonicTime nextRecheck = MonotonicTime.Never;

    private TransitionPlan Decide()
    {
        var state = State(now);
        var decided = TransitionPlanner.Plan(configuration, state);
        nextRecheck = now.Monotonic + configuration.RecheckInterval;
        placements = GroupPlacement.Read(configuration, state, decided.Plan);
        foreach (var placement in placements) ReportTrouble(placement);
        ReportOverruled(decided.Overruled, decided.Bans);
        return decided;
    }

    private void Recheck()
    {
        if (now.Monotonic < nextRecheck) return;
        nextRecheck = MonotonicTime.Never;
        coordinationDue = true;
    }

    private void ReportTrouble(GroupPlacement placement)
    {
        var trouble = placement.Blocked ? "blocked" : placement.Node is null ? "nowhere" : "";
        var text = trouble.Length == 0 ? "" : trouble + placement.Reason;
        if (announcedTrouble.GetValueOrDefault(placement.Group, "") == text) return;
        announcedTrouble[placement.Group] = text;
        if (placement.Blocked)
            Emit(EventKind.GroupBlocked, EventSeverity.Critical, placement.Group,
                $"group {placement.Group} is {placement.Reason}");
        else if (placement.Node is null)
            Emit(EventKind.GroupFailed, EventSeverity.Critical, placement.Group,
                $"group {placement.Group}: {placement.Reason}");
    }
}
