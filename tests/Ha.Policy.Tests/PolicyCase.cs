using Ha.Core.Cib;
using Ha.Core.Policy;
using Ha.Core.Policy.Actions;
using Ha.Core.Tests.Policy.Random;

namespace Ha.Policy.Tests;

/// <summary>One random cluster, planned twice: by Pacemaker and by the policy engine.</summary>
internal sealed record PolicyCase(ulong Seed, string Cib, ScheduledActions Expected, ScheduledActions Ours)
{
    public bool HasEqualActions => Expected.DoesTheSame(Ours);

    public bool HasEqualPlaces => Expected.PlacesTheSame(Ours);

    /// <summary>Draws the cluster of a seed and plans it.</summary>
    public static PolicyCase Run(ulong seed, bool wide = true)
    {
        var cib = RandomCib.Text(seed, wide);
        return new PolicyCase(seed, cib, Pacemaker.Schedule(cib), Plan(cib));
    }

    /// <summary>Runs cases, two at a time: crm_simulate takes a processor to itself.</summary>
    public static ImmutableArray<PolicyCase> RunAll(ulong first, int count, bool wide = true)
    {
        var cases = new PolicyCase[count];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 },
            i => cases[i] = Run(first + (ulong)i, wide));
        return [.. cases];
    }

    /// <summary>The differing actions: what only Pacemaker does with a minus, what only we do with a plus.</summary>
    public string Difference()
    {
        var missing = Surplus(Expected.Actions, Ours.Actions).Select(action => $"-{action}");
        var extra = Surplus(Ours.Actions, Expected.Actions).Select(action => $"+{action}");
        var places = Expected.Places.Where(one => Ours.Places.TryGetValue(one.Key, out var nodes) && nodes != one.Value)
            .Select(one => $"{one.Key} on [{one.Value}], ours [{Ours.Places[one.Key]}]");
        var fenced = Expected.Fenced.SequenceEqual(Ours.Fenced) ? []
            : new[] { $"fenced [{string.Join(' ', Expected.Fenced)}], ours [{string.Join(' ', Ours.Fenced)}]" };
        return $"{Seed}{(Expected.IsInvalid ? " (no valid plan)" : "")}: {string.Join("; ", [.. missing, .. extra, .. fenced, .. places])}";
    }

    private static IEnumerable<ScheduledAction> Surplus(
        ImmutableArray<ScheduledAction> of, ImmutableArray<ScheduledAction> over)
    {
        var left = over.ToList();
        return of.Where(action => !left.Remove(action));
    }

    private static ScheduledActions Plan(string cib)
    {
        var reading = CibReader.Read(cib, DateTimeOffset.UnixEpoch);
        var model = reading.Model
            ?? throw new InvalidOperationException($"the CIB was not read: {string.Join("; ", reading.Findings)}");
        var plan = ClusterPlanner.Plan(model);
        var clones = model.Resources.Where(one => one.Kind == Core.Policy.Model.ResourceKind.Clone)
            .SelectMany(one => one.Members.Concat(one.Members.SelectMany(member => member.Members)))
            .Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        return new ScheduledActions(
            [.. plan.Steps.Where(step => Operation(step.Kind).Length > 0)
                .Select(step => new ScheduledAction(step.Resource, Operation(step.Kind), step.IntervalMs, step.Node))],
            [.. plan.Steps.Where(step => step.Kind == ActionKind.Fence).Select(step => step.Node)
                .Order(StringComparer.Ordinal)],
            plan.EndState.Where(place => !clones.Contains(place.Resource)).ToImmutableSortedDictionary(
                place => place.Resource, place => string.Join(' ', place.Nodes.Order(StringComparer.Ordinal)),
                StringComparer.Ordinal));
    }

    private static string Operation(ActionKind kind) => kind switch
    {
        ActionKind.Probe or ActionKind.Monitor => "monitor",
        ActionKind.Start => "start",
        ActionKind.Stop => "stop",
        ActionKind.Cancel => "cancel",
        ActionKind.Delete => "delete",
        ActionKind.Reload or ActionKind.Fence or ActionKind.Unfence or ActionKind.Milestone => "",
    };
}
