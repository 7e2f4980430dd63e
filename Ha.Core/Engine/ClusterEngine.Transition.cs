using System.Text.Json;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Membership;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// How the coordinator gets there: it begins a transition, orders what is ready, takes results from the members'
/// reports, and calls it off when something failed or the decision changed.
/// </summary>
public sealed partial class ClusterEngine
{
    private ImmutableArray<GroupPlacement> transitionPlacements = [];
    private TransitionEngine? transition;
    private string begunBy = "";
    private long lastTransition;
    private long recall;
    private ulong recalled;
    private MonotonicTime nextOrder = MonotonicTime.Never;
    private readonly HashSet<string> everActive = new(StringComparer.Ordinal);

    private void Walk(TransitionPlan decided)
    {
        if (transition is not null)
        {
            TakeResults();
            if (transition.Failed) AbortTransition(trigger);
            else if (!transition.StillFits(decided.Graph))
                AbortTransition(trigger == begunBy ? "something else is needed now" : trigger);
            else if (transition.Finished) CompleteTransition();
        }

        if (transition is null && RecallIsAnswered()) BeginTransition(decided);
        if (transition is not null) IssueOrders();
    }

    private void BeginTransition(TransitionPlan decided)
    {
        var graph = decided.Graph;
        if (graph.IsEmpty)
        {
            if (IsSettled()) JudgeOperations();
            return;
        }

        lastTransition++;
        transitionPlacements = placements;
        var id = $"{view!.Id}/{lastTransition}";
        var why = $"{trigger}; so {PlanSentence.Of(configuration, placements, graph)}";
        begunBy = trigger;
        transition = new TransitionEngine(lastTransition, id, why, graph, now.Monotonic, configuration.BatchLimit);
        SnapshotVersion++;
        reportDue = true;
        Emit(EventKind.TransitionStarted, EventSeverity.Info, "cluster", why, id,
            ImmutableSortedDictionary<string, string>.Empty.Add("trigger", trigger).Add("plan", graph.ToString()));
    }

    // Nothing is under way anywhere, and everybody knows what operators want.
    private bool IsSettled()
    {
        foreach (var peer in peers)
        {
            if (view!.Contains(peer.Member) && peer.Report is { } report
                && (report.Intents.Version != intents.Version || report.Resources.Any(one => one.Busy is not null)))
                return false;
        }

        return local.All.All(one => one.Report(now.Monotonic).Busy is null);
    }

    private void CompleteTransition()
    {
        var took = now.Monotonic - transition!.Begun;
        Emit(EventKind.TransitionCompleted, EventSeverity.Info, "cluster",
            $"done in {Milliseconds(took)}: {transition.Graph.Actions.Length} actions", transition.Id);
        ReportGroups(transition);
        EndTransition();
        // What has happened meanwhile is the reason of the next one.
        if (trigger == begunBy) trigger = "the last plan left more to do";
    }

    private void ReportGroups(TransitionEngine ended)
    {
        foreach (var placement in transitionPlacements)
        {
            if (!ended.Graph.Actions.Any(action => action.Group == placement.Group && PlanSentence.Changes(action)))
                continue;
            // A configuration that came meanwhile may have it no more.
            if (configuration.Groups.FirstOrDefault(one => one.Id == placement.Group) is not { } group) continue;
            var missing = Missing(group, placement);
            if (placement.Node is not null && missing.Length > 0)
            {
                Emit(EventKind.GroupFailed, EventSeverity.Critical, placement.Group,
                    $"group {placement.Group} runs on {placement.Node} without {missing}", ended.Id);
            }
            else if (placement.Node is not null)
            {
                Emit(EventKind.GroupActive, EventSeverity.Info, placement.Group,
                    $"group {placement.Group} runs on {string.Join(", ", placement.Nodes)}", ended.Id);
            }
            else
            {
                Emit(EventKind.GroupStopped, EventSeverity.Warning, placement.Group,
                    $"group {placement.Group} is stopped", ended.Id);
            }
        }
    }

    // What should run at the group's place and does not; of clones nothing is told here.
    private string Missing(ResourceGroup group, GroupPlacement placement)
    {
        if (group.IsClone || placement.Node is not { } node) return "";
        var index = options.Nodes.IndexOf(node);
        return string.Join(" and ", group.Resources
            .Where(one => ReportOf(index, one.Id) is not { State: ResourceState.Started }).Select(one => one.Id));
    }

    private void AbortTransition(string why)
    {
        Recall(transition!);
        transition!.Abort();
        Emit(EventKind.TransitionAborted, EventSeverity.Info, "cluster",
            $"the plan is given up and made anew, because {why}", transition.Id);
        EndTransition();
    }

    // What was ordered and has not been heard of may begin at any moment: nothing is planned before every node that was
    // ordered something has said that it will not.
    private void Recall(TransitionEngine ended)
    {
        if (view is null) return;
        recalled = 0;
        foreach (var action in ended.Graph.Actions)
        {
            if (ended.StateOf(action.Number) != StepState.Running || action.UnderWay
                || action.Kind == OperationKind.Fence) continue;
            var node = options.Nodes.IndexOf(action.Node);
            if (node == localIndex) local.DropPendingOrders();
            else if (view.Contains(node)) recalled |= Bit(node);
        }

        if (recalled == 0) return;
        recall = ++lastTransition;
        SendRecall();
    }

    private void SendRecall()
    {
        nextOrder = now.Monotonic + RepeatPause;
        foreach (var peer in peers)
        {
            if ((recalled & Bit(peer.Index)) != 0 && view!.Contains(peer.Member))
                SendOrder(peer, new OrderMessage(view.Id.ToString(), recall, [], peer.Report?.Releases ?? 0));
        }
    }

    private bool RecallIsAnswered()
    {
        if (recalled == 0) return true;
        foreach (var peer in peers)
        {
            if ((recalled & Bit(peer.Index)) != 0 && view!.Contains(peer.Member)
                && (peer.Report is not { } report || report.NewestTransition < recall)) return false;
        }

        recalled = 0;
        return true;
    }

    private void EndTransition()
    {
        transition = null;
        if (recalled == 0) nextOrder = MonotonicTime.Never;
        reportDue = true;
        coordinationDue = true;
        SnapshotVersion++;
    }

    private void IssueOrders()
    {
        var ready = transition!.TakeReady();
        if (ready.IsEmpty) return;
        reportDue = true;
        NoteSteps(ready);
        foreach (var executor in ready.Select(ExecutorOf).Distinct().ToList()) SendOrders(executor, ready);
    }

    private void SendOrders(int index, ImmutableArray<TransitionAction> actions)
    {
        var order = new OrderMessage(view!.Id.ToString(), transition!.Number,
            [.. actions.Where(action => ExecutorOf(action) == index && !action.UnderWay)
                .Select(action => new OrderedAction(
                    action.Number, action.Kind == OperationKind.Fence ? action.Node : action.Resource, action.Kind,
                    IsUrgent(action), action.IntervalMs))],
            local.Releases, local.Setbacks);
        if (order.Actions.IsEmpty) return;
        if (index == localIndex)
        {
            if (!Obey(order)) nextOrder = now.Monotonic + RepeatPause;
            return;
        }

        nextOrder = now.Monotonic + RepeatPause;
        var peer = FindPeer(index)!;
        SendOrder(peer, order with { Releases = peer.Report?.Releases ?? 0, Setbacks = peer.Report?.Setbacks ?? 0 });
    }

    private void SendOrder(Peer to, OrderMessage order)
    {
        sender.Begin(ClusterMessageTypes.Order);
        MessageBody.Add(sender.Encoder,
            JsonSerializer.SerializeToUtf8Bytes(order, EngineJson.Default.OrderMessage));
        sender.Send(now, effects, to);
        orderSent = true;
    }

    // Nobody was known to run it: there is time to ask whether a stranger holds its address.
    private bool IsUrgent(TransitionAction action) =>
        action.Kind != OperationKind.Start || everActive.Contains(action.Resource);

    // Orders are repeated until the report of the node shows the outcome; obeying twice does nothing. So are this node's
    // own that it did not take: while it gives something up it obeys nobody, not even itself.
    private void RepeatOrders()
    {
        if (now.Monotonic < nextOrder) return;
        nextOrder = MonotonicTime.Never;
        if (!IsCoordinator) return;
        if (recalled != 0) SendRecall();
        if (transition is null) return;
        ImmutableArray<TransitionAction> open =
            [.. transition.Graph.Actions.Where(action => transition.StateOf(action.Number) == StepState.Running)];
        foreach (var executor in open.Select(ExecutorOf).Distinct().ToList()) SendOrders(executor, open);
    }

    private void TakeResults()
    {
        foreach (var action in transition!.Graph.Actions)
        {
            if (transition.StateOf(action.Number) != StepState.Running || action.Kind == OperationKind.Fence) continue;
            var node = options.Nodes.IndexOf(action.Node);
            var report = ReportOf(node, action.Resource);
            var result = report is not null ? ResultOf(action, report)
                : action.Kind is OperationKind.Stop or OperationKind.Cancel && HasOrdersOf(node, transition.Number)
                    ? true : (bool?)null;
            if (result is not { } succeeded || !transition.Complete(action.Number, succeeded)) continue;
            SnapshotVersion++;
            reportDue = true;
            var detail = report?.Detail ?? "";
            if (!succeeded) trigger = detail.Length > 0 ? $"on {action.Node}, {detail}" : $"{action.Title} failed";
            NoteStepEnd(action, succeeded, detail);
        }
    }

    // What a node no longer knows of, although it has the order to end it, has ended there: it gave up by itself what
    // a new configuration took away.
    private bool HasOrdersOf(int node, long number) => node == localIndex
        ? newestOrder == (view!.Id, number)
        : FindPeer(node)?.Report is { } report && report.View == view!.Id.ToString() && report.NewestTransition >= number;

    private bool? ResultOf(TransitionAction action, ResourceReport report)
    {
        if (!action.UnderWay)
        {
            var token = new ActionToken(view!.Id, transition!.Number, action.Number).ToString();
            foreach (var ended in report.Ended)
            {
                if (ended.Token == token) return IsGood(action.Kind, ended.Outcome);
            }

            return null;
        }

        if (report.Busy == action.Kind) return null;
        return action.Kind switch
        {
            OperationKind.Start => report.State == ResourceState.Started,
            OperationKind.Stop => report.State == ResourceState.Stopped,
            OperationKind.Probe or OperationKind.Announce or OperationKind.Monitor or OperationKind.Cancel
                or OperationKind.Fence => true,
        };
    }

    // What cannot be announced is there all the same; an answer of a probe is an answer, whatever it says.
    private static bool IsGood(OperationKind kind, OperationOutcome outcome) =>
        kind is OperationKind.Announce or OperationKind.Probe || !OperationText.IsFailure(kind, outcome);
}
