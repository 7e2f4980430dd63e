using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>A real Heartbeat 3.0.6 as the peer.</summary>
public sealed class InteropTests(ITestOutputHelper output)
{
    private static readonly TimerProfile s_timers = new("interop", "200ms", "2000ms", "1000ms", "5000ms");
    /// <summary>What a busy machine may add.</summary>
    private const double BusyMs = 6000;

    private static readonly TimeSpan s_joining = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("auth 3\n3 md5 Hello!\n", "ucast eth0 OTHER", 25)]
    [InlineData("auth 1\n1 sha1 HeartbeatAndUs\n", "bcast eth0", 8)]
    public void HeartbeatAsPeer_EachCallsTheOtherActive_AndNoticesItsDeath(string keys, string medium, int seconds)
    {
        using var pair = new InteropPair(s_timers, keys, medium: null);
        foreach (var node in pair.Lab.Nodes)
        {
            var other = pair.Lab.Other(node).Address;
            ClusterFiles.UseMedia(node, medium.Replace("OTHER", other, StringComparison.Ordinal));
        }
        pair.Start();
        pair.WaitUntilBothAreActive(s_joining);

        var until = LabClock.Now + seconds * 1_000_000_000L;
        while (LabClock.Now < until)
        {
            Assert.True(pair.BothAreActive, $"{pair.Ours.Story}\n{pair.Heartbeat.Log}");
            LabClock.Pause(TimeSpan.FromSeconds(1));
        }
        Assert.DoesNotContain(pair.HeartbeatComplaints, line => line.Contains("rexmit", StringComparison.Ordinal)
            || line.Contains("lost packet", StringComparison.OrdinalIgnoreCase)
            || line.Contains("Late heartbeat", StringComparison.Ordinal));
        output.WriteLine(string.Join('\n', pair.HeartbeatComplaints));

        AssertNoticesOurDeath(pair);
        AssertWeNoticeTheirs(pair);
    }

    private static void AssertNoticesOurDeath(InteropPair pair)
    {
        var from = LabClock.Now;
        Assert.Equal(1, pair.Ours.Node.Kill(HaNode.AgentProcess));
        LabClock.WaitUntil(() => pair.Heartbeat.StatusOf("s1") == "dead", s_joining, () => pair.Heartbeat.Log);
        Assert.InRange(LabClock.Milliseconds(from, LabClock.Now), 0, s_timers.DeadtimeSpan.TotalMilliseconds + BusyMs);

        pair.Ours.StartAgent();
        pair.WaitUntilBothAreActive(s_joining);
    }

    private static void AssertWeNoticeTheirs(InteropPair pair)
    {
        var from = LabClock.Now;
        pair.Heartbeat.Kill();
        LabClock.WaitUntil(() => pair.Ours.View("s2")?.State == NodeState.Dead, s_joining, () => pair.Ours.Story);
        // In the first seconds of its life, and of ours, Heartbeat announces two seconds more.
        Assert.InRange(LabClock.Milliseconds(from, LabClock.Now), 0, s_timers.DeadtimeSpan.TotalMilliseconds + BusyMs);
    }
}
