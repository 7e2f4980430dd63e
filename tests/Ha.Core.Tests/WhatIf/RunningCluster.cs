using System.Collections.Immutable;
using System.Text;
using Ha.Core.ClusterConfiguration;
using Ha.Core.Configuration;
using Ha.Core.Resources;
using Ha.Core.Transitions;
using Ha.Core.WhatIf;

namespace Ha.Core.Tests.WhatIf;

/// <summary>The reference cluster, with its service running on the preferred node: brought there by a walk.</summary>
internal sealed class RunningCluster
{
    private const string Vip = "192.168.1.100/24/eth0:0";

    public RunningCluster(params string[] nodes)
    {
        var group = new ResourceGroup
        {
            Id = Vip,
            PreferredNode = nodes[0],
            Resources =
            [
                new ResourceDefinition
                {
                    Id = Vip, Class = "builtin", Type = "vip",
                    Vip = new VirtualIp("192.168.1.100", 24, "eth0", "eth0:0", null),
                },
                new ResourceDefinition { Id = "haproxy", Class = "heartbeat", Type = "haproxy" },
            ],
        };
        Configuration = HaresourcesImport.Configure([group], [.. nodes], AutoFailback.On);
        State = SimulatedWalk.Run(Configuration, Empty(nodes), Empty(nodes)).End;
    }

    public ActiveConfiguration Configuration { get; }

    public ClusterState State { get; }

    /// <summary>All nodes up, nothing known of any resource.</summary>
    public static ClusterState Empty(params string[] nodes) => new()
    {
        Nodes = [.. nodes.Select((name, index) => new NodeSituation
        {
            Name = name, Presence = NodePresence.Member, IsCoordinator = index == 0,
            Resources = [.. new[] { Vip, "haproxy" }.Select(id =>
                new ResourceReport { Id = id, State = Contracts.ResourceState.Unknown })],
        })],
        HaveQuorum = true,
        Intents = ClusterIntents.None,
        At = new DateTimeOffset(2026, 11, 22, 3, 0, 0, TimeSpan.Zero),
    };

    /// <summary>Walks from the running cluster; the first supposition must be possible.</summary>
    public SimulatedWalk Walk(params Func<ClusterState, Supposition>[] suppositions)
    {
        var state = State;
        foreach (var suppose in suppositions)
        {
            var supposition = suppose(state);
            Assert.True(supposition.State is not null, supposition.Words);
            state = supposition.State;
        }

        return SimulatedWalk.Run(Configuration, State, state);
    }

    public Func<ClusterState, Supposition> Dies(string node) =>
        state => Supposition.NodeFails(Configuration, state, node);

    public Func<ClusterState, Supposition> Fails(string resource) =>
        state => Supposition.ResourceFails(Configuration, state, resource, node: null);

    public string Text(SimulatedWalk walk, string supposed) =>
        WalkText.Of(Configuration, walk, [supposed], "From the test", scores: false);
}
