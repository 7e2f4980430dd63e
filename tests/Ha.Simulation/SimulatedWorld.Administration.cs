using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation;

/// <summary>What people do to the configuration, and what disks keep of it.</summary>
public sealed partial class SimulatedWorld
{
    // Before the operator cleans up, he sees to it that everybody runs what he wants.
    private const long ResolveTime = 20 * Micros.Second;
    private const long LookAgain = 2 * Micros.Second;

    private bool IsAdministered => plan.Faults.Any(fault => fault.Kind is FaultKind.Edit or FaultKind.EditedOffline
        || fault.Order?.Kind == CommandKind.Maintenance);

    private void Adopt(long at, SimulatedNode node, StoreConfiguration adopted)
    {
        Trace.World(at, node.Index, $"adopts version {adopted.Active.Version}");
        var state = new KeptState(adopted.History, adopted.Active) { Intents = node.Documents.Newest.Intents };
        Checker.Adopted(at, node.Index, state);
        Keep(at, node, state);
    }

    private void Keep(long at, SimulatedNode node, KeptState state)
    {
        node.Documents.Write(at, state, node.Disk.IsFull);
        Checker.Runs(at, node.Index, state);
    }

    private void Administer(SimulatedNode node, Fault fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.Edit:
                Edit(node, fault.Edit!);
                break;
            case FaultKind.ConfirmOff:
                Confirm(node, nodes[fault.Peer], truthful: fault.Amount == 0);
                break;
            case FaultKind.OldDocuments:
                poweredOff[node.Index] = true;
                node.LosePower(now);
                var before = node.Documents.Newest.Active.Version;
                node.Documents.Restore(now, fault.Amount);
                if (node.Documents.Newest.Active.Version < before) Coverage.Reach(CoverageMark.OldDocumentAtBoot);
                break;
            case FaultKind.EditedOffline:
                node.Kill(now);
                WatchWatchdog(node);
                node.Documents.Edit(now, state => EditOffline(state, fault.Edit!));
                break;
        }
    }

    private void Edit(SimulatedNode node, DocumentEdit edit)
    {
        if (node.State == AgentState.Down) return;
        var found = node.Documents.Newest;
        if (edit.Kind == EditKind.RollBack)
        {
            var records = found.History.Records;
            Command(node, Change(CommandKind.RollBack) with
            {
                ToVersion = records[Math.Max(0, records.Length - 2 - (edit.Target % 3))].Version.ToString(),
            });
            return;
        }

        var document = edit.Apply(found.Document, Profile);
        if (edit.Kind != EditKind.Mistaken) Checker.Written(document);
        var version = found.Active.Version;
        var expected = edit.Kind == EditKind.Stale ? version with { Epoch = version.Epoch - 1 } : version;
        Submit(node, document, expected);
    }

    // He has read which life was heard last, and gone to look at the machine.
    private void Confirm(SimulatedNode node, SimulatedNode lost, bool truthful)
    {
        if (node.State != AgentState.Running || node.Snapshot(now) is not { } snapshot) return;
        if (truthful && !poweredOff[lost.Index] && !fencedOff[lost.Index]) return;
        var generation = (uint)snapshot.Nodes[lost.Index].Generation;
        Checker.ConfirmationGiven(now, lost.Index, generation);
        Command(node, Change(CommandKind.ConfirmOff) with
        {
            Node = SimulationProfile.NodeName(lost.Index), Generation = generation,
        });
    }

    private void Submit(SimulatedNode node, ConfigurationDocument document, ConfigurationVersion expected) =>
        Command(node, Change(CommandKind.Configure) with
        {
            Document = ConfigurationText.Write(document), ExpectedVersion = expected.ToString(),
        });

    private OperatorCommand Change(CommandKind kind) => new()
    {
        Id = $"change-{ticket + 1}", Kind = kind, Actor = "simulation", Reason = "drawn",
    };

    // What cannot be read would keep the agent from starting at all.
    private KeptState EditOffline(KeptState state, DocumentEdit edit)
    {
        if (edit.Kind is EditKind.Mistaken or EditKind.RollBack) return state;
        var document = state.History.Next(edit.Apply(state.Document, Profile));
        Checker.Written(document);
        var history = state.History.Adopt(document, "somebody", DateTimeOffset.UnixEpoch, "edited offline");
        return new KeptState(history, DocumentCompiler.Compile(document, Profile.Facts.Nodes))
        {
            Intents = state.Intents,
        };
    }

    // He looks again and again until all is as he wants it: the first document, everywhere, and no maintenance.
    private void Resolve(Calm calm)
    {
        if (now + LookAgain < calm.Restore)
            Queue.Schedule(now + LookAgain, WorldEventKind.Phase, (int)CalmPhase.Resolve, plan.Calms.IndexOf(calm));
        if (nodes[0].State != AgentState.Running || nodes[0].Snapshot(now) is not { } snapshot) return;
        var conflict = LivenessChecker.IsInConflict(snapshot);
        if (!conflict && snapshot.Operations.Any(one => one.State is OperationState.Queued or OperationState.Running))
            return;
        if (nodes.Any(node => node.Documents.Newest.Intents.Maintenance))
        {
            Disturb();
            Command(nodes[0], Change(CommandKind.Maintenance) with { Enabled = false });
        }

        var wanted = SafetyChecker.ContentOf(kept.Document);
        if (!conflict && nodes.All(node => SafetyChecker.ContentOf(node.Documents.Newest.Document) == wanted)) return;
        Disturb();
        Submit(nodes[0], kept.Document, nodes[0].Documents.Newest.Active.Version);
    }

    private void Disturb() => lastDisturbance = notConvergedUntil = now;
}
