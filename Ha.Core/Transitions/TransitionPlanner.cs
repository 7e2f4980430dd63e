using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>
/// Turns placements into a transition: a pure function of where groups belong and what runs where. A group is stopped
/// everywhere else, in reverse order, before anything of it starts on its node; what may be running counts as running.
/// A blocked group is started nowhere and left alone where its stop failed; surplus copies are stopped all the same.
/// </summary>
public static class TransitionPlanner
{
    /// <summary>Plans one transition.</summary>
    /// <param name="groups">All groups.</param>
    /// <param name="placements">Where they belong.</param>
    /// <param name="members">Names of the nodes that take orders, in the order of ha.cf.</param>
    /// <param name="observe">State of a resource (second argument) on a node (first argument).</param>
    public static TransitionGraph Plan(
        ImmutableArray<ResourceGroup> groups,
        ImmutableArray<Placement> placements,
        ImmutableArray<string> members,
        Func<string, string, ObservedResource> observe)
    {
        var plan = new Builder(members, observe);
        foreach (var group in groups)
        {
            var placement = placements.First(one => one.Group == group.Id);
            plan.Add(group, placement.Node, mayStart: !placement.Blocked);
        }

        return new TransitionGraph([.. plan.Actions]);
    }

    private sealed class Builder(ImmutableArray<string> members, Func<string, string, ObservedResource> observe)
    {
        public List<TransitionAction> Actions { get; } = [];

        public void Add(ResourceGroup group, string? target, bool mayStart)
        {
            if (AwaitContraryOperations(group, target)) return;
            var stops = new List<int>();
            foreach (var node in members)
            {
                if (node != target && !IsStuck(node, group)) StopOn(node, group, stops);
            }

            if (target is not null) StartOn(target, group, stops, mayStart);
        }

        // An operation that works against the placement cannot be called back: its end is awaited,
        // then all is planned anew.
        private bool AwaitContraryOperations(ResourceGroup group, string? target)
        {
            var any = false;
            foreach (var node in members)
            {
                foreach (var resource in group.Resources)
                {
                    if (observe(node, resource.Id).Busy is not { } busy) continue;
                    var wanted = node == target ? OperationKind.Start : OperationKind.Stop;
                    if (busy == wanted || busy == OperationKind.Announce) continue;
                    Add(node, group, resource, busy, [], underWay: true);
                    any = true;
                }
            }

            return any;
        }

        private bool IsStuck(string node, ResourceGroup group) =>
            group.Resources.Any(resource => observe(node, resource.Id).Stuck);

        private void StopOn(string node, ResourceGroup group, List<int> stops)
        {
            var previous = -1;
            for (var i = group.Resources.Length - 1; i >= 0; i--)
            {
                var resource = group.Resources[i];
                var observed = observe(node, resource.Id);
                if (observed is { Busy: null, State: ResourceState.Stopped }) continue;
                previous = Add(node, group, resource, OperationKind.Stop, previous < 0 ? [] : [previous],
                    underWay: observed.Busy == OperationKind.Stop);
                stops.Add(previous);
            }
        }

        private void StartOn(string node, ResourceGroup group, List<int> stops, bool mayStart)
        {
            var previous = -1;
            foreach (var resource in group.Resources)
            {
                var observed = observe(node, resource.Id);
                ImmutableArray<int> after = previous < 0 ? [.. stops] : [.. stops, previous];
                if (observed.Busy == OperationKind.Start || observed.State != ResourceState.Started)
                {
                    if (!mayStart) continue;
                    previous = Add(node, group, resource, OperationKind.Start, after,
                        underWay: observed.Busy == OperationKind.Start);
                }
                else if (resource.IsVip && stops.Count > 0)
                {
                    // Two nodes answered for the address: when the other has let go, the network must
                    // hear who holds it.
                    Add(node, group, resource, OperationKind.Announce, [.. stops], underWay: false);
                }
            }
        }

        private int Add(
            string node, ResourceGroup group, ResourceDefinition resource, OperationKind kind,
            ImmutableArray<int> after,
            bool underWay)
        {
            Actions.Add(new TransitionAction
            {
                Number = Actions.Count,
                Node = node,
                Group = group.Id,
                Resource = resource.Id,
                Kind = kind,
                After = after,
                UnderWay = underWay,
            });
            return Actions.Count - 1;
        }
    }
}
