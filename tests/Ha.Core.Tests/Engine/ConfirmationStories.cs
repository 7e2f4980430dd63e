using System.Collections.Immutable;
using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Policy.Model;
using static Ha.Core.Tests.Engine.StoryCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>An operator confirms that a lost node is off, because no fence device can say so.</summary>
public sealed class ConfirmationStories
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public void LostNodeThatCannotBeFenced_IsRecoveredOnTheWordOfAnOperator()
    {
        var cluster = Lost();
        Assert.Empty(cluster.HoldersOf(Proxy));

        Confirm(cluster, generation: null);
        cluster.RunUntil(() => cluster["s2"].Runs(Proxy), Long);

        Assert.Contains(cluster["s2"].Events, one => one is
            { Kind: EventKind.FencingNeedsAttention, Severity: EventSeverity.Critical }
            && one.Sentence.StartsWith("anna confirmed that s1 (generation ", StringComparison.Ordinal));
    }

    [Fact]
    public void WrongLifeNamed_IsRefused()
    {
        var cluster = Lost();

        Confirm(cluster, generation: 99);

        Assert.Equal(RejectionCode.WrongBelief, cluster["s2"].LastAnswer!.Rejection!.Code);
        Assert.Contains("heard last is generation", cluster["s2"].LastAnswer!.Rejection!.Detail,
            StringComparison.Ordinal);
        Assert.Empty(cluster.HoldersOf(Proxy));
    }

    [Fact]
    public void NodeThatIsHeard_CannotBeConfirmedOff()
    {
        var cluster = Running();

        Confirm(cluster, generation: null);

        Assert.Contains("it is not off", cluster["s2"].LastAnswer!.Rejection!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void NoGenerationNamed_IsRefused()
    {
        var cluster = Lost();

        cluster["s2"].Ask(Ask() with { Generation = null });

        Assert.Equal(RejectionCode.Malformed, cluster["s2"].LastAnswer!.Rejection!.Code);
    }

    [Fact]
    public void NothingFencesHere_ThereIsNothingToConfirm()
    {
        var cluster = new StoryCluster();
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s2"].Snapshot.View?.Members.Length == 2, Long);

        Confirm(cluster, generation: null);

        Assert.Contains("not fenced in this cluster", cluster["s2"].LastAnswer!.Rejection!.Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ConfirmedLifeIsHeardAgain_TheConfirmationIsVoid()
    {
        var cluster = Running();
        cluster.FenceFate = (_, _) => FenceOutcome.Failed;
        cluster.CutBoth("s1", "s2");
        cluster.RunUntil(() => cluster["s2"].Snapshot.Nodes[0].State == NodeState.Dead, Long);
        Confirm(cluster, generation: null);
        Assert.Null(cluster["s2"].LastAnswer!.Rejection);

        cluster.HealAll();
        cluster.RunUntil(() => cluster["s2"].Events.Any(one => one.Kind == EventKind.FencingNeedsAttention
            && one.Sentence.Contains("the confirmation is void", StringComparison.Ordinal)), Long);
    }

    // Its machine is off, and its fence device does not answer.
    private static StoryCluster Lost()
    {
        var cluster = Running();
        cluster.FenceFate = (_, _) => FenceOutcome.Failed;
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => cluster["s2"].Snapshot.Nodes[0].State == NodeState.Dead, Long);
        cluster.Run(TimeSpan.FromSeconds(20));
        return cluster;
    }

    private static StoryCluster Running()
    {
        var cluster = new StoryCluster { Reconfigure = Fenced };
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(Proxy), Long);
        cluster.Run(TimeSpan.FromSeconds(1));
        return cluster;
    }

    private static void Confirm(StoryCluster cluster, uint? generation) => cluster["s2"].Ask(Ask() with
    {
        Generation = generation ?? (uint)cluster["s2"].Snapshot.Nodes[0].Generation,
    });

    private static OperatorCommand Ask() => new()
    {
        Id = Guid.NewGuid().ToString("N"), Kind = CommandKind.ConfirmOff, Node = "s1", Actor = "anna",
    };

    private static ActiveConfiguration Fenced(ActiveConfiguration configuration) => configuration with
    {
        Model = configuration.Model with
        {
            Options = configuration.Model.Options with { FencingEnabled = true, NoQuorumPolicy = NoQuorumPolicy.Ignore },
        },
        Safety = new SafetySettings
        {
            WaitForAll = true,
            Devices =
            [
                new FenceDevice
                {
                    Id = "bmc", Agent = "fence_dummy", Timeout = TimeSpan.FromSeconds(5),
                    Plugs = configuration.Model.Nodes.ToImmutableSortedDictionary(node => node.Name, node => node.Name),
                },
            ],
        },
    };
}
