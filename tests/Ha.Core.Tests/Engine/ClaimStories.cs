using Ha.Core.Contracts;
using static Ha.Core.Tests.Engine.StoryCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>Whether the others see on the link who holds a virtual IP.</summary>
public sealed class ClaimStories
{
    private const string Own = "02:00:00:00:00:01";
    private const string Stranger = "02:00:00:00:00:99";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static StoryCluster Serving(params string[] names)
    {
        var cluster = new StoryCluster(names: names);
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(Proxy), 5 * Second);
        cluster.Run(Second);
        cluster["s1"].Sees(Group, Own, own: true);
        return cluster;
    }

    private static int Announcements(StoryCluster cluster) =>
        cluster["s1"].Operations.Count(one => one.Text == $"Announce {Group}");

    private static ClusterEvent? Told(StoryCluster cluster, EventKind kind) =>
        cluster["s1"].Events.SingleOrDefault(one => one.Kind == kind);

    [Fact]
    public void PeerSeesTheClaim_NothingHappens()
    {
        var cluster = Serving();
        cluster["s2"].Sees(Group, Own);
        cluster.Run(60 * Second);
        Assert.Equal(0, Announcements(cluster));
        Assert.Null(Told(cluster, EventKind.AddressUnconfirmed));
    }

    [Theory]
    [InlineData(Stranger, "s2 sees " + Stranger)]
    [InlineData("", "s2 gets no answer for it")]
    public void NoPeerSeesTheClaim_ItIsAnnouncedAgainAFewTimes_AndToldOnce(string seen, string words)
    {
        var cluster = Serving();
        cluster["s2"].Sees(Group, seen);
        cluster.Run(Second);
        Assert.Equal(0, Announcements(cluster));
        cluster.Run(2 * Second);
        Assert.Equal(1, Announcements(cluster));
        var alarm = Told(cluster, EventKind.AddressUnconfirmed);
        Assert.Equal((EventSeverity.Error, Group), (alarm!.Severity, alarm.Subject));
        Assert.Contains(words, alarm.Sentence, StringComparison.Ordinal);

        cluster.Run(120 * Second);
        Assert.Equal(3, Announcements(cluster));
        Assert.NotNull(Told(cluster, EventKind.AddressUnconfirmed));

        cluster["s2"].Sees(Group, Own);
        cluster.Run(Second);
        Assert.NotNull(Told(cluster, EventKind.AddressConfirmed));
    }

    [Fact]
    public void OneOfTwoPeersSeesTheClaim_ItIsConfirmed()
    {
        var cluster = Serving("s1", "s2", "s3");
        cluster["s2"].Sees(Group, Stranger);
        cluster["s3"].Sees(Group, Own);
        cluster.Run(30 * Second);
        Assert.Equal(0, Announcements(cluster));
        Assert.Null(Told(cluster, EventKind.AddressUnconfirmed));
    }

    [Fact]
    public void NobodyIsThereWhoCouldSeeIt_NoAlarm()
    {
        var cluster = Serving();
        // It shares no link with the address.
        cluster["s2"].Sees(Group, null);
        cluster.Run(10 * Second);
        cluster["s2"].Sees(Group, Stranger);
        cluster.Run(Second);
        cluster["s2"].PowerOff();
        cluster.Run(60 * Second);
        Assert.Null(Told(cluster, EventKind.AddressUnconfirmed));
        Assert.Equal(0, Announcements(cluster));
    }

    [Fact]
    public void AddressMovesToTheOtherNode_TheFormerHoldersClaimIsForgotten()
    {
        var cluster = Serving();
        cluster["s2"].Sees(Group, Stranger);
        cluster.Run(Second);
        cluster["s1"].Ask(new OperatorCommand
        {
            Id = "1", Kind = CommandKind.Standby, Node = "s1", Actor = "test", Reason = "test",
        });
        cluster.RunUntil(() => cluster["s2"].Runs(Proxy), 5 * Second);
        cluster["s2"].Sees(Group, "02:00:00:00:00:02", own: true);
        cluster["s1"].Sees(Group, "02:00:00:00:00:02");
        cluster.Run(60 * Second);
        Assert.Null(Told(cluster, EventKind.AddressUnconfirmed));
        Assert.DoesNotContain(cluster["s2"].Events, one => one.Kind == EventKind.AddressUnconfirmed);
    }
}
