using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>
/// Puts configuration and state together into what the policy engine decides from: histories from reports, standby and
/// pins as what they mean to it.
/// </summary>
internal static class ModelBuilder
{
    private const string Standby = "standby";
    private const string Stickiness = "resource-stickiness";

    /// <summary>Makes the model.</summary>
    /// <param name="configuration">What is configured.</param>
    /// <param name="state">What is.</param>
    /// <param name="stopped">Resources (with their node) whose stop is under way and counts as done.</param>
    /// <param name="bans">Where groups do not belong because of health checks.</param>
    public static ClusterModel Build(ActiveConfiguration configuration, ClusterState state,
        HashSet<(string Node, string Resource)> stopped, IEnumerable<HealthBan> bans)
    {
        var model = configuration.Model;
        return model with
        {
            Options = model.Options with
            {
                HaveQuorum = state.HaveQuorum,
                HaveFenceDevices = !configuration.Safety.Devices.IsEmpty,
                MaintenanceMode = model.Options.MaintenanceMode || state.Intents.Maintenance,
            },
            Nodes = [.. state.Nodes.Select(node => DescribeNode(configuration, node, state.Intents))],
            Resources = [.. model.Resources.Select(resource => Release(resource, configuration, state))],
            Locations =
            [
                .. model.Locations, .. Pins(configuration, state), .. LongestServices(configuration, state),
                .. bans.Select(ban => ban.ToConstraint()),
            ],
            // What a node ran that is off is no more.
            History = [.. state.Nodes.Where(node => node.Presence != NodePresence.Off)
                .SelectMany(node => Histories(configuration, node, state.At, stopped))],
            FailCounts = [.. state.Nodes.SelectMany(node => FailCounts(node, state.At))],
            Now = state.At,
        };
    }

    private static NodeModel DescribeNode(
        ActiveConfiguration configuration, NodeSituation node, ClusterIntents intents)
    {
        var configured = configuration.Model.Nodes.FirstOrDefault(one => one.Name == node.Name)
            ?? new NodeModel { Id = node.Name, Name = node.Name };
        var member = node.Presence == NodePresence.Member;
        return configured with
        {
            Seen = node.Presence != NodePresence.NeverSeen,
            InMembership = member,
            AgentOnline = member,
            Join = member ? NodeJoin.Member : NodeJoin.Down,
            Expected = node.Presence is NodePresence.Member or NodePresence.Lost,
            WhyAbsent = node.WhyAbsent.Length > 0 ? node.WhyAbsent : null,
            ShuttingDown = node.Leaving,
            IsCoordinator = node.IsCoordinator,
            Attributes = intents.Standby.Contains(node.Name)
                ? [.. configured.Attributes, AttributeSet.Of(KeyValuePair.Create(Standby, "true"))]
                : configured.Attributes,
            TransientAttributes = member ? HealthBans.Attributes(configuration, node) : [],
        };
    }

    // An operator's wish replaces stickiness: otherwise nothing could be moved that shall stay where it is.
    private static ResourceModel Release(
        ResourceModel resource, ActiveConfiguration configuration, ClusterState state)
    {
        var pinned = configuration.Groups.Any(group =>
            group.Id == resource.Id && state.Intents.Pins.ContainsKey(group.Id));
        return pinned ? Loosen(resource) : resource;
    }

    private static ResourceModel Loosen(ResourceModel resource) => resource with
    {
        Meta = [new AttributeSet("", Score.Infinity, null, [KeyValuePair.Create(Stickiness, "1")]), .. resource.Meta],
        Members = [.. resource.Members.Select(Loosen)],
    };

    private static IEnumerable<LocationConstraint> Pins(ActiveConfiguration configuration, ClusterState state) =>
        configuration.Groups.Where(group => state.Intents.Pins.ContainsKey(group.Id))
            .Select(group => new LocationConstraint
            {
                Id = $"pin-{group.Id}", Resource = group.Id, Node = state.Intents.Pins[group.Id],
                Score = Score.Infinity, Why = "was chosen by an operator",
            });

    // Two owners after a split: the one that has served longest keeps it, unless a preference says otherwise.
    private static IEnumerable<LocationConstraint> LongestServices(
        ActiveConfiguration configuration, ClusterState state)
    {
        foreach (var group in configuration.Groups)
        {
            if (group.IsClone) continue;
            var owners = state.Nodes
                .Where(node => node.Presence == NodePresence.Member)
                .Select(node => (node.Name, ForMs: ServiceTime(node, group)))
                .Where(owner => owner.ForMs >= 0)
                .OrderByDescending(owner => owner.ForMs)
                .ToList();
            if (owners.Count < 2) continue;
            var weight = Math.Max(1, group.Stickiness);
            yield return new LocationConstraint
            {
                Id = $"longest-{group.Id}", Resource = group.Id, Node = owners[0].Name, Score = weight,
                Why = "has run it longest",
            };
        }
    }

    private static long ServiceTime(NodeSituation node, ResourceGroup group)
    {
        var longest = -1L;
        foreach (var report in node.Resources)
        {
            if (report.State == ResourceState.Started && group.Resources.Any(one => one.Id == report.Id))
                longest = Math.Max(longest, report.ActiveForMs);
        }

        return longest;
    }

    private static IEnumerable<ResourceHistory> Histories(ActiveConfiguration configuration, NodeSituation node,
        DateTimeOffset at, HashSet<(string Node, string Resource)> stopped)
    {
        foreach (var report in node.Resources)
        {
            var definition = configuration.Find(report.Id);
            var operations = stopped.Contains((node.Name, report.Id))
                ? [Stopped(at)] : Operations(report, definition?.Digest ?? "", node, at);
            if (operations.IsEmpty) continue;
            yield return new ResourceHistory
            {
                NodeId = node.Name,
                Resource = report.Id,
                Agent = definition is null
                    ? AgentName.None : new AgentName(definition.Class, definition.Provider, definition.Type),
                Operations = operations,
            };
        }
    }

    private static ImmutableArray<OperationRecord> Operations(
        ResourceReport report, string digest, NodeSituation node, DateTimeOffset at)
    {
        var records = ImmutableArray.CreateBuilder<OperationRecord>(report.History.Length + 1);
        foreach (var operation in report.History)
            records.Add(Record(operation, records.Count + 1, node.ReportAgeMs, at));
        if (report.Busy == OperationKind.Start)
        {
            records.Add(new OperationRecord
            {
                Name = "start", IntervalMs = 0, Status = OperationStatus.Pending, ExitCode = 0, CallId = -1,
                Digest = digest,
            });
        }

        return records.ToImmutable();
    }

    private static OperationRecord Record(OperationReport operation, int call, long reportAgeMs, DateTimeOffset at) =>
        new()
        {
            Name = operation.Kind switch
            {
                OperationKind.Start => "start",
                OperationKind.Stop => "stop",
                OperationKind.Probe or OperationKind.Monitor => "monitor",
                OperationKind.Announce or OperationKind.Cancel or OperationKind.Fence =>
                    throw new System.Diagnostics.UnreachableException($"{operation.Kind} has no history"),
            },
            IntervalMs = operation.IntervalMs,
            Status = StatusOf(operation.Outcome),
            ExitCode = (int)operation.Outcome < (int)OperationOutcome.TimedOut ? (int)operation.Outcome : 1,
            ExpectedExitCode = operation.Kind == OperationKind.Probe ? (int)OperationOutcome.NotRunning : 0,
            CallId = call,
            IsLastFailure = operation.IsLastFailure,
            LastChange = at - TimeSpan.FromMilliseconds(operation.AgeMs + reportAgeMs),
            Digest = operation.Digest,
        };

    private static OperationStatus StatusOf(OperationOutcome outcome) => outcome switch
    {
        OperationOutcome.TimedOut => OperationStatus.TimedOut,
        OperationOutcome.Cancelled => OperationStatus.Cancelled,
        OperationOutcome.NotInstalled => OperationStatus.NotInstalled,
        OperationOutcome.Succeeded or OperationOutcome.NotRunning or OperationOutcome.Failed
            or OperationOutcome.InvalidParameters or OperationOutcome.NotImplemented or OperationOutcome.NotPermitted
            or OperationOutcome.NotConfigured => OperationStatus.Done,
    };

    private static OperationRecord Stopped(DateTimeOffset at) => new()
    {
        Name = "stop", IntervalMs = 0, Status = OperationStatus.Done, ExitCode = 0, ExpectedExitCode = 0, CallId = 1,
        LastChange = at,
    };

    private static IEnumerable<FailCount> FailCounts(NodeSituation node, DateTimeOffset at) =>
        from report in node.Resources
        from failure in report.Failures
        select new FailCount(node.Name, report.Id, failure.Operation, failure.Count,
            at - TimeSpan.FromMilliseconds(failure.AgeMs + node.ReportAgeMs)) { Detail = failure.Detail };
}
