using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Policy.Actions;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>
/// From configuration and state to what is to be done: asks the policy engine and turns its plan into a graph of
/// orders. What is under way already is awaited, not ordered again: it cannot be called back. Pure.
/// </summary>
public static class TransitionPlanner
{
    /// <summary>How often a plan is made anew because of operations under way that it does not want.</summary>
    private const int MaxPasses = 4;

    /// <summary>Plans.</summary>
    /// <param name="configuration">What is configured.</param>
    /// <param name="state">What is.</param>
    public static TransitionPlan Plan(ActiveConfiguration configuration, ClusterState state)
    {
        // What is stopped whatever the plan wants; what comes after that is planned for.
        var stopped = new List<(string Node, string Resource)>();
        var allBans = HealthBans.Find(configuration, state);
        var overruled = ImmutableArray<HealthBan>.Empty;
        for (var pass = 1; ; pass++)
        {
            var bans = allBans.RemoveRange(overruled);
            var plan = ClusterPlanner.Plan(ModelBuilder.Build(configuration, state, [.. stopped], bans));
            if (HealthBans.Lift(configuration, state, bans, plan) is { IsEmpty: false } lifted)
            {
                overruled = [.. overruled, .. lifted];
                pass = 0;
                continue;
            }

            var known = stopped.Count;
            stopped.AddRange(SurplusOwners.Find(configuration, state, plan).Where(one => !stopped.Contains(one)));
            stopped.AddRange(UnwantedStops(state, plan).Where(one => !stopped.Contains(one)));
            if (stopped.Count == known || pass == MaxPasses)
            {
                return new TransitionPlan(plan, new Builder(configuration, state, stopped).Build(plan))
                {
                    Overruled = overruled, Bans = bans,
                };
            }
        }
    }

    private static IEnumerable<(string Node, string Resource)> UnwantedStops(ClusterState state, ClusterPlan plan) =>
        from node in state.Nodes
        where node.Presence == NodePresence.Member
        from report in node.Resources
        where report.Busy == OperationKind.Stop && !plan.Steps.Any(step =>
            step.Kind == ActionKind.Stop && step.Node == node.Name && step.Resource == report.Id)
        select (node.Name, report.Id);

    private sealed class Builder(
        ActiveConfiguration configuration, ClusterState state, List<(string Node, string Resource)> stopped)
    {
        private readonly List<TransitionAction> actions = [];

        // Number of a step -> numbers of the actions that stand for it.
        private readonly Dictionary<int, ImmutableArray<int>> standsFor = [];

        public TransitionGraph Build(ClusterPlan plan)
        {
            var awaited = StopWhateverThePlan();
            var probes = AwaitProbes();
            var stuck = configuration.Groups.Where(group => SurplusOwners.IsStuck(group, state, plan))
                .SelectMany(group => group.Resources).Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var step in plan.Steps)
            {
                ImmutableArray<int> after = [.. step.After.SelectMany(one => standsFor[one]).Distinct().Order()];
                if (KindOf(step.Kind) is not { } kind || IsDoneByFencing(step) || IsWatchedAlready(step, plan)
                    || stuck.Contains(step.Resource))
                {
                    // Nothing to order: whatever waits for it waits for what it waits for.
                    standsFor[step.Number] = after;
                    continue;
                }

                if (kind == OperationKind.Probe
                    && probes.FindIndex(one => IsFor(actions[one], step)) is var asked and >= 0)
                {
                    standsFor[step.Number] = [probes[asked]];
                    continue;
                }

                ImmutableArray<int> first =
                    [.. awaited.Concat(probes).Where(one => ComesFirst(actions[one], step, kind))];
                standsFor[step.Number] = [Add(kind, step.Node, step.Resource, step.IntervalMs,
                    [.. first.Union(after).Order()], IsUnderWay(step, kind))];
            }

            AnnounceKept();
            return new TransitionGraph(
                AddressesTogether.Apply(ReadyFirst.Apply(actions, state), configuration));
        }

        // Of one group on one node in the order of the list; an address that is kept elsewhere waits for that only.
        private List<int> StopWhateverThePlan()
        {
            var numbers = new List<int>();
            foreach (var (node, resource) in stopped)
            {
                var group = configuration.GroupOf(resource)?.Id ?? "";
                ImmutableArray<int> after = AnnounceFirst(resource) is { } announced ? [announced]
                    : [.. numbers.Where(one => actions[one].Node == node && actions[one].Group == group)];
                numbers.Add(Add(OperationKind.Stop, node, resource, 0, after,
                    underWay: state.Find(node, resource)?.Busy == OperationKind.Stop));
            }

            return numbers;
        }

        // Somebody looks again (clean-up): nothing of the group is started before the answer is there, and nothing is
        // stopped that carries what may be found running.
        private List<int> AwaitProbes() =>
        [
            .. from node in state.Nodes
            where node.Presence == NodePresence.Member
            from report in node.Resources
            where report.Busy == OperationKind.Probe
            select Add(OperationKind.Probe, node.Name, report.Id, 0, [], underWay: true),
        ];

        private static bool IsFor(TransitionAction action, PlanStep step) =>
            action.Node == step.Node && action.Resource == step.Resource;

        // A resource whose stop is still under way starts nowhere before its end, and nothing of its group stops
        // before what started after it has, or is known to run no more.
        private bool ComesFirst(TransitionAction underWay, PlanStep step, OperationKind kind)
        {
            var group = configuration.GroupOf(step.Resource);
            if (kind == OperationKind.Start)
                return underWay.Kind == OperationKind.Probe ? underWay.Group == (group?.Id ?? "")
                    : underWay.Resource == step.Resource;
            return kind == OperationKind.Stop && underWay.Node == step.Node && group is not null
                && group.Id == underWay.Group
                && IndexOf(group, underWay.Resource) > IndexOf(group, step.Resource);
        }

        private static int IndexOf(ResourceGroup group, string resource)
        {
            for (var i = 0; i < group.Resources.Length; i++)
            {
                if (group.Resources[i].Id == resource) return i;
            }

            return -1;
        }

        // Forgetting happens where the resource stops; unfencing and reloading have no agents here.
        private static OperationKind? KindOf(ActionKind kind) => kind switch
        {
            ActionKind.Probe => OperationKind.Probe,
            ActionKind.Start => OperationKind.Start,
            ActionKind.Stop => OperationKind.Stop,
            ActionKind.Monitor => OperationKind.Monitor,
            ActionKind.Cancel => OperationKind.Cancel,
            ActionKind.Fence => OperationKind.Fence,
            ActionKind.Reload or ActionKind.Delete or ActionKind.Unfence or ActionKind.Milestone => null,
        };

        // What ran on a node that is not there ends with the node.
        private bool IsDoneByFencing(PlanStep step) => step.Kind != ActionKind.Fence
            && !state.Nodes.Any(node => node.Name == step.Node && node.Presence == NodePresence.Member);

        // A copy that goes on while surplus ones are stopped counts as started anew in the plan; nothing happens to it.
        // Nor where a monitor has failed and nothing may be done about it: its node goes on watching at its interval,
        // and ordered anew it would be run, and fail, at once, without end.
        private bool IsWatchedAlready(PlanStep step, ClusterPlan plan) => step.Kind == ActionKind.Monitor
            && state.Find(step.Node, step.Resource) is { } report
            && report.History.Any(one => one is { Kind: OperationKind.Monitor, IsLastFailure: false }
                && one.IntervalMs == step.IntervalMs
                && (one.Outcome == OperationOutcome.Succeeded ? report.State == ResourceState.Started
                    : one.Digest == configuration.Find(step.Resource)?.Digest))
            && !plan.Steps.Any(other => other.Kind is ActionKind.Start or ActionKind.Stop
                && other.Node == step.Node && other.Resource == step.Resource);

        private bool IsUnderWay(PlanStep step, OperationKind kind) =>
            kind is OperationKind.Probe or OperationKind.Start or OperationKind.Stop
            && state.Find(step.Node, step.Resource)?.Busy == kind;

        // Two nodes answer for the address: the network hears who keeps it, so that clients have left the other before
        // anything is stopped there.
        private int? AnnounceFirst(string resource)
        {
            if (configuration.Find(resource) is not { IsVip: true }) return null;
            if (actions.Find(one => one.Kind == OperationKind.Announce && one.Resource == resource) is { } announced)
                return announced.Number;
            var stopping = stopped.Where(one => one.Resource == resource).Select(one => one.Node);
            return KeeperOf(resource, [.. stopping]) is { } keeper
                ? Add(OperationKind.Announce, keeper, resource, 0, [], underWay: false) : null;
        }

        // And once more when the other has let go, for it may have spoken last.
        private void AnnounceKept()
        {
            foreach (var group in configuration.Groups)
            {
                foreach (var resource in group.Resources)
                {
                    if (!resource.IsVip || group.IsClone) continue;
                    var stops = actions.Where(one => one.Kind == OperationKind.Stop && one.Resource == resource.Id)
                        .ToList();
                    if (stops.Count == 0 || actions.Exists(one =>
                        one.Kind == OperationKind.Start && one.Resource == resource.Id)) continue;
                    if (KeeperOf(resource.Id, [.. stops.Select(stop => stop.Node)]) is { } keeper)
                        Add(OperationKind.Announce, keeper, resource.Id, 0, [.. stops.Select(stop => stop.Number)],
                            underWay: false);
                }
            }
        }

        private string? KeeperOf(string resource, ImmutableArray<string> stopping) =>
            state.Nodes.FirstOrDefault(node => node.Presence == NodePresence.Member && !stopping.Contains(node.Name)
                && state.Find(node.Name, resource)?.State == ResourceState.Started)?.Name;

        private int Add(OperationKind kind, string node, string resource, long intervalMs, ImmutableArray<int> after,
            bool underWay)
        {
            actions.Add(new TransitionAction
            {
                Number = actions.Count,
                Node = node,
                Group = configuration.GroupOf(resource)?.Id ?? "",
                Resource = resource,
                Kind = kind,
                IntervalMs = intervalMs,
                After = after,
                UnderWay = underWay,
            });
            return actions.Count - 1;
        }
    }
}

/// <summary>What was decided and how it is reached.</summary>
/// <param name="Plan">The policy engine's decision, with its reasons.</param>
/// <param name="Graph">The orders.</param>
public sealed record TransitionPlan(ClusterPlan Plan, TransitionGraph Graph)
{
    /// <summary>Bans by health checks that do not hold, because their groups would run nowhere.</summary>
    public ImmutableArray<HealthBan> Overruled { get; init; } = [];

    /// <summary>Bans by health checks that hold.</summary>
    public ImmutableArray<HealthBan> Bans { get; init; } = [];
}
