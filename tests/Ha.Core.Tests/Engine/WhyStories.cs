using Ha.Core.Configuration;
using Ha.Core.Contracts;
using static Ha.Core.Tests.Engine.StoryCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>
/// What an operator reads in <c>ha-agent events</c> at 3 a.m.: one sentence a transition that says what triggered it,
/// where each group belongs now, and why.
/// </summary>
public sealed class WhyStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void ColdStart_ThenDeathOfThePreferredNode_ThenItsReturn()
    {
        var cluster = Running();
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => Serves(cluster, "s2"), 5 * Second);
        cluster["s1"].Start();
        cluster.RunUntil(() => Serves(cluster, "s1"), 5 * Second);

        Assert.Equal(
            [
                "the cluster begins with s1 and s2; so G is started on s1, because s1 is the preferred node",
                "s1 is dead: it was silent for 400 ms on ucast eth0 peer (deadtime 400 ms); "
                    + "so G is started on s2, because only s2 is left: s1 is the preferred node but is dead",
                "s1 joined s2; so G moves from s2 to s1, because s1 is the preferred node",
            ],
            Why(cluster));
    }

    [Fact]
    public void StandbyAndOnline_ByWhom()
    {
        var cluster = Running();
        cluster["s2"].Ask(Command(CommandKind.Standby, "s1"));
        cluster.RunUntil(() => Serves(cluster, "s2"), 5 * Second);
        cluster["s2"].Ask(Command(CommandKind.Standby, "s2"));
        cluster.Run(Second);
        cluster["s2"].Ask(Command(CommandKind.Online, "s1"));
        cluster.RunUntil(() => Serves(cluster, "s1"), 5 * Second);

        // The clean-up that belongs to online looks at everything again: what was planned before is planned anew.
        Assert.Equal(
            [
                "root (cli) asked: standby s1 (all); so G moves from s1 to s2, "
                    + "because only s2 is left: s1 is the preferred node and runs it now but is in standby",
                "root (cli) asked: online s1; so G moves from s2 to s1, because s1 is the preferred node",
            ],
            Why(cluster).Skip(1).Distinct());
    }

    [Fact]
    public void StandbyOfTheLastNode_IsRefusedWithWhatToDoFirst()
    {
        var cluster = Running();
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => Serves(cluster, "s2"), 5 * Second);
        cluster["s2"].Ask(Command(CommandKind.Standby, "s2"));
        cluster.Run(Second);

        Assert.Equal("no other node could take over from s2: the service would stop. Bring another node online first",
            cluster["s2"].LastAnswer!.Rejection!.Detail);
        Assert.Equal("root (cli) asked: standby s2 (all) (kernel update); refused: no other node could take over from "
            + "s2: the service would stop. Bring another node online first", Assert.Single(Refusals(cluster)));
    }

    [Fact]
    public void RefusedCommands_AreToldABitAtATime_AndTheRestIsCounted()
    {
        var cluster = Running();
        for (var i = 0; i < 500; i++)
        {
            cluster["s1"].Ask(Command(CommandKind.Move, "s1") with
            {
                Group = $"\u001b[2J{new string('x', 9000)}", To = "s2",
            });
        }

        cluster.Run(Second);
        Assert.Equal(10, Refusals(cluster).Count);
        Assert.All(Refusals(cluster), sentence =>
        {
            Assert.InRange(sentence.Length, 1, 1200);
            Assert.DoesNotContain(sentence, static letter => char.IsControl(letter));
        });

        cluster.Run(60 * Second);
        cluster["s1"].Ask(Command(CommandKind.Online, "s9"));
        Assert.EndsWith("; 490 more were refused before this one", Refusals(cluster)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void MonitorFails_OnEitherNode_RestartedInPlace_AndAwayAtTheThirdTime()
    {
        var cluster = Running();
        cluster["s1"].Fate = run => run.Kind == OperationKind.Monitor && run.Resource.Id == Proxy
            && cluster.Now.Microseconds > 10_000_000 ? OperationOutcome.NotRunning : null;
        cluster.RunUntil(() => Serves(cluster, "s2"), 60 * Second);

        Assert.All(Why(cluster).Skip(1).SkipLast(1), sentence => Assert.Equal(
            "on s1, monitor of haproxy found it not running; so haproxy is restarted on s1, "
                + "because s1 is the preferred node and runs it now", sentence));
        Assert.Equal("on s1, monitor of haproxy found it not running; so G moves from s1 to s2, because only s2 is "
            + "left: s1 is the preferred node and runs it now but has seen haproxy fail 3 times "
            + "(migration-threshold 3)",
            Why(cluster)[^1]);
        Assert.Contains("the plan is given up and made anew, because on s1, monitor of haproxy found it not running",
            Sentences(cluster, EventKind.TransitionAborted));
    }

    [Fact]
    public void StartFailsWhereItWasMovedTo_TheGroupIsToldToBeIncomplete_NotActive()
    {
        var cluster = Running();
        cluster["s2"].Fate = run => run.Kind == OperationKind.Start && run.Resource.Id == Proxy
            ? OperationOutcome.Failed : null;
        cluster["s2"].Ask(Command(CommandKind.Standby, "s1"));
        cluster.Run(10 * Second);

        Assert.Equal("on s2, start of haproxy failed; so haproxy is stopped on s2, because no node can run haproxy: "
            + "s1 is in standby; s2 may run it still but could not run haproxy (start of haproxy failed)",
            Why(cluster)[^1]);
        Assert.Equal("group G runs on s2 without haproxy", Sentences(cluster, EventKind.GroupFailed)[^1]);
    }

    [Fact]
    public void GracefulStopOfTheOtherNode_SaysThatItIsBeingStopped()
    {
        var cluster = Running();
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => Serves(cluster, "s2"), 5 * Second);
        cluster["s1"].Start();
        cluster.RunUntil(() => Serves(cluster, "s1"), 5 * Second);
        cluster["s1"].Stop();
        cluster.RunUntil(() => Serves(cluster, "s2"), 5 * Second);

        Assert.Equal("s1 is being stopped; so G moves from s1 to s2, "
            + "because only s2 is left: s1 is the preferred node and runs it now but is leaving", Why(cluster)[^1]);
    }

    [Fact]
    public void ThreeNodesOneCutOff_TheMinoritySaysThatItHasNoQuorum()
    {
        var cluster = new StoryCluster(AutoFailback.On, "s1", "s2", "s3");
        cluster.StartAll();
        cluster.RunUntil(() => Serves(cluster, "s1"), 5 * Second);
        cluster.Run(Second);
        cluster.CutBoth("s1", "s2");
        cluster.CutBoth("s1", "s3");
        cluster.RunUntil(() => Serves(cluster, "s2"), 5 * Second);

        var told = Why(cluster);
        Assert.Contains("s2 and s3 are dead: nothing is heard of them; so G is stopped on s1, because there is no "
            + "quorum: only s1 of 3 nodes is here, and no-quorum-policy is stop", told);
        Assert.Contains("s1 is dead: it was silent for 400 ms on ucast eth0 peer (deadtime 400 ms); so G is started "
            + "on s2, because s2 is as good as s3; s1 is the preferred node but is dead", told);
    }

    // What all nodes told of transitions, in order of time; the group's long name shortened.
    private static List<string> Why(StoryCluster cluster) => Sentences(cluster, EventKind.TransitionStarted);

    private static List<string> Refusals(StoryCluster cluster) => Sentences(cluster, EventKind.CommandRefused);

    private static List<string> Sentences(StoryCluster cluster, EventKind kind) =>
        [.. cluster.Names.SelectMany(name => cluster[name].Events)
            .Where(one => one.Kind == kind)
            .OrderBy(one => one.At)
            .Select(one => one.Sentence.Replace(Group, "G", StringComparison.Ordinal))];

    private static StoryCluster Running()
    {
        var cluster = new StoryCluster(AutoFailback.On);
        cluster.StartAll();
        cluster.RunUntil(() => Serves(cluster, "s1"), 5 * Second);
        cluster.Run(Second);
        return cluster;
    }

    private static bool Serves(StoryCluster cluster, string node) =>
        cluster.HoldersOf(Group).SequenceEqual([node]) && cluster.HoldersOf(Proxy).SequenceEqual([node])
            && cluster[node].Snapshot.Transition is null;

    private static OperatorCommand Command(CommandKind kind, string? node = null) => new()
    {
        Id = Guid.NewGuid().ToString("N"), Kind = kind, Node = node, Actor = "root (cli)", Reason = "kernel update",
    };
}
