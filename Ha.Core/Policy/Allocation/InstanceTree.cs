using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>Unfolds configured resources into instances: copies of clones, inherited meta attributes.</summary>
internal static class InstanceTree
{
    /// <summary>Most copies of one clone that are considered; more are not made.</summary>
    private const int MaxCopies = 1024;

    public static Instance Build(WorkingCluster cluster, ResourceModel model) =>
        Build(cluster, model, model.Id, null, []);

    /// <summary>A resource that nodes report and nobody configured.</summary>
    public static Instance Orphan(WorkingCluster cluster, string id, AgentName agent)
    {
        var model = new ResourceModel { Id = id, Kind = ResourceKind.Primitive, Agent = agent };
        var instance = new Instance(model, id, null, cluster.Nodes.Length) { Orphan = true };
        Configure(cluster, instance, Meta(cluster, model, []));
        if (cluster.Options.StopOrphanResources) instance.NextRole = Role.Stopped;
        else instance.Managed = false;
        return instance;
    }

    private static Instance Build(WorkingCluster cluster, ResourceModel model, string id, Instance? parent,
        ImmutableArray<AttributeSet> inherited)
    {
        var instance = new Instance(model, id, parent, cluster.Nodes.Length);
        ImmutableArray<AttributeSet> sets = [.. ByScore(model.Meta), .. inherited];
        var meta = Meta(cluster, model, sets);
        Configure(cluster, instance, meta);
        switch (model.Kind)
        {
            case ResourceKind.Primitive:
                break;
            case ResourceKind.Group:
                var suffix = id[model.Id.Length..];
                foreach (var member in model.Members)
                    instance.Members.Add(Build(cluster, member, member.Id + suffix, instance, sets));
                break;
            case ResourceKind.Clone:
                AddCopies(cluster, instance, meta, sets);
                break;
        }

        if (instance.OfClone is { Clone.Unique: false }) instance.ReportedName = model.Id;
        return instance;
    }

    private static void AddCopies(WorkingCluster cluster, Instance clone, SortedDictionary<string, string> meta,
        ImmutableArray<AttributeSet> sets)
    {
        var unique = Flag(meta, "globally-unique", false);
        var nodeMax = Math.Clamp(Number(meta, "clone-node-max", 1), 0, MaxCopies);
        var max = Math.Clamp(Number(meta, "clone-max", Math.Max(1, cluster.Nodes.Length)), 0, MaxCopies);
        if (!unique) nodeMax = Math.Min(nodeMax, 1);
        var least = Math.Clamp(Number(meta, "clone-min", 0), 0, MaxCopies);
        clone.Clone = new CloneSettings(max, nodeMax, unique, Flag(meta, "interleave", false), least);
        if (clone.Model.Members is not [var repeated, ..]) return;
        // Staying where it is is worth something to a copy, or copies would be shuffled for nothing.
        ImmutableArray<AttributeSet> inherited =
        [
            .. sets, .. ByScore(cluster.Model.ResourceDefaults),
            AttributeSet.Of(KeyValuePair.Create("resource-stickiness", "1")),
        ];
        clone.CopiesInherit = inherited;
        for (var number = 0; number < Math.Max(max, 1); number++)
            clone.Members.Add(Build(cluster, repeated, $"{repeated.Id}:{number}", clone, inherited));
    }

    /// <summary>One more copy than is wanted, because a node reports it; gives the primitive in it.</summary>
    public static Instance Surplus(WorkingCluster cluster, Instance clone, string primitive)
    {
        var repeated = clone.Model.Members[0];
        var copy = Build(cluster, repeated, $"{repeated.Id}:{clone.Members.Count}", clone, clone.CopiesInherit);
        clone.Members.Add(copy);
        copy.Orphan = true;
        foreach (var one in copy.Primitives)
        {
            one.Orphan = true;
            if (cluster.Options.StopOrphanResources) one.NextRole = Role.Stopped;
        }

        return copy.Primitives.First(one => one.Model.Id == primitive);
    }

    // Scores rank the sets of one element; what is nearer wins over what is inherited.
    private static IEnumerable<AttributeSet> ByScore(ImmutableArray<AttributeSet> sets) =>
        sets.OrderByDescending(set => set.Score).Select(set => set with { Score = 0 });

    private static SortedDictionary<string, string> Meta(
        WorkingCluster cluster, ResourceModel model, ImmutableArray<AttributeSet> sets) =>
        AttributeSets.Resolve([.. sets, .. ByScore(cluster.Model.ResourceDefaults)],
            cluster.Context(model.Kind == ResourceKind.Primitive ? model.Agent : null));

    private static void Configure(WorkingCluster cluster, Instance instance, SortedDictionary<string, string> meta)
    {
        instance.Priority = ScoreOf(meta, "priority", 0);
        instance.Stickiness = ScoreOf(meta, "resource-stickiness", 0);
        instance.MigrationThreshold = ScoreOf(meta, "migration-threshold", Score.Infinity);
        instance.FailureTimeoutMs = Values.Duration(meta.GetValueOrDefault("failure-timeout") ?? "0") ?? 0;
        instance.Critical = Flag(meta, "critical", true);
        instance.RestartsWithFirst = meta.GetValueOrDefault("restart-type") == "restart";
        instance.Managed = Flag(meta, "is-managed", true);
        instance.InMaintenance = cluster.Options.MaintenanceMode || Flag(meta, "maintenance", false);
        if (instance.InMaintenance) instance.Managed = false;
        if (meta.GetValueOrDefault("target-role") is { } role
            && role.Equals("Stopped", StringComparison.OrdinalIgnoreCase))
            (instance.NextRole, instance.WantedStopped) = (Role.Stopped, true);
        instance.MultipleActive = meta.GetValueOrDefault("multiple-active") switch
        {
            "stop_only" => MultipleActive.StopOnly,
            "block" => MultipleActive.Block,
            "stop_unexpected" => MultipleActive.StopUnexpected,
            _ => MultipleActive.StopStart,
        };
        instance.Requires = Requires(cluster, instance, meta);
    }

    private static Requirement Requires(
        WorkingCluster cluster, Instance instance, SortedDictionary<string, string> meta)
    {
        var options = cluster.Options;
        var preset = instance.IsFenceDevice ? Requirement.Quorum
            : options.FencingEnabled ? (cluster.HaveUnfencing ? Requirement.Unfencing : Requirement.Fencing)
            : options.NoQuorumPolicy == NoQuorumPolicy.Ignore ? Requirement.Nothing
            : Requirement.Quorum;
        var wanted = meta.GetValueOrDefault("requires") switch
        {
            "nothing" => Requirement.Nothing,
            "quorum" => Requirement.Quorum,
            "fencing" => Requirement.Fencing,
            "unfencing" => Requirement.Unfencing,
            _ => preset,
        };
        // What cannot be had is not asked for.
        return wanted >= Requirement.Fencing && !options.FencingEnabled ? Requirement.Quorum : wanted;
    }

    private static int ScoreOf(SortedDictionary<string, string> meta, string name, int preset) =>
        meta.TryGetValue(name, out var text) ? Score.TryParse(text) ?? preset : preset;

    private static int Number(SortedDictionary<string, string> meta, string name, int preset) =>
        meta.TryGetValue(name, out var text) && int.TryParse(text, out var number) ? number : preset;

    private static bool Flag(SortedDictionary<string, string> meta, string name, bool preset) =>
        meta.TryGetValue(name, out var text) ? Values.Boolean(text) ?? preset : preset;
}
