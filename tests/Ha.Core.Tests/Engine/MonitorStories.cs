using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;
using static Ha.Core.Tests.Engine.HaproxyCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>What each node does to its own resources by itself: HAProxy and the address are watched each second.</summary>
public sealed class MonitorStories
{
    private static List<MonotonicTime> Times(StoryCluster cluster, string operation) =>
        [.. cluster["s1"].Operations.Where(one => one.Text == operation).Select(one => one.At)];

    [Fact]
    public void RunningResources_AreWatchedEachInterval_AndAnEighthLaterAtMost_NotAllAtOnce()
    {
        var cluster = Warm();
        cluster.Run(20 * Second);

        string[] watched = [$"Monitor {Haproxy}", $"Monitor {Address}"];
        var pauses = watched.Select(operation =>
        {
            var times = Times(cluster, operation);
            Assert.True(times.Count >= 18, $"{operation}: {times.Count} times in 20 s");
            return times.Zip(times.Skip(1), (one, next) => next - one).TakeLast(10).ToList();
        }).ToList();
        Assert.All(pauses.SelectMany(one => one),
            pause => Assert.InRange(pause, Second, Second * 1.125 + TimeSpan.FromMilliseconds(21)));
        Assert.NotEqual(pauses[0].Average(one => one.TotalMilliseconds), pauses[1].Average(one => one.TotalMilliseconds),
            tolerance: 1);
    }

    [Fact]
    public void MonitorHangs_WhatIsOrderedMeanwhileWaitsForItsEnd()
    {
        var cluster = Warm();
        cluster["s1"].Fate = run => run.Resource.Id == Haproxy && run.Kind == OperationKind.Monitor
            ? OperationOutcome.TimedOut : null;
        var before = Times(cluster, $"Monitor {Haproxy}").Count;
        cluster.RunUntil(() => Times(cluster, $"Monitor {Haproxy}").Count > before, Long);
        var begun = cluster.Now;

        cluster["s1"].Ask(Ask(CommandKind.Standby));
        cluster.RunUntil(() => !cluster["s1"].Runs(Haproxy), Long);

        Assert.True(Times(cluster, $"Stop {Haproxy}")[0] - begun >= 4 * Second, cluster.Story.ToString());
        Assert.Equal(["s2"], cluster.HoldersOf(Address));
    }

    [Fact]
    public void FailuresAreForgottenAfterTheirTime_AndTheNodeServesAgain()
    {
        var cluster = Warm();
        cluster["s1"].BreakHaproxy();
        cluster["s1"].TakeAway(Haproxy);
        cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
        cluster["s1"].Fate = _ => null;

        cluster.Run(TimeSpan.FromMinutes(4));
        Assert.Equal(["s2"], cluster.HoldersOf(Address));
        cluster.RunUntil(() => cluster["s1"].Runs(Address), TimeSpan.FromMinutes(3));
        Assert.Equal(["s1"], cluster.HoldersOf(Address));
    }

    [Fact]
    public void CleanedUp_WhatRunsIsLookedForAnew_AndTheNodeServesAgainAtOnce()
    {
        var cluster = Warm();
        cluster["s1"].BreakHaproxy();
        cluster["s1"].TakeAway(Haproxy);
        cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
        cluster.Run(2 * Second);
        cluster["s1"].Fate = _ => null;
        var probes = Times(cluster, $"Probe {Haproxy}").Count;

        cluster["s2"].Ask(Ask(CommandKind.Cleanup));
        cluster.RunUntil(() => cluster["s1"].Runs(Address), Long);

        Assert.True(Times(cluster, $"Probe {Haproxy}").Count > probes, cluster.Story.ToString());
    }
}
