using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Policy.History;

/// <summary>What happens when an operation fails; later members win over earlier ones.</summary>
internal enum OnFail
{
    /// <summary>Nothing: it counts as succeeded.</summary>
    Ignore,

    /// <summary>Stop and start, elsewhere if need be.</summary>
    Restart,

    /// <summary>Move away.</summary>
    Ban,

    /// <summary>Touch it no more.</summary>
    Block,

    /// <summary>Stop it and leave it stopped.</summary>
    Stop,

    /// <summary>Empty the node.</summary>
    Standby,

    /// <summary>Fence the node.</summary>
    Fence,
}

/// <summary>The settings of one operation of one resource, with all defaults applied.</summary>
internal sealed class OperationSettings
{
    private readonly SortedDictionary<string, string> values;

    public OperationSettings(WorkingCluster cluster, Instance resource, string operation, long intervalMs)
    {
        Configured = Find(resource.Model.Operations, operation, intervalMs);
        var context = new RuleContext
        {
            Now = cluster.Model.Now, Agent = resource.Model.Agent, Operation = operation, IntervalMs = intervalMs,
        };
        ImmutableArray<AttributeSet> own = Configured?.Settings ?? [];
        values = AttributeSets.Resolve(own, context);
        foreach (var (name, value) in AttributeSets.Resolve(cluster.Model.OperationDefaults, context))
            values.TryAdd(name, value);
        OnFail = FailurePolicy(cluster, operation);
    }

    /// <summary>The configured operation; null when only defaults hold.</summary>
    public OperationModel? Configured { get; }

    public OnFail OnFail { get; }

    public bool Enabled => !values.TryGetValue("enabled", out var text) || Values.Boolean(text) != false;

    /// <summary>For a monitor: the role the resource must have; null when not said.</summary>
    public string? Role => values.GetValueOrDefault("role");

    public string? Timeout => values.GetValueOrDefault("timeout");

    private static OperationModel? Find(ImmutableArray<OperationModel> operations, string name, long intervalMs)
    {
        foreach (var operation in operations)
        {
            if (operation.Name == name && operation.IntervalMs == intervalMs) return operation;
        }

        // What starts and stops may be configured with any interval.
        return intervalMs == 0 && name is "start" or "stop" ? operations.FirstOrDefault(one => one.Name == name) : null;
    }

    private OnFail FailurePolicy(WorkingCluster cluster, string operation)
    {
        var fencing = cluster.Options.FencingEnabled;
        var text = values.GetValueOrDefault("on-fail");
        var stop = operation == "stop";
        return text switch
        {
            "ignore" or "nothing" => OnFail.Ignore,
            "block" => OnFail.Block,
            "stop" when !stop => OnFail.Stop,
            "standby" when !stop => OnFail.Standby,
            "fence" when fencing => OnFail.Fence,
            // What failed to stop is not told to stop again and again.
            "fence" when !stop || cluster.Options.AsPacemaker => OnFail.Stop,
            "migrate" or "ban" => OnFail.Ban,
            "restart" => OnFail.Restart,
            _ when !stop => OnFail.Restart,
            _ => fencing ? OnFail.Fence : OnFail.Block,
        };
    }
}
