using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Health;
using Ha.Core.Membership;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// Health checks of this node: when each looks, what its results mean, and what the others are told. What they count as
/// rides in the node's report; the coordinator decides with it.
/// </summary>
public sealed partial class ClusterEngine
{
    /// <summary>Time between the first looks of two checks: they must not all come at once for ever.</summary>
    private static readonly TimeSpan FirstLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>What changes no decision is told at most so often.</summary>
    private static readonly TimeSpan DetailPause = TimeSpan.FromSeconds(1);

    private readonly List<LocalCheck> checks = [];
    private long lastLook;
    private MonotonicTime nextDetails = MonotonicTime.Never;
    private ImmutableArray<HealthBan> overruled = [];

    private MonotonicTime NextCheckDeadline
    {
        get
        {
            var next = nextDetails;
            if (departing || local.Releasing) return next;
            foreach (var check in checks) next = MonotonicTime.Min(next, check.Machine.NextDeadline);
            return next;
        }
    }

    // A check that is configured as before goes on where it is.
    private void ConfigureChecks()
    {
        var before = checks.ToList();
        checks.Clear();
        foreach (var definition in configuration.Checks)
        {
            if (!definition.IsFor(options.LocalNode)) continue;
            var known = before.Find(one => one.Definition.Digest == definition.Digest
                && one.Definition.Id == definition.Id);
            checks.Add(known
                ?? new LocalCheck(definition, now.Monotonic + (FirstLooks * checks.Count)) { Since = now.Wall });
        }
    }

    private void AdvanceChecks()
    {
        if (now.Monotonic >= nextDetails)
        {
            nextDetails = MonotonicTime.Never;
            reportDue = true;
        }

        if (departing || local.Releasing) return;
        foreach (var check in checks)
        {
            if (check.Definition.Where == CheckPlace.Active
                && check.Machine.SetDuty(RunsHere(check.Definition.Group), now.Monotonic) is { } change)
                Tell(check, change);
            if (!check.Machine.IsDue(now.Monotonic)) continue;
            check.Machine.Begin(now.Monotonic);
            check.UnderWay = ++lastLook;
            effects.Add(new RunCheck { Number = check.UnderWay, Check = check.Definition });
        }
    }

    private bool RunsHere(string? group)
    {
        foreach (var one in configuration.Groups)
        {
            if (one.Id != group) continue;
            foreach (var resource in one.Resources)
            {
                if (local.Find(resource.Id)?.State != ResourceState.Started) return false;
            }

            return true;
        }

        return false;
    }

    // Of a check that is no longer configured, or differently, nobody wants to know.
    private void CompleteCheck(CheckCompleted looked)
    {
        if (checks.Find(one => one.UnderWay == looked.Number) is not { } check) return;
        check.UnderWay = 0;
        var detail = check.Machine.Detail;
        if (check.Machine.Complete(looked.IsGood, looked.Output, now.Monotonic) is { } change)
            Tell(check, change, looked);
        else if (check.Machine.Detail != detail) DetailChanged();
    }

    private void DetailChanged()
    {
        SnapshotVersion++;
        nextDetails = MonotonicTime.Min(nextDetails, now.Monotonic + DetailPause);
    }

    private void Tell(LocalCheck check, CheckChange change, CheckCompleted? looked = null)
    {
        check.Since = now.Wall;
        if (!change.IsVerdict)
        {
            // A node that begins to fail takes no group from one that has failed: that must be known in time.
            if (check.Definition.Group is not null) reportDue = true;
            DetailChanged();
            return;
        }

        check.Story = change.Story;
        SnapshotVersion++;
        reportDue = true;
        var sentence = SentenceOf(check.Definition.Id, options.LocalNode, change.Story);
        if (IsDecisive(check.Definition))
        {
            trigger = sentence;
            coordinationDue = true;
        }

        var (kind, severity) = Weigh(change.After);
        // That it stops to look where the group was is no news.
        var before = HealthCheck.VerdictOf(change.Before);
        if (change.After == CheckState.Unknown && before != CheckVerdict.Unhealthy) return;
        Emit(kind, severity, check.Definition.Id, sentence, data: Evidence(check, looked));
    }

    private static (EventKind Kind, EventSeverity Severity) Weigh(CheckState state) => state switch
    {
        CheckState.Unknown or CheckState.Healthy or CheckState.Failing =>
            (EventKind.CheckRecovered, EventSeverity.Info),
        CheckState.Unhealthy or CheckState.Recovering => (EventKind.CheckFailed, EventSeverity.Error),
        CheckState.Flapping => (EventKind.CheckFlapping, EventSeverity.Error),
    };

    private static ImmutableSortedDictionary<string, string> Evidence(LocalCheck check, CheckCompleted? looked)
    {
        var data = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        data["target"] = check.Definition.Target;
        data["type"] = check.Definition.Kind.ToString().ToLowerInvariant();
        if (looked is null) return data.ToImmutable();
        data["output"] = looked.Output;
        data["took"] = Milliseconds(looked.Duration);
        return data.ToImmutable();
    }

    private static bool IsDecisive(CheckDefinition check) => check.Group is not null || check.Attribute is not null;

    private static string SentenceOf(string check, string node, string story) => $"check {check} on {node} {story}";

    private ImmutableArray<CheckReport> ReportChecks() => checks.Count == 0 ? []
        : [.. checks.Select(check => new CheckReport(
            check.Definition.Id, check.Machine.State, check.Machine.Detail, check.Since, check.Story))];

    // Why the coordinator will think again, in the words of the node that looked.
    private void NoteChecks(Peer peer, NodeReport report)
    {
        foreach (var check in report.Checks)
        {
            var before = peer.Report?.Checks.FirstOrDefault(one => one.Id == check.Id)?.Verdict ?? CheckVerdict.None;
            if (before == check.Verdict || check.Story.Length == 0) continue;
            if (configuration.Checks.Any(one => one.Id == check.Id && IsDecisive(one)))
                trigger = SentenceOf(check.Id, peer.Name, check.Story);
        }
    }

    private CheckSnapshot ReadCheck(CheckDefinition check) => new()
    {
        Id = check.Id,
        Type = check.Kind.ToString().ToLowerInvariant(),
        Target = check.Target,
        Group = check.Group,
        Attribute = check.Attribute?.Name,
        Nodes = [.. options.Nodes.Where(check.IsFor).Select(node => ReadCheck(check.Id, node))],
    };

    private CheckOnNode ReadCheck(string id, string node)
    {
        var known = node == options.LocalNode ? ReportChecks()
            : FindPeer(options.Nodes.IndexOf(node)) is { IsAlive: true, Report: { } report } ? report.Checks : [];
        return known.FirstOrDefault(one => one.Id == id) is { } check
            ? new CheckOnNode(node, check.State, check.Detail, check.Since)
            : new CheckOnNode(node, CheckState.Unknown, "", null);
    }

    // On the coordinator: a group goes on where its check fails, because it would run nowhere otherwise.
    private void ReportOverruled(ImmutableArray<HealthBan> bans, ImmutableArray<HealthBan> waiting)
    {
        var told = ImmutableArray.CreateBuilder<HealthBan>();
        foreach (var group in bans.Select(ban => ban.Group).Distinct())
        {
            if (placements.FirstOrDefault(one => one.Group == group) is not { Node: { } node } placement) continue;
            // While it is not known yet whether another node is better, there is nothing to tell.
            if (bans.FirstOrDefault(ban => ban.Group == group && ban.Node == node)
                is not { Cause: HealthBanCause.Unhealthy } ban
                || waiting.Any(one => one.Group == group && one.Cause == HealthBanCause.Failing)) continue;
            var sentence = $"although check {ban.Check} fails there: no other node can run it better";
            placements = placements.Replace(placement, placement with { Reason = $"{placement.Reason}; {sentence}" });
            told.Add(ban);
            if (overruled.Any(one => one.Group == group && one.Node == node && one.Check == ban.Check)) continue;
            Emit(EventKind.CheckOverruled, EventSeverity.Critical, group, $"group {group} runs on {node}, {sentence}");
        }

        overruled = told.ToImmutable();
    }

    /// <summary>A check that this node looks at.</summary>
    private sealed class LocalCheck(CheckDefinition definition, MonotonicTime firstLook)
    {
        public CheckDefinition Definition { get; } = definition;

        public HealthCheck Machine { get; } = new(definition, firstLook);

        /// <summary>Number of the look under way; 0: none.</summary>
        public long UnderWay { get; set; }

        /// <summary>Since when it has its state.</summary>
        public DateTimeOffset Since { get; set; }

        /// <summary>The last change of what it counts as.</summary>
        public string Story { get; set; } = "";
    }
}
