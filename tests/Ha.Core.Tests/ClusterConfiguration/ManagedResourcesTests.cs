using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Resources;
using Ha.Core.Tests.Engine;

namespace Ha.Core.Tests.ClusterConfiguration;

/// <summary>Which resources a node leaves alone.</summary>
public sealed class ManagedResourcesTests
{
    private static readonly ResourceMeta s_unmanaged = new() { IsManaged = false };
    private static readonly ResourceMeta s_maintenance = new() { Maintenance = true };

    [Fact]
    public void NothingIsSaid_AllIsManaged() => Assert.True(Vip(document => document).IsManaged);

    [Fact]
    public void TheClusterIsInMaintenance_NothingIsManaged() =>
        Assert.False(Vip(document => document with
        {
            Options = new ConfiguredOptions { MaintenanceMode = true },
        }).IsManaged);

    [Fact]
    public void DefaultsOrGroupSayOtherwise_TheNearestWins()
    {
        Assert.False(Vip(document => document with { ResourceDefaults = s_unmanaged }).IsManaged);
        Assert.False(Vip(document => document with
        {
            Groups = [document.Groups[0] with { Meta = s_maintenance }],
        }).IsManaged);
        Assert.True(Vip(document => document with
        {
            ResourceDefaults = s_unmanaged,
            Groups = [document.Groups[0] with { Meta = new ResourceMeta { IsManaged = true } }],
        }).IsManaged);
    }

    [Fact]
    public void NodeIsInMaintenance_ItIsNamed()
    {
        var active = Compile(document => document with
        {
            Nodes = [new ConfiguredNode { Name = "s2", Maintenance = true }, new ConfiguredNode { Name = "s1" }],
        });
        Assert.Equal("s2", Assert.Single(active.NodesInMaintenance));
    }

    private static ResourceDefinition Vip(Func<ConfigurationDocument, ConfigurationDocument> change) =>
        Compile(change).Find(StoryCluster.Group)!;

    private static ActiveConfiguration Compile(Func<ConfigurationDocument, ConfigurationDocument> change) =>
        DocumentCompiler.Compile(change(new StoryCluster().Imported()), ["s1", "s2"]);
}
