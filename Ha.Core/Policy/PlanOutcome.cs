using Ha.Core.Policy.Actions;
using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy;

/// <summary>
/// What a cluster looks like once every step of a plan has succeeded: a pure function. Planning again from there is how
/// it is told whether a plan ends where it wanted to.
/// </summary>
public sealed class PlanOutcome
{
    private readonly ClusterModel model;
    private readonly WorkingCluster cluster;
    private readonly List<ResourceHistory> history;
    private readonly List<NodeModel> nodes;

    private PlanOutcome(ClusterModel model)
    {
        this.model = model;
        cluster = new WorkingCluster(model);
        history = [.. model.History];
        nodes = [.. model.Nodes];
    }

    /// <summary>The model after the plan; every step is taken to have succeeded at the model's moment.</summary>
    public static ClusterModel Apply(ClusterModel model, ClusterPlan plan)
    {
        var outcome = new PlanOutcome(model);
        foreach (var step in plan.Steps) outcome.Apply(step);
        var fenced = plan.Steps.Where(step => step.Kind == ActionKind.Fence).Select(step => step.Node).ToHashSet();
        return model with
        {
            Nodes = [.. outcome.nodes],
            History = [.. outcome.history],
            FailCounts = [.. model.FailCounts.Where(one => !fenced.Contains(outcome.NameOf(one.NodeId)))],
        };
    }

    private void Apply(PlanStep step)
    {
        if (cluster.NodeByName(step.Node) is not { } node) return;
        switch (step.Kind)
        {
            case ActionKind.Probe:
                Record(step, node, "monitor", exitCode: 7, digest: null);
                break;
            case ActionKind.Start:
                Record(step, node, "start", exitCode: 0, DigestOf(step, node, "start"));
                break;
            case ActionKind.Stop:
                Change(step, node, records => records.RemoveAll(one => one.IntervalMs > 0 && one.ExitCode != 7));
                Record(step, node, "stop", exitCode: 0, digest: null);
                break;
            case ActionKind.Monitor:
                Record(step, node, "monitor", exitCode: 0, DigestOf(step, node, "monitor"));
                break;
            case ActionKind.Cancel:
                Change(step, node, records => records.RemoveAll(one => one.IntervalMs == step.IntervalMs));
                break;
            case ActionKind.Reload:
                Reload(step, node);
                break;
            case ActionKind.Delete:
                history.RemoveAll(one => one.NodeId == node.Model.Id && one.Resource == step.Resource);
                break;
            case ActionKind.Fence:
                Fence(node);
                break;
            case ActionKind.Unfence:
                nodes[node.Index] = nodes[node.Index] with
                {
                    TransientAttributes = [AttributeSet.Of(KeyValuePair.Create("#node-unfenced", "1")),
                        .. nodes[node.Index].TransientAttributes],
                };
                break;
            case ActionKind.Milestone:
                break;
        }
    }

    // A fenced node has nothing and says nothing.
    private void Fence(NodeView node)
    {
        history.RemoveAll(one => one.NodeId == node.Model.Id);
        nodes[node.Index] = nodes[node.Index] with
        {
            Seen = true, InMembership = false, AgentOnline = false, Join = NodeJoin.Down, Expected = false,
            ShuttingDown = false, TransientAttributes = [],
        };
    }

    // What a node reports of an operation replaces what it reported of it before.
    private void Record(PlanStep step, NodeView node, string operation, int exitCode, string? digest) =>
        Change(step, node, records =>
        {
            records.RemoveAll(one => one.Name == operation && one.IntervalMs == step.IntervalMs);
            records.Add(new OperationRecord
            {
                Name = operation, IntervalMs = step.IntervalMs, Status = OperationStatus.Done, ExitCode = exitCode,
                ExpectedExitCode = exitCode, CallId = records.Count == 0 ? 1 : records.Max(one => one.CallId) + 1,
                LastChange = model.Now, Digest = digest,
            });
        });

    private void Reload(PlanStep step, NodeView node)
    {
        var digest = DigestOf(step, node, "start");
        Change(step, node, records =>
        {
            var index = records.FindLastIndex(one => one.Name == "start");
            if (index >= 0) records[index] = records[index] with { Digest = digest };
        });
    }

    private void Change(PlanStep step, NodeView node, Action<List<OperationRecord>> change)
    {
        var index = history.FindIndex(one => one.NodeId == node.Model.Id && one.Resource == step.Resource);
        List<OperationRecord> records = index < 0 ? [] : [.. history[index].Operations];
        change(records);
        var changed = new ResourceHistory
        {
            NodeId = node.Model.Id, Resource = step.Resource, Operations = [.. records],
            Agent = index < 0 ? Find(step)?.Model.Agent ?? AgentName.None : history[index].Agent,
        };
        if (index < 0) history.Add(changed);
        else history[index] = changed;
    }

    private string? DigestOf(PlanStep step, NodeView node, string operation) => Find(step) is { } resource
        ? ParameterDigests.Of(ParameterDigests.Parameters(cluster, resource, node, operation, step.IntervalMs)) : null;

    private Instance? Find(PlanStep step) =>
        cluster.Find(step.Resource) is { Kind: ResourceKind.Primitive } exact ? exact
        : cluster.Primitives.FirstOrDefault(one => one.Model.Id == HistoryReader.PlainName(step.Resource));

    private string NameOf(string nodeId) => cluster.NodeById(nodeId)?.Name ?? "";
}
