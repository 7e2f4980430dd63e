using System.Globalization;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;

namespace Ha.Core.ClusterConfiguration;

/// <summary>Compiles resources: once for the policy engine, once for the nodes that run them.</summary>
internal static class ResourceCompiler
{
    /// <summary>Parameter that stands for a script's arguments where parameters are compared.</summary>
    internal const string ArgumentsParameter = "arguments";

    /// <summary>How often a resource is monitored unless somebody says otherwise.</summary>
    internal static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    /// <summary>The three parts of <c>class:provider:type</c> or <c>class:type</c>; a path or unit may have colons of
    /// its own.</summary>
    public static AgentName Agent(string type)
    {
        var colon = type.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return new AgentName("", "", type);
        var (agentClass, rest) = (type[..colon], type[(colon + 1)..]);
        var second = rest.IndexOf(':', StringComparison.Ordinal);
        return agentClass == "ocf" && second >= 0
            ? new AgentName(agentClass, rest[..second], rest[(second + 1)..])
            : new AgentName(agentClass, "", rest);
    }

    /// <summary>The resource as nodes run it.</summary>
    public static ResourceDefinition Define(ConfiguredResource resource, OperationDefaults? defaults)
    {
        var agent = Agent(resource.Type);
        var isVip = resource.Type == VipParameters.Type;
        var definition = new ResourceDefinition
        {
            Id = resource.Id,
            Class = agent.Class,
            Provider = agent.Provider,
            Type = agent.Type,
            Parameters = isVip ? VipParameters.Numbers(resource.Parameters) : resource.Parameters,
            Arguments = resource.Arguments,
            Vip = isVip ? VipParameters.Read(resource.Parameters) : null,
            Digest = EffectiveMeta.Digest(resource),
        };
        TimeSpan Timeout(OperationName name, TimeSpan preset) =>
            resource.Operations.FirstOrDefault(one => one.Name == name)?.Timeout ?? defaults?.Timeout ?? preset;
        var probe = Timeout(OperationName.Probe, definition.ProbeTimeout);
        return definition with
        {
            ProbeTimeout = probe,
            StartTimeout = Timeout(OperationName.Start, definition.StartTimeout),
            StopTimeout = Timeout(OperationName.Stop, definition.StopTimeout),
            Monitors =
            [
                .. Monitors(resource).Where(one => one is { Enabled: not false, Role: not ResourceTarget.Stopped })
                    .Select(one => new MonitorDefinition(
                        one.Interval ?? DefaultInterval, one.Timeout ?? defaults?.Timeout ?? probe, one.Depth ?? 0)),
            ],
        };
    }

    /// <summary>The resource as the policy engine sees it.</summary>
    public static ResourceModel Model(ConfiguredResource resource)
    {
        var parameters = resource.Parameters.ToList();
        if (!resource.Arguments.IsEmpty)
            parameters.Add(KeyValuePair.Create(ArgumentsParameter, string.Join("::", resource.Arguments)));
        var others = resource.Operations.Where(one => one.Name != OperationName.Monitor);
        return new ResourceModel
        {
            Id = resource.Id,
            Kind = ResourceKind.Primitive,
            Agent = Agent(resource.Type),
            Digest = EffectiveMeta.Digest(resource),
            Meta = Meta(resource.Meta),
            Parameters = Set(parameters),
            Operations = [.. others.Concat(Monitors(resource)).Select(one => Operation(resource.Id, one))],
        };
    }

    /// <summary>Meta attributes in the policy engine's words.</summary>
    public static ImmutableArray<AttributeSet> Meta(ResourceMeta? meta) => Set(MetaValues(meta));

    /// <summary>Meta attributes of a clone.</summary>
    public static ImmutableArray<AttributeSet> Meta(ConfiguredClone clone)
    {
        var values = MetaValues(clone.Meta);
        Add(values, "clone-max", Number(clone.CloneMax));
        Add(values, "clone-node-max", Number(clone.CloneNodeMax));
        Add(values, "globally-unique", Flag(clone.GloballyUnique));
        Add(values, "interleave", Flag(clone.Interleave));
        return Set(values);
    }

    /// <summary>Defaults of operations in the policy engine's words.</summary>
    public static ImmutableArray<AttributeSet> OperationDefaults(OperationDefaults? defaults)
    {
        var values = new List<KeyValuePair<string, string>>();
        Add(values, "timeout", Time(defaults?.Timeout));
        Add(values, "on-fail", Word(defaults?.OnFail));
        return Set(values);
    }

    // Monitored unless somebody says how it is, or that it is not.
    private static List<ConfiguredOperation> Monitors(ConfiguredResource resource)
    {
        var configured = resource.Operations.Where(one => one.Name == OperationName.Monitor).ToList();
        return configured.Count > 0 ? configured : [new ConfiguredOperation { Name = OperationName.Monitor }];
    }

    private static OperationModel Operation(string resource, ConfiguredOperation operation)
    {
        var isMonitor = operation.Name == OperationName.Monitor;
        var name = operation.Name switch
        {
            OperationName.Probe or OperationName.Monitor => "monitor",
            OperationName.Start => "start",
            OperationName.Stop => "stop",
        };
        var interval = isMonitor ? operation.Interval ?? DefaultInterval : TimeSpan.Zero;
        var milliseconds = interval.Ticks / TimeSpan.TicksPerMillisecond;
        var settings = new List<KeyValuePair<string, string>>();
        Add(settings, "timeout", Time(operation.Timeout));
        Add(settings, "on-fail", Word(operation.OnFail));
        Add(settings, "enabled", Flag(operation.Enabled));
        Add(settings, "role", Word(operation.Role));
        Add(settings, "OCF_CHECK_LEVEL", Number(operation.Depth));
        return new OperationModel
        {
            Id = $"{resource}-{name}-{milliseconds}", Name = name, IntervalMs = milliseconds, Settings = Set(settings),
        };
    }

    private static List<KeyValuePair<string, string>> MetaValues(ResourceMeta? meta)
    {
        var values = new List<KeyValuePair<string, string>>();
        if (meta is null) return values;
        Add(values, "priority", ScoreOf(meta.Priority));
        Add(values, "resource-stickiness", ScoreOf(meta.Stickiness));
        Add(values, "migration-threshold", ScoreOf(meta.MigrationThreshold));
        Add(values, "failure-timeout", Time(meta.FailureTimeout));
        Add(values, "target-role", Word(meta.TargetRole));
        Add(values, "is-managed", Flag(meta.IsManaged));
        Add(values, "maintenance", Flag(meta.Maintenance));
        Add(values, "multiple-active", meta.MultipleActive switch
        {
            MultipleActivePolicy.StopStart => "stop_start",
            MultipleActivePolicy.StopOnly => "stop_only",
            MultipleActivePolicy.Block => "block",
            MultipleActivePolicy.StopUnexpected => "stop_unexpected",
            null => null,
        });
        Add(values, "critical", Flag(meta.Critical));
        Add(values, "requires", meta.Requires switch
        {
            ResourceRequirement.Nothing => "nothing",
            ResourceRequirement.Quorum => "quorum",
            ResourceRequirement.Fencing => "fencing",
            null => null,
        });
        return values;
    }

    private static ImmutableArray<AttributeSet> Set(List<KeyValuePair<string, string>> values) =>
        values.Count == 0 ? [] : [new AttributeSet("", 0, null, [.. values])];

    private static void Add(List<KeyValuePair<string, string>> values, string name, string? value)
    {
        if (value is not null) values.Add(KeyValuePair.Create(name, value));
    }

    private static string? ScoreOf(int? score) => score is { } value ? ScoreText.Show(value) : null;

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Flag(bool? flag) => flag switch { true => "true", false => "false", null => null };

    private static string? Time(TimeSpan? time) =>
        time is { } value ? $"{value.Ticks / TimeSpan.TicksPerMillisecond}ms" : null;

    private static string? Word(ResourceTarget? target) => target switch
    {
        ResourceTarget.Started => "Started",
        ResourceTarget.Stopped => "Stopped",
        null => null,
    };

    private static string? Word(FailurePolicy? policy) => policy switch
    {
        FailurePolicy.Ignore => "ignore",
        FailurePolicy.Restart => "restart",
        FailurePolicy.Block => "block",
        FailurePolicy.Stop => "stop",
        FailurePolicy.Standby => "standby",
        FailurePolicy.Fence => "fence",
        null => null,
    };
}

/// <summary>The parameters of <c>builtin:vip</c>.</summary>
internal static class VipParameters
{
    public const string Type = "builtin:vip";
    public const string Address = "address";
    public const string Prefix = "prefix";
    public const string Interface = "interface";
    public const string Label = "label";
    public const string Broadcast = "broadcast";

    /// <summary>Reads checked parameters.</summary>
    public static VirtualIp Read(ImmutableSortedDictionary<string, string> values) => new(
        values[Address],
        values.GetValueOrDefault(Prefix) is { } prefix ? int.Parse(prefix, CultureInfo.InvariantCulture) : null,
        values.GetValueOrDefault(Interface), values.GetValueOrDefault(Label), values.GetValueOrDefault(Broadcast));

    /// <summary>What is no part of the address itself.</summary>
    public static ImmutableSortedDictionary<string, string> Numbers(ImmutableSortedDictionary<string, string> values) =>
        SortedText.Empty.AddRange(values.Where(one => VirtualIpNumbers.All.Any(number => number.Name == one.Key)));

    /// <summary>Writes an address as parameters.</summary>
    public static ImmutableSortedDictionary<string, string> Write(VirtualIp vip)
    {
        var values = SortedText.Empty.ToBuilder();
        values.Add(Address, vip.Address);
        if (vip.PrefixLength is { } prefix) values.Add(Prefix, prefix.ToString(CultureInfo.InvariantCulture));
        if (vip.Interface is { } name) values.Add(Interface, name);
        if (vip.Label is { } label) values.Add(Label, label);
        if (vip.Broadcast is { } broadcast) values.Add(Broadcast, broadcast);
        return values.ToImmutable();
    }
}
