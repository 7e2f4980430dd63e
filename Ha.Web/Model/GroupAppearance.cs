namespace Ha.Web.Model;

/// <summary>How groups and their resources look, and what is said about where they run.</summary>
public static class GroupAppearance
{
    public static Appearance Of(GroupState state) => state switch
    {
        GroupState.Unknown => new(Tone.Unknown, Shape.Diamond, "Unknown", "Reports are missing."),
        GroupState.Active => new(Tone.Good, Shape.Disc, "Active", "Every resource runs, on one node."),
        GroupState.Stopped => new(Tone.Neutral, Shape.Ring, "Stopped", "Nothing of it runs anywhere."),
        GroupState.Moving => new(Tone.Busy, Shape.Half, "Moving", "Being started, stopped or moved."),
        GroupState.Failed => new(Tone.Bad, Shape.Square, "Failed", "It should run, but no node can run it."),
        GroupState.Conflict => new(Tone.Bad, Shape.Cross, "Conflict", "It runs on several nodes at once."),
        GroupState.Blocked =>
            new(Tone.Bad, Shape.Square, "Blocked", "A stop failed: started nowhere until cleaned up."),
        GroupState.Partial => new(Tone.Warning, Shape.Triangle, "Degraded", "Some of its resources run, some do not."),
    };

    public static Appearance Of(ResourceState state) => state switch
    {
        ResourceState.Unknown => new(Tone.Unknown, Shape.Diamond, "Unknown", "Nothing is known about it there."),
        ResourceState.Stopped => new(Tone.Neutral, Shape.Ring, "Stopped", "Not running."),
        ResourceState.Starting => new(Tone.Busy, Shape.Half, "Starting", "Being started."),
        ResourceState.Started => new(Tone.Good, Shape.Disc, "Running", "Running."),
        ResourceState.Stopping => new(Tone.Busy, Shape.Half, "Stopping", "Being stopped."),
        ResourceState.Failed => new(Tone.Bad, Shape.Square, "Failed", "The last operation on it failed."),
    };

    /// <summary>What a group does, or could do, on one node.</summary>
    public static Appearance Slot(GroupSnapshot group, NodeSnapshot node) => node switch
    {
        _ when group.ActiveOn.Contains(node.Name) && group.State == GroupState.Active =>
            new(Tone.Good, Shape.Disc, "serving", "Every resource of the group runs here."),
        _ when group.ActiveOn.Contains(node.Name) => Of(group.State) with { Text = HeldWord(group.State) },
        { State: NodeState.Online, Product: NodeProduct.Heartbeat } =>
            new(Tone.Neutral, Shape.Ring, "not shared",
                "A Linux-HA Heartbeat: it shares no resources with this product yet."),
        { State: NodeState.Online, Mode: NodeMode.Active } =>
            new(Tone.Neutral, Shape.Ring, "ready", "It could run the group."),
        _ => NodeAppearance.Of(node) with { Text = NodeAppearance.Of(node).Text.ToLowerInvariant() },
    };

    private static string HeldWord(GroupState state) => state switch
    {
        GroupState.Active => "serving",
        GroupState.Conflict => "holds it",
        GroupState.Moving => "moving",
        GroupState.Blocked => "blocked here",
        GroupState.Unknown or GroupState.Stopped or GroupState.Failed or GroupState.Partial => "partly here",
    };

    /// <summary>
    /// The state of a resource as a whole: what went wrong counts most, then what changes, then where it runs.
    /// </summary>
    public static ResourceState Sum(ResourceSnapshot resource) => resource.Nodes
        .Select(on => on.State)
        .DefaultIfEmpty(ResourceState.Unknown)
        .MaxBy(state => state switch
        {
            ResourceState.Failed => 5,
            ResourceState.Starting or ResourceState.Stopping => 4,
            ResourceState.Started => 3,
            ResourceState.Stopped => 2,
            ResourceState.Unknown => 1,
        });

    /// <summary>What a group is called in headings: its addresses, or its id when it has none.</summary>
    public static string Heading(GroupSnapshot group)
    {
        var addresses = group.Resources.Select(resource => resource.Vip?.Address).OfType<string>().ToList();
        return addresses.Count > 0 ? string.Join(", ", addresses) : group.Id;
    }

    /// <summary>What one resource is called: its address, or the last word of its type and id.</summary>
    public static string Name(ResourceSnapshot resource) =>
        resource.Vip?.Address ?? resource.Id.Split("::")[0];

    /// <summary>All resources of a group in one breath: <c>192.168.1.100 and haproxy</c>.</summary>
    public static string Names(GroupSnapshot group)
    {
        var names = group.Resources.Select(Name).ToList();
        return names.Count switch
        {
            0 => group.Id,
            1 => names[0],
            _ => $"{string.Join(", ", names.Take(names.Count - 1))} and {names[^1]}",
        };
    }

    /// <summary>Where it runs, as a phrase after its name.</summary>
    public static string Holder(GroupSnapshot group) => (group.State, group.ActiveOn.Length) switch
    {
        (GroupState.Unknown, _) => "nobody knows where",
        (GroupState.Moving, _) => group.PlacedOn is { } target ? $"to {target}" : "being stopped",
        (_, 0) => "on no node",
        (_, 1) => $"on {group.ActiveOn[0]}",
        (GroupState.Conflict, _) => $"on {string.Join(" and ", group.ActiveOn)} at once",
        _ => $"on {string.Join(" and ", group.ActiveOn)}",
    };
}
