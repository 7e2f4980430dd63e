using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;

namespace Ha.Simulation;

/// <summary>What an operator changes in the document that he finds on a node.</summary>
public enum EditKind
{
    /// <summary>Nothing is started, stopped or watched anywhere.</summary>
    Maintenance = 0,

    /// <summary>The same for one node.</summary>
    NodeMaintenance = 1,

    /// <summary>The same for one resource.</summary>
    ResourceMaintenance = 2,

    /// <summary>One resource is watched, but neither started nor stopped.</summary>
    Unmanaged = 3,

    /// <summary>One node runs nothing.</summary>
    NodeStandby = 4,

    /// <summary>One group is taken out of the configuration, or put back.</summary>
    WithoutGroup = 5,

    /// <summary>How many actions are under way at once: changes nothing that one could see.</summary>
    BatchLimit = 6,

    /// <summary>A document with mistakes.</summary>
    Mistaken = 7,

    /// <summary>A document made from a version that no longer holds.</summary>
    Stale = 8,

    /// <summary>Not a document: back to an earlier version.</summary>
    RollBack = 9,
}

/// <summary>One edit.</summary>
/// <param name="Kind">What.</param>
/// <param name="Target">Which node, resource, group, limit or version back: any number.</param>
/// <param name="On">On or off.</param>
public sealed record DocumentEdit(EditKind Kind, int Target, bool On)
{
    /// <summary>One line for traces.</summary>
    public override string ToString() => $"{Kind} {Target} {(On ? "on" : "off")}";

    /// <summary>The document with the edit in it.</summary>
    /// <param name="document">What the operator found.</param>
    /// <param name="profile">The cluster.</param>
    public ConfigurationDocument Apply(ConfigurationDocument document, SimulationProfile profile) => Kind switch
    {
        EditKind.Maintenance => document with { Options = document.Options! with { MaintenanceMode = On ? true : null } },
        EditKind.NodeMaintenance => WithNode(document, profile, node => node with { Maintenance = On ? true : null }),
        EditKind.NodeStandby => WithNode(document, profile, node => node with { Standby = On ? true : null }),
        EditKind.ResourceMaintenance =>
            WithResource(document, resource => Meta(resource, meta => meta with { Maintenance = On ? true : null })),
        EditKind.Unmanaged =>
            WithResource(document, resource => Meta(resource, meta => meta with { IsManaged = On ? false : null })),
        EditKind.WithoutGroup => WithoutGroup(document, profile),
        EditKind.BatchLimit or EditKind.Stale => document with
        {
            Options = document.Options! with { BatchLimit = 10 + (Target % 20) },
        },
        EditKind.Mistaken => Spoil(document),
        EditKind.RollBack => document,
    };

    private ConfigurationDocument WithNode(
        ConfigurationDocument document, SimulationProfile profile, Func<ConfiguredNode, ConfiguredNode> change)
    {
        var index = Target % profile.Nodes;
        return document with { Nodes = document.Nodes.SetItem(index, change(document.Nodes[index])) };
    }

    private ConfigurationDocument WithResource(
        ConfigurationDocument document, Func<ConfiguredResource, ConfiguredResource> change)
    {
        var index = Target % document.Resources.Length;
        return document with { Resources = document.Resources.SetItem(index, change(document.Resources[index])) };
    }

    private static ConfiguredResource Meta(ConfiguredResource resource, Func<ResourceMeta, ResourceMeta> change) =>
        resource with { Meta = change(resource.Meta ?? new ResourceMeta()) };

    // The first group always stays, and whatever else refers to the one that goes, goes with it.
    private ConfigurationDocument WithoutGroup(ConfigurationDocument document, SimulationProfile profile)
    {
        var whole = profile.Document();
        if (profile.Groups.Length == 1) return document;
        var group = profile.Groups[1 + (Target % (profile.Groups.Length - 1))];
        var members = group.Resources.Select(resource => resource.Id).ToHashSet(StringComparer.Ordinal);
        if (!On)
        {
            return document.Resources.Any(one => members.Contains(one.Id)) ? document : whole with
            {
                Version = document.Version, Options = document.Options, Nodes = document.Nodes,
            };
        }

        return document with
        {
            Resources = document.Resources.RemoveAll(one => members.Contains(one.Id)),
            Groups = document.Groups.RemoveAll(one => one.Id == group.Id),
            Locations = document.Locations.RemoveAll(one => one.Resource == group.Id),
        };
    }

    private ConfigurationDocument Spoil(ConfigurationDocument document) => (Target % 3) switch
    {
        0 => document with { Options = document.Options! with { BatchLimit = -1 } },
        1 => document with { Resources = document.Resources.Add(document.Resources[0]) },
        _ => document with
        {
            Locations =
            [
                .. document.Locations,
                new ConfiguredLocation { Id = "nowhere", Resource = "nothing", Node = "nobody", Score = 1 },
            ],
        },
    };
}
