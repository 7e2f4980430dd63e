using System.Collections.Immutable;
using Ha.Core.Fencing;
using Ha.Core.Membership;
using Ha.Core.Policy.Model;
using Ha.Core.Time;
using Ha.Tests;

namespace Ha.Core.Tests.Membership;

[Collection(MeasuredAlone.Name)]
public sealed class QuorumTests
{
    private static readonly MonotonicTime Start = new(1_000_000);

    private static ImmutableArray<string> Nodes(int count) => [.. Enumerable.Range(1, count).Select(n => $"s{n}")];

    private static MembershipView View(params int[] members) =>
        new(new ViewId(1, 0), [.. members.Select(node => new Member(node, 5))]);

    private static Quorum Of(int nodes, bool waitForAll = false, params int[] votes) =>
        new(Nodes(nodes), [.. votes], waitForAll, seenFullView: false);

    private static bool Has(Quorum quorum, params int[] members)
    {
        quorum.Update(View(members), Start);
        return quorum.HaveQuorum;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 3)]
    [InlineData(15, 8)]
    [InlineData(16, 9)]
    public void MoreThanHalfOfAllConfiguredVotes_IsNeeded(int nodes, int needed)
    {
        Assert.Equal(needed, Of(nodes).Needed);
        Assert.True(Has(Of(nodes), [.. Enumerable.Range(0, needed)]));
        if (needed > 1) Assert.False(Has(Of(nodes), [.. Enumerable.Range(0, needed - 1)]));
    }

    [Fact]
    public void HalfOfFour_IsATie_AndNeitherHalfHasQuorum()
    {
        var quorum = Of(4);
        Assert.False(Has(quorum, 0, 1));
        Assert.Equal("2 of 4 votes is a tie: 3 are needed; missing s3, s4", quorum.Why);
        Assert.False(Has(Of(4), 2, 3));
    }

    [Fact]
    public void AnyTwoDisjointViews_AreNeverBothQuorate()
    {
        for (var nodes = 3; nodes <= 8; nodes++)
        {
            for (var members = 1; members < (1 << nodes) - 1; members++)
            {
                var side = Enumerable.Range(0, nodes).Where(node => (members >> node & 1) != 0).ToArray();
                var other = Enumerable.Range(0, nodes).Except(side).ToArray();
                Assert.False(Has(Of(nodes), side) && Has(Of(nodes), other), $"{nodes} nodes, {members:b}");
            }
        }
    }

    [Fact]
    public void VotesAreWeighed_AndANodeMayHaveNone()
    {
        Assert.True(Has(Of(3, false, 3, 1, 1), 0));
        Assert.False(Has(Of(3, false, 3, 1, 1), 1, 2));
        Assert.False(Has(Of(3, false, 1, 1, 0), 0, 2));
        // A pair of unequal nodes is no pair: the one with more votes has the majority.
        Assert.True(Has(Of(2, false, 2, 1), 0));
        Assert.False(Has(Of(2, false, 2, 1), 1));
    }

    [Fact]
    public void VotesThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Of(3, false, 1, 1));
        Assert.Throws<ArgumentException>(() => Of(2, false, 0, 0));
        Assert.Throws<ArgumentException>(() => Of(2, false, -1, 2));
        Assert.Throws<ArgumentException>(() => Of(2, false, 1, 101));
    }

    [Fact]
    public void WithoutAView_ThereIsNoQuorum() =>
        Assert.Equal((false, "this node is in no view yet"), (Of(2).HaveQuorum, Of(2).Why));

    [Fact]
    public void PairThatBootsAlone_WaitsForAll_ThenOneOfItIsEnough()
    {
        var quorum = Of(2, waitForAll: true);
        Assert.False(Has(quorum, 0));
        Assert.Equal("waiting for all: since it booted, this node has not met s2", quorum.Why);
        Assert.True(Has(quorum, 0, 1));
        Assert.True(Has(quorum, 0));
        Assert.Equal("one of two nodes: the authority table decides about s2", quorum.Why);
    }

    [Fact]
    public void MajorityThatBootsWithoutOne_WaitsForAll_WhenThatIsWanted()
    {
        var quorum = Of(3, waitForAll: true);
        Assert.False(Has(quorum, 0, 1));
        Assert.True(Has(quorum, 0, 1, 2));
        Assert.True(Has(quorum, 0, 1));
        Assert.False(Has(quorum, 0));
    }

    [Fact]
    public void OperatorSaysStartAlone_WaitsNoLonger()
    {
        var quorum = Of(2, waitForAll: true);
        Has(quorum, 0);
        Assert.True(quorum.StartAlone(Start));
        Assert.True(quorum.HaveQuorum);
        Assert.False(quorum.StartAlone(Start));
    }

    [Fact]
    public void AgentRestartsInTheSameBoot_RemembersThatAllHaveMet() =>
        Assert.True(Has(new Quorum(Nodes(2), [], waitForAll: true, seenFullView: true), 1));

    [Fact]
    public void Loss_IsDatedFromTheViewThatLostIt()
    {
        var quorum = Of(3);
        quorum.Update(View(0, 1, 2), Start);
        Assert.Equal(MonotonicTime.Never, quorum.LostAt);
        var lost = Start + TimeSpan.FromSeconds(5);
        Assert.True(quorum.Update(View(0), lost));
        Assert.Equal(lost, quorum.LostAt);
        Assert.False(quorum.Update(View(0), lost + TimeSpan.FromSeconds(1)));
        Assert.Equal(lost, quorum.LostAt);
        quorum.Update(View(0, 1), lost + TimeSpan.FromSeconds(2));
        Assert.Equal(MonotonicTime.Never, quorum.LostAt);
    }

    [Fact]
    public void UnchangedView_AllocatesNothing()
    {
        var quorum = Of(3);
        var view = View(0, 1, 2);
        quorum.Update(view, Start);
        var now = Start;
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 1000; i++) quorum.Update(view, now += TimeSpan.FromMilliseconds(1));
        }));
    }

    [Fact]
    public void NoQuorumPolicy_SaysByWhenTheOthersMayGoOn()
    {
        var deadtime = TimeSpan.FromSeconds(5);
        var watched = new SafetySettings
        {
            Watchdog = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)),
        };
        var quiet = SelfFencing.GoneWithin(watched.AuthorityValidity, watched.Watchdog);
        Assert.Equal((NoQuorumDemand.StopAll, quiet, deadtime), Times(NoQuorumPolicy.Stop, watched));
        Assert.Equal((NoQuorumDemand.FenceSelf, quiet, deadtime), Times(NoQuorumPolicy.Fence, watched));
        Assert.Equal((NoQuorumDemand.Freeze, null, null), Times(NoQuorumPolicy.Freeze, watched));
        Assert.Equal((NoQuorumDemand.GoOn, null, TimeSpan.Zero), Times(NoQuorumPolicy.Ignore, watched));
        Assert.Equal((NoQuorumDemand.StopAll, null, null), Times(NoQuorumPolicy.Stop, new()));
        Assert.Equal((NoQuorumDemand.StopAll, null, null), Times(NoQuorumPolicy.Fence, new()));

        (NoQuorumDemand, TimeSpan?, TimeSpan?) Times(NoQuorumPolicy policy, SafetySettings safety)
        {
            var rule = NoQuorum.Of(policy, safety, deadtime);
            Assert.NotEmpty(rule.Sentence);
            return (rule.Demand, rule.QuietWithin, rule.RecoverAfter);
        }
    }
}
