using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;

namespace Ha.Core.ClusterConfiguration;

/// <summary>
/// Turns a checked document into what the engine runs: references resolved, defaults filled in. A document that was
/// not checked may make it throw.
/// </summary>
public static class DocumentCompiler
{
    /// <summary>Compiles a document.</summary>
    /// <param name="document">A document free of errors.</param>
    /// <param name="nodes">Nodes of ha.cf, in its order.</param>
    public static ActiveConfiguration Compile(ConfigurationDocument document, ImmutableArray<string> nodes)
    {
        var units = Units(document);
        var definitions = document.Resources.ToDictionary(resource => resource.Id,
            resource => ResourceCompiler.Define(resource, document.OperationDefaults), StringComparer.Ordinal);
        var options = document.Options ?? new ConfiguredOptions();
        return new ActiveConfiguration
        {
            Version = document.Version,
            Hash = ConfigurationText.Hash(document),
            Model = new ClusterModel
            {
                Now = default,
                Options = Options(options, document.Fencing),
                Nodes = [.. nodes.Select(name => Node(name, document.Nodes))],
                Resources = [.. units.Select(unit => unit.Model)],
                Locations = ConstraintCompiler.Locations(document.Locations),
                Colocations = ConstraintCompiler.Colocations(document.Colocations),
                Orders = ConstraintCompiler.Orders(document.Orders),
                ResourceDefaults = ResourceDefaults(options, document.ResourceDefaults),
                OperationDefaults = ResourceCompiler.OperationDefaults(document.OperationDefaults),
            },
            Groups = [.. units.Select(unit => Group(document, unit, definitions))],
            Safety = FencingCompiler.Compile(document.Fencing, nodes.Length),
            Checks = CheckCompiler.Compile(document.Checks),
            Votes = document.Nodes.Any(node => node.Votes is not null)
                ? [.. nodes.Select(name => document.Nodes.FirstOrDefault(one => one.Name == name)?.Votes ?? 1)] : [],
            NodesInMaintenance = [.. document.Nodes.Where(node => node.Maintenance == true).Select(node => node.Name)],
            BatchLimit = options.BatchLimit ?? 30,
            RecheckInterval = options.RecheckInterval ?? TimeSpan.FromMinutes(15),
        };
    }

    private static ResourceGroup Group(
        ConfigurationDocument document, Unit unit, Dictionary<string, ResourceDefinition> definitions)
    {
        var meta = new EffectiveMeta(document, unit.Primitives[0]);
        return new ResourceGroup
        {
            Id = unit.Model.Id,
            PreferredNode = Preferred(unit, document.Locations),
            Resources = [.. unit.Primitives.Select(id => new EffectiveMeta(document, id).Complete(definitions[id]))],
            Stickiness = meta.Stickiness,
            KeepsOne = meta.KeepsOne,
            IsClone = unit.Model.Kind == ResourceKind.Clone,
        };
    }

    // A unit stands where its first resource stands.
    private static List<Unit> Units(ConfigurationDocument document)
    {
        var models = document.Resources.ToDictionary(
            resource => resource.Id, resource => ResourceCompiler.Model(resource), StringComparer.Ordinal);
        var units = document.Resources.Select(resource => new Unit(models[resource.Id], [resource.Id])).ToList();
        foreach (var group in document.Groups)
        {
            units[units.FindIndex(unit => unit.Is(group.Members[0]))] = new Unit(new ResourceModel
            {
                Id = group.Id, Kind = ResourceKind.Group, Meta = ResourceCompiler.Meta(group.Meta),
                Members = [.. group.Members.Select(member => models[member])],
            }, group.Members);
            units.RemoveAll(unit => unit.Model.Kind == ResourceKind.Primitive && group.Members.Contains(unit.Model.Id));
        }

        foreach (var clone in document.Clones)
        {
            var index = units.FindIndex(unit => unit.Is(clone.Resource));
            units[index] = new Unit(new ResourceModel
            {
                Id = clone.Id, Kind = ResourceKind.Clone, Meta = ResourceCompiler.Meta(clone),
                Members = [units[index].Model],
            }, units[index].Primitives);
        }

        return units;
    }

    // The greatest finite or infinite preference for a fixed node; of equal ones the first.
    private static string? Preferred(Unit unit, ImmutableArray<ConfiguredLocation> locations) => locations
        .Where(location => location is { Node: not null, Score: > 0 }
            && (location.Resource == unit.Model.Id || location.Resource == unit.Primitives[0]))
        .OrderByDescending(location => location.Score).FirstOrDefault()?.Node;

    private static NodeModel Node(string name, ImmutableArray<ConfiguredNode> nodes)
    {
        if (nodes.FirstOrDefault(one => one.Name == name) is not { } node)
            return new NodeModel { Id = name, Name = name };
        var values = node.Attributes.ToList();
        if (node.Standby is { } standby) values.Add(KeyValuePair.Create("standby", standby ? "on" : "off"));
        if (node.Maintenance is { } maintenance)
            values.Add(KeyValuePair.Create("maintenance", maintenance ? "true" : "false"));
        return new NodeModel
        {
            Id = name, Name = name, Attributes = values.Count == 0 ? [] : [new AttributeSet("", 0, null, [.. values])],
        };
    }

    private static ClusterOptions Options(ConfiguredOptions options, ConfiguredFencing? fencing)
    {
        var preset = new ClusterOptions();
        return new ClusterOptions
        {
            NoQuorumPolicy = options.NoQuorumPolicy ?? preset.NoQuorumPolicy,
            SymmetricCluster = options.SymmetricCluster ?? preset.SymmetricCluster,
            FencingEnabled = FencingCompiler.IsEnabled(fencing),
            FencingAction = fencing?.Action is FencingGoal.Off ? "off" : "reboot",
            StartupFencing = fencing?.StartupFencing ?? preset.StartupFencing,
            HaveFenceDevices = FencingCompiler.IsEnabled(fencing) && !fencing!.Devices.IsEmpty,
            HaveWatchdog = fencing?.Watchdog is not null,
            MaintenanceMode = options.MaintenanceMode ?? preset.MaintenanceMode,
            StopAllResources = options.StopAllResources ?? preset.StopAllResources,
            StopOrphanResources = options.StopOrphanResources ?? preset.StopOrphanResources,
            StopOrphanActions = options.StopOrphanActions ?? preset.StopOrphanActions,
            StartFailureIsFatal = options.StartFailureIsFatal ?? preset.StartFailureIsFatal,
            StartupProbes = options.StartupProbes ?? preset.StartupProbes,
        };
    }

    // Staying is worth 1 even with failback: it never beats a preference, and a resource that prefers no node does
    // not wander when one more node comes.
    private static ImmutableArray<AttributeSet> ResourceDefaults(ConfiguredOptions options, ResourceMeta? defaults) =>
        ResourceCompiler.Meta(options.Failback is not { } failback ? defaults
            : (defaults ?? new ResourceMeta()) with { Stickiness = failback ? Score.Stay : Score.Infinity });

    /// <summary>A top-level resource with the ids of its primitives.</summary>
    private sealed record Unit(ResourceModel Model, ImmutableArray<string> Primitives)
    {
        // A group may bear its first member's id: what stands in the list is the group then.
        public bool Is(string id) => Model.Id == id || (Model.Kind == ResourceKind.Primitive && Primitives[0] == id);
    }
}
