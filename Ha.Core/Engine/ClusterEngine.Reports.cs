using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>What members tell each other: reports, and events for each other's journals.</summary>
public sealed partial class ClusterEngine
{
    private const int MaxToldOperations = 8;

    /// <summary>How many steps in a row may begin something before others are told of it.</summary>
    private const int MostPutOff = 16;

    private long reportVersion;
    private bool reportDue = true;
    private int putOff;
    private bool orderSent;
    private int firstEffect;
    private readonly List<ClusterEvent> unshared = [];
    private ClusterIntents intents;

    private void SendReport()
    {
        coordinationDue = true;
        reportVersion++;
        ImmutableArray<ResourceReport> resources =
            [.. local.All.Select(resource => resource.Report(now.Monotonic))];
        NoteActive(resources);
        if (!AnyPeerListens()) return;
        var report = new NodeReport
        {
            Version = reportVersion,
            View = CurrentViewId.ToString(),
            Leaving = departing,
            NewestTransition = newestOrder.View == CurrentViewId ? newestOrder.Transition : 0,
            Releases = local.Releases,
            Setbacks = local.Setbacks,
            Resources = resources,
            Checks = ReportChecks(),
            Intents = intents,
            Safety = Safety.Watchdog is null ? null : OwnTimes(),
            Fencings = RecentFencings(),
            Configuration = OwnOffer,
            Origin = Origin,
            Refused = refusal,
            ServiceConfigurations = serviceConfigurations,
            Mappings = mappings,
            Placements = IsCoordinator ? placements : null,
            Operations = IsCoordinator ? [.. operations.Where(IsWorthTelling)] : null,
            Transition = IsCoordinator ? transition?.Snapshot() : null,
        };
        sender.Begin(ClusterMessageTypes.Report);
        MessageBody.Add(sender.Encoder,
            JsonSerializer.SerializeToUtf8Bytes(report, EngineJson.Default.NodeReport));
        sender.Send(now, effects);
    }

    // What is under way, and the last that ended.
    private bool IsWorthTelling(OperationSnapshot operation) =>
        !IsFinal(operation) || operations.IndexOf(operation) < MaxToldOperations;

    private void NoteActive(ImmutableArray<ResourceReport> resources)
    {
        foreach (var resource in resources)
        {
            if (resource.State == ResourceState.Started) everActive.Add(resource.Id);
        }
    }

    // A peer that is held for dead may still hear us, and must then learn that it was replaced.
    private bool AnyPeerListens()
    {
        foreach (var peer in peers)
        {
            if (peer.Product == NodeProduct.HaAppliance && peer.State != NodeState.Left) return true;
        }

        return false;
    }

    private void ReceiveReport(Peer peer, in HeartbeatMessage message)
    {
        if (!TryReadBody(message, EngineJson.Default.NodeReport, peer, out var report)) return;
        if (peer.Report is { } known && report.Version <= known.Version) return;
        NoteTrouble(peer, report);
        var hasReleased = peer.Report is { } before && report.Releases > before.Releases;
        peer.Report = report;
        // It obeys nothing of before any more.
        if (hasReleased && transition is not null) AbortTransition(trigger);
        peer.ReportedAt = now.Monotonic;
        NoteActive(report.Resources);
        if (RunsTheSame(report)) JudgeProtection(peer, report.Safety);
        foreach (var record in report.Fencings) fencer.Learn(record, now);
        peer.NextReportRequest = default;
        SnapshotVersion++;
        coordinationDue = true;
        configurationDue = true;
        claimsDue = true;
        if (peer.IsAlive) Reconsider(peer);
        if (view?.Coordinator == peer.Index && report.View == view.Id.ToString()) FollowCoordinator(report);
    }

    // Why the coordinator will think again, in the words of the node that saw it.
    private void NoteTrouble(Peer peer, NodeReport report)
    {
        if (report.Leaving && peer.Report is { Leaving: false }) trigger = $"{peer.Name} is being stopped";
        if (report.Releases > peer.Report?.Releases) trigger = $"{peer.Name} has given up what it ran";
        foreach (var resource in report.Resources)
        {
            var before = peer.Report?.Resources.FirstOrDefault(one => one.Id == resource.Id);
            if (before is not null && Failures(resource) > Failures(before) && resource.Detail.Length > 0)
                trigger = $"on {peer.Name}, {resource.Detail}";
        }

        NoteChecks(peer, report);
    }

    private static long Failures(ResourceReport resource)
    {
        var sum = 0L;
        foreach (var failure in resource.Failures) sum += failure.Count;
        return sum;
    }

    // Retransmission has its chance first; then the report is asked for by name.
    private void NoticeReportVersion(Peer peer, long version)
    {
        peer.AnnouncedReport = version;
        if (version > (peer.Report?.Version ?? 0))
        {
            if (peer.NextReportRequest == default) peer.NextReportRequest = now.Monotonic + RepeatPause;
        }
        else
        {
            peer.NextReportRequest = default;
        }
    }

    private void FollowCoordinator(NodeReport report)
    {
        if (report.Intents.Version != intents.Version) AdoptIntents(report.Intents);
        if (report.Operations is { } known)
        {
            operations.Clear();
            operations.AddRange(known);
            forwarded.RemoveAll(one => known.Any(operation => operation.Id == one.OperationId));
        }
    }

    private void AdoptIntents(ClusterIntents wanted)
    {
        foreach (var (group, version) in wanted.Cleanups)
        {
            if (intents.Cleanups.GetValueOrDefault(group) < version) local.CleanUp(group, effects);
        }

        TellServers(intents, wanted);
        intents = wanted;
        LeaveAlone();
        reportDue = true;
        effects.Add(new StoreIntents(intents));
        ScheduleIntentEnd();
    }

    // After orders and reports: somebody may be waiting for those, nobody for a story.
    private void ShareEvents()
    {
        if (unshared.Count == 0) return;
        if (AnyPeerListens())
        {
            foreach (var happened in unshared)
            {
                sender.Begin(ClusterMessageTypes.Event);
                MessageBody.Add(sender.Encoder,
                    JsonSerializer.SerializeToUtf8Bytes(happened, EngineJson.Default.ClusterEvent));
                sender.Send(now, effects);
            }
        }

        unshared.Clear();
    }

    // What this step orders or begins shall be under way while reports are written and read: they come with the next
    // step, at once. In a planned move the address is away for so much less.
    private bool HasBegunWork()
    {
        foreach (var effect in effects.Items[firstEffect..])
        {
            if (effect is RunOperation { Kind: not OperationKind.Monitor }) return true;
        }

        return orderSent;
    }

    private void ReceiveEvent(in HeartbeatMessage message)
    {
        if (!TryReadBody(message, EngineJson.Default.ClusterEvent, from: null, out var happened)) return;
        // Only other nodes' stories: one's own come from oneself.
        if (happened.Node != options.LocalNode) effects.Add(new AppendEvent(happened));
    }

    // An authentic body that cannot be read comes from another version of us: it is left alone, not trusted in part.
    private bool TryReadBody<T>(
        in HeartbeatMessage message, JsonTypeInfo<T> type, Peer? from, [NotNullWhen(true)] out T? body)
        where T : class
    {
        body = MessageBody.Read(message, type);
        if (body is not null) return true;
        var name = from?.Name ?? "a peer";
        if (MayComplain(EventKind.MalformedPacket, name, out var more))
        {
            Warn(EventKind.MalformedPacket, name,
                $"an authentic {System.Text.Encoding.ASCII.GetString(message.Type)} message of "
                    + $"{name} cannot be read{more}: the two nodes run different versions of this product");
        }

        return false;
    }
}
