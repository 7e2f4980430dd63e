using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// Services that read files of their own (HAProxy): whether those are well on each node, and the same. A node that
/// would serve something else than the one before is told of, and no operator moves a service there unaware; a takeover
/// after a failure is never held up by it.
/// </summary>
public sealed partial class ClusterEngine
{
    private const int LongestProblem = 512;
    private const int ShortHash = 8;

    private readonly SortedDictionary<string, string> knownDrift = new(StringComparer.Ordinal);

    private ImmutableArray<ServiceConfiguration> serviceConfigurations = [];

    private void NoteServiceConfiguration(ServiceConfigurationSeen seen)
    {
        var problem = seen.Problem.Length > LongestProblem ? seen.Problem[..LongestProblem] : seen.Problem;
        var found = new ServiceConfiguration(seen.Resource, seen.Hash, problem);
        var before = serviceConfigurations.FirstOrDefault(one => one.Resource == seen.Resource);
        // What is no longer configured is nobody's business.
        if (local.Find(seen.Resource) is null || before == found) return;
        serviceConfigurations = [.. serviceConfigurations.Where(one => one.Resource != seen.Resource).Append(found)
            .OrderBy(one => one.Resource, StringComparer.Ordinal)];
        reportDue = true;
        coordinationDue = true;
        SnapshotVersion++;
        if (problem.Length > 0 && before?.Problem != problem)
        {
            Emit(EventKind.ServiceConfigurationBroken, EventSeverity.Error, seen.Resource,
                $"the configuration of {seen.Resource} on {options.LocalNode} does not pass its check: {problem}");
        }
        else if (problem.Length == 0 && before is { Problem.Length: > 0 })
        {
            Emit(EventKind.ServiceConfigurationRepaired, EventSeverity.Info, seen.Resource,
                $"the configuration of {seen.Resource} on {options.LocalNode} passes its check again");
        }
    }

    private ServiceConfiguration? ServiceConfigurationOf(int node, string resource)
    {
        var told = node == localIndex ? serviceConfigurations
            : FindPeer(node)?.Report?.ServiceConfigurations ?? [];
        foreach (var one in told)
        {
            if (one.Resource == resource) return one;
        }

        return null;
    }

    // Every member looks, so that a new coordinator knows what was told already.
    private void JudgeDrift()
    {
        ForgetUnconfigured();
        if (view is null) return;
        foreach (var group in configuration.Groups)
        {
            foreach (var resource in group.Resources)
            {
                if (resource.IsHaproxy) JudgeDrift(resource.Id);
            }
        }
    }

    private void ForgetUnconfigured()
    {
        foreach (var one in serviceConfigurations.Where(one => configuration.Find(one.Resource) is null).ToList())
            serviceConfigurations = serviceConfigurations.Remove(one);
        foreach (var resource in knownDrift.Keys.Where(one => configuration.Find(one) is null).ToList())
            knownDrift.Remove(resource);
    }

    private void JudgeDrift(string resource)
    {
        var found = DriftOf(resource);
        var told = knownDrift.GetValueOrDefault(resource);
        if (found?.Sentence == told) return;
        SnapshotVersion++;
        if (found is { } drift)
        {
            knownDrift[resource] = drift.Sentence;
            if (IsCoordinator)
                Emit(EventKind.ConfigurationDrift, EventSeverity.Warning, resource, drift.Sentence, data: drift.Hashes);
            return;
        }

        knownDrift.Remove(resource);
        var same = Configured(resource);
        // A node that has gone away has not become like the others.
        if (!IsCoordinator || same.Count < 2) return;
        Emit(EventKind.ConfigurationDriftEnded, EventSeverity.Info, resource,
            $"{resource} reads the same files on {And(same.Select(one => one.Node))} again");
    }

    private (string Sentence, ImmutableSortedDictionary<string, string> Hashes)? DriftOf(string resource)
    {
        if (view is null) return null;
        var known = Configured(resource);
        var versions = known.GroupBy(one => one.Hash).ToList();
        if (versions.Count < 2) return null;
        var parts = versions.Select(one => $"{Short(one.Key)} on {And(one.Select(node => node.Node))}");
        return ($"{resource} reads other files on some nodes than on others: {string.Join("; ", parts)}",
            known.ToImmutableSortedDictionary(one => one.Node, one => one.Hash, StringComparer.Ordinal));
    }

    // Members that run it or could run it, with what they read, in the order of ha.cf.
    private List<(string Node, string Hash)> Configured(string resource)
    {
        var known = new List<(string Node, string Hash)>();
        for (var node = 0; node < options.Nodes.Length; node++)
        {
            if (view!.Contains(node) && ServiceConfigurationOf(node, resource) is { Hash.Length: > 0 } one
                && CouldRun(node, resource)) known.Add((NameOf(node), one.Hash));
        }

        return known;
    }

    private bool CouldRun(int node, string resource)
    {
        var group = configuration.GroupOf(resource);
        return !configuration.Model.Locations.Any(one => one.Score <= -Score.Infinity && one.Node == NameOf(node)
            && (one.Resource == resource || one.Resource == group?.Id));
    }

    private CommandRejection? RefuseDrift(OperatorCommand command) =>
        !command.Force && FindDriftingMove(command) is { } why
            ? new(RejectionCode.ConfigurationDrift, $"{why}. Make the configurations the same and well first, or "
                + "force it")
            : null;

    // What the command would move to where the service behind it reads something else, or cannot read it; null: nothing.
    private string? FindDriftingMove(OperatorCommand command)
    {
        if (command.Kind is not (CommandKind.Standby or CommandKind.Online or CommandKind.Takeover or CommandKind.Move)
            || !AnyServiceTrouble()) return null;
        var state = State(now);
        var wanted = CommandRules.Apply(command, intents, configuration.Groups, OtherNodeFor);
        var anyway = TransitionPlanner.Plan(configuration, state).Graph.Actions;
        var planned = TransitionPlanner.Plan(configuration, state with { Intents = WithoutRefusing(wanted) });
        foreach (var action in planned.Graph.Actions)
        {
            if (action.Kind != OperationKind.Start || anyway.Any(action.IsSameAs)
                || configuration.GroupOf(action.Resource) is not { IsClone: false } group) continue;
            var from = state.Nodes.FirstOrDefault(node => node.Name != action.Node
                && node.Presence == NodePresence.Member
                && state.Find(node.Name, action.Resource)?.State == ResourceState.Started);
            if (from is not null && WhatDiffers(group, from.Name, action.Node) is { } why) return why;
        }

        return null;
    }

    private bool AnyServiceTrouble() => knownDrift.Count > 0 || options.Nodes.Where((_, node) =>
        view!.Contains(node) && (node == localIndex ? serviceConfigurations
            : FindPeer(node)?.Report?.ServiceConfigurations ?? []).Any(one => one.Problem.Length > 0)).Any();

    private string? WhatDiffers(ResourceGroup group, string from, string to)
    {
        foreach (var service in ServicesBehind(group))
        {
            var there = ServiceConfigurationOf(options.Nodes.IndexOf(to), service.Id);
            if (there is { Problem.Length: > 0 })
            {
                return $"{group.Id} would move from {from} to {to}, where the configuration of {service.Id} does not "
                    + $"pass its check: {there.Problem}";
            }

            var here = ServiceConfigurationOf(options.Nodes.IndexOf(from), service.Id);
            if (here is { Hash.Length: > 0 } && there is { Hash.Length: > 0 } && here.Hash != there.Hash)
            {
                return $"{group.Id} would move from {from} to {to}, where {service.Id} reads other files "
                    + $"({Short(here.Hash)} on {from}, {Short(there.Hash)} on {to})";
            }
        }

        return null;
    }

    // Its own, and that of what it must be together with: an address moves to where another HAProxy answers.
    private IEnumerable<ResourceDefinition> ServicesBehind(ResourceGroup group) => configuration.Groups
        .Where(other => other.Id == group.Id || configuration.Model.Colocations.Any(one => one.Score > 0
            && ((IsPartOf(one.Dependent, group) && IsPartOf(one.Primary, other))
                || (IsPartOf(one.Dependent, other) && IsPartOf(one.Primary, group)))))
        .SelectMany(one => one.Resources).Where(one => one.IsHaproxy);

    private static bool IsPartOf(string id, ResourceGroup group) =>
        id == group.Id || group.Resources.Any(one => one.Id == id);

    private static string Short(string hash) => hash[..Math.Min(ShortHash, hash.Length)];

    private static string And(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count < 2 ? string.Join("", all) : $"{string.Join(", ", all.SkipLast(1))} and {all[^1]}";
    }
}
