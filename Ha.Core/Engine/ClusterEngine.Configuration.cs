using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// The replicated configuration: of the members of a view the newest document wins, and each member fetches it from one
/// that has it. What does not come from what a member runs is a conflict, which only an operator ends (S5).
/// </summary>
public sealed partial class ClusterEngine
{
    /// <summary>What haresources say is version 1.0: whatever was made since supersedes it.</summary>
    private static readonly ConfigurationVersion Imported = new(1, 0);

    private ConfigurationHistory history;
    private bool configurationDue;
    private ConfigurationConflict? conflict;
    private ConfigurationRefusal? refusal;

    private ClusterFacts Facts => new(
        options.Nodes, options.Deadtime, options.Keepalive, options.HasWatchdog);

    private ConfigurationOffer OwnOffer => history.Offer() ?? new(configuration.Version, configuration.Hash, []);

    private ConfigurationOrigin? Origin => history.Current is { } current
        ? new(current.Actor, current.At, current.Reason) : null;

    private void AgreeOnConfiguration()
    {
        if (!configurationDue) return;
        configurationDue = false;
        if (view is null)
        {
            fetch = null;
            return;
        }

        var known = MemberOffers();
        var newest = known.MaxBy(one => one.Offer.Version);
        NoteConflict(FindConflict(known, newest));
        var isBehind = newest.Offer.Version > configuration.Version && conflict is null
            && (refusal is null || refusal.Version != newest.Offer.Version || refusal.Hash != newest.Offer.Hash);
        if (!isBehind)
        {
            fetch = null;
            return;
        }

        if (fetch is not null && fetch.Version == newest.Offer.Version && fetch.Hash == newest.Offer.Hash
            && known.Any(one => one.Node == fetch.Peer)) return;
        fetch = new ConfigurationFetch(newest.Node, newest.Offer.Version, newest.Offer.Hash, now.Monotonic);
        Ask(fetch);
    }

    // Of equal versions the coordinator's comes first.
    private List<(string Node, ConfigurationOffer Offer)> MemberOffers()
    {
        var known = new List<(string Node, ConfigurationOffer Offer)>();
        foreach (var member in view!.Members.OrderByDescending(member => member.Node == view.Coordinator))
        {
            var offer = member.Node == localIndex ? OwnOffer : FindPeer(member.Node)?.Report?.Configuration;
            if (offer is not null) known.Add((NameOf(member.Node), offer));
        }

        return known;
    }

    // The newest knows its ancestors, and all who have it know some.
    private static ConfigurationConflict? FindConflict(
        List<(string Node, ConfigurationOffer Offer)> known, (string Node, ConfigurationOffer Offer) newest)
    {
        var ancestors = known.Where(one => one.Offer.Version == newest.Offer.Version
            && one.Offer.Hash == newest.Offer.Hash).SelectMany(one => one.Offer.Ancestors).ToList();
        ConfigurationConflict? found = null;
        foreach (var (node, offer) in known)
        {
            if (offer.Version == newest.Offer.Version ? offer.Hash == newest.Offer.Hash
                : offer.Version <= Imported || ancestors.Count == 0
                    || offer.Version < ancestors.Min(one => one.Version)
                    || ancestors.Contains(new ConfigurationAncestor(offer.Version, offer.Hash))) continue;
            var other = new ConfigurationAncestor(offer.Version, offer.Hash);
            // Who has the same as one already named adds nothing to compare.
            found = found is null
                ? new ConfigurationConflict
                {
                    Node = newest.Node,
                    Own = new ConfigurationAncestor(newest.Offer.Version, newest.Offer.Hash),
                    Peer = node,
                    Other = other,
                }
                : found.Other == other || found.Further.Any(one => one.Has == other) ? found
                : found with { Further = found.Further.Add(new ConflictingNode(node, other)) };
        }

        return found;
    }

    private void NoteConflict(ConfigurationConflict? found)
    {
        if (found?.Sentence == conflict?.Sentence) return;
        var before = conflict;
        conflict = found;
        coordinationDue = true;
        SnapshotVersion++;
        if (!IsCoordinator) return;
        if (found is not null)
        {
            Emit(EventKind.ConfigurationConflict, EventSeverity.Critical, "configuration", found.Sentence);
        }
        else if (before is not null)
        {
            Emit(EventKind.ConfigurationAgreed, EventSeverity.Info, "configuration",
                "all members agree on the cluster configuration again");
        }
    }

    private IEnumerable<string> ConfigurationWarnings()
    {
        if (intents.Maintenance) yield return "maintenance mode is on: nothing is started, stopped or watched";
        if (conflict is not null) yield return conflict.Sentence;
        if (refusal is { } own) yield return $"{options.LocalNode} cannot run version {own.Version}: {own.Why}";
        foreach (var drift in knownDrift.Values) yield return drift;
        foreach (var peer in peers)
        {
            if (peer.Report?.Refused is { } theirs)
                yield return $"{peer.Name} cannot run version {theirs.Version}: {theirs.Why}";
        }
    }

    // On the coordinator: nothing is decided before every member runs what is decided with.
    private bool IsConfigurationOpen()
    {
        if (conflict is not null)
        {
            Hold(conflict.Sentence);
            return true;
        }

        foreach (var peer in peers)
        {
            if (view!.Contains(peer.Member) && peer.Report is { } report && !Refuses(peer.Index)
                && !RunsTheSame(report)) return true;
        }

        return false;
    }

    // Settings of self-fencing are compared between nodes that run the same: while a change is on its way they differ.
    private bool RunsTheSame(NodeReport report) => report.Configuration is not { } offer
        || (offer.Version == configuration.Version && offer.Hash == configuration.Hash);

    // It says that it cannot run what this node runs: it keeps nothing that it could not give up.
    private bool Refuses(int node) => FindPeer(node)?.Report?.Refused is { } refused
        && refused.Version == configuration.Version && refused.Hash == configuration.Hash;

    private ClusterIntents WithoutRefusing(ClusterIntents wanted)
    {
        foreach (var peer in peers)
        {
            if (Refuses(peer.Index)) wanted = wanted with { Standby = wanted.Standby.Add(peer.Name) };
        }

        return wanted;
    }

    // A member that refused does not know what is new, so it cannot look for it.
    private ImmutableArray<ResourceReport> ResourcesOf(Peer peer)
    {
        var told = (peer.Report ?? peer.LastReport)?.Resources ?? [];
        if (!Refuses(peer.Index)) return told;
        return [.. told, .. configuration.Groups.SelectMany(group => group.Resources)
            .Where(resource => told.All(one => one.Id != resource.Id))
            .Select(resource => new ResourceReport
            {
                Id = resource.Id,
                State = ResourceState.Stopped,
                History =
                [
                    new OperationReport(OperationKind.Probe, 0, OperationOutcome.NotRunning, 0, resource.Digest, false),
                ],
            })];
    }

    // Whole or not at all: what this node cannot run changes nothing here.
    private void TakeDocument(Peer from, ReadOnlyMemory<byte> received, ConfigurationVersion version, string hash)
    {
        var reading = ConfigurationReader.Read(received, Facts);
        var why = reading.Document is null ? Errors(reading)
            : reading.Document.Version != version || reading.Active!.Hash != hash
                ? "it means something else to this version of the product: upgrade this node" : "";
        if (why.Length > 0)
        {
            refusal = new ConfigurationRefusal(version, hash, why);
            reportDue = true;
            Emit(EventKind.ConfigurationRefused, EventSeverity.Error, options.LocalNode,
                $"{options.LocalNode} cannot run version {version} of the cluster configuration of {from.Name} and "
                    + $"keeps version {configuration.Version}; it takes no resources until then: {why}");
            return;
        }

        var origin = from.Report?.Origin ?? new ConfigurationOrigin(from.Name, now.Wall, "");
        Adopt(reading.Document!, reading.Active!, origin, from.Report?.Configuration?.Ancestors ?? []);
    }

    private static string Errors(ConfigurationReading reading)
    {
        var errors = reading.Findings.Where(one => one.Severity == FindingSeverity.Error).ToList();
        return string.Join("; ", errors.Take(3)) + (errors.Count > 3 ? $"; and {errors.Count - 3} more" : "");
    }

    private void Adopt(ConfigurationDocument document, ActiveConfiguration active, ConfigurationOrigin origin,
        ImmutableArray<ConfigurationAncestor> ancestors)
    {
        var before = configuration.Version;
        history = history.Adopt(document, origin.Actor, origin.At, origin.Reason, ancestors);
        configuration = active;
        documentText = default;
        submitted = null;
        refusal = null;
        quorum = new Quorum(options.Nodes, active.Votes, active.Safety.WaitForAll, quorum.SeenFullView);
        quorum.Update(view, now.Monotonic);
        ConfigureFencing();
        foreach (var peer in peers)
        {
            if (peer.Report is { } report && RunsTheSame(report)) JudgeProtection(peer, report.Safety);
        }

        local.Adopt(active.Groups, effects);
        LeaveAlone();
        local.DropPendingOrders();
        ConfigureChecks();
        effects.Add(new StoreConfiguration(history) { Active = active });
        trigger = $"version {active.Version} of the cluster configuration holds";
        reportDue = coordinationDue = configurationDue = true;
        SnapshotVersion++;
        Emit(EventKind.ConfigurationAdopted, EventSeverity.Info, options.LocalNode,
            $"{options.LocalNode} runs version {active.Version} of the cluster configuration (before: {before}), "
                + $"made by {origin.Actor}{(origin.Reason.Length > 0 ? $": {origin.Reason}" : "")}");
    }
}
