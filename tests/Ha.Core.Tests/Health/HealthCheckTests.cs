using Ha.Core.Contracts;
using Ha.Core.Health;
using Ha.Core.Time;

namespace Ha.Core.Tests.Health;

/// <summary>One check, look by look, in virtual time.</summary>
public class HealthCheckTests
{
    private static readonly CheckDefinition Web = new()
    {
        Id = "web", Kind = CheckKind.Http, Interval = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromMilliseconds(500),
        Rise = 2, Fall = 3, HoldDown = TimeSpan.FromSeconds(10),
    };

    private MonotonicTime now = new(5_000_000);

    [Fact]
    public void NothingIsKnown_OneGoodLookMakesItHealthy_AndThreeBadOnesUnhealthy()
    {
        var good = new HealthCheck(Web, now);
        var bad = new HealthCheck(Web, now);

        Assert.Equal((CheckState.Unknown, CheckVerdict.None), (good.State, good.Verdict));
        Assert.Equal("is healthy: fine", Look(good, "+")!.Story);
        Assert.Null(Look(bad, "-"));
        Assert.Null(Look(bad, "-"));
        Assert.Equal("has failed 3 times: no answer", Look(bad, "-")!.Story);
        Assert.Equal(CheckState.Unhealthy, bad.State);
    }

    [Theory]
    [InlineData(CheckStart.Healthy, CheckState.Healthy, "---", CheckState.Unhealthy)]
    [InlineData(CheckStart.Healthy, CheckState.Healthy, "--", CheckState.Failing)]
    [InlineData(CheckStart.Unhealthy, CheckState.Unhealthy, "+", CheckState.Recovering)]
    [InlineData(CheckStart.Unhealthy, CheckState.Unhealthy, "++", CheckState.Healthy)]
    public void StartAs_IsWhatItCountsAs_UntilItHasLookedOftenEnough(
        CheckStart start, CheckState begin, string looks, CheckState end)
    {
        var check = new HealthCheck(Web with { StartAs = start }, now);
        Assert.Equal(begin, check.State);

        Look(check, looks);

        Assert.Equal(end, check.State);
    }

    [Fact]
    public void OnlyLooksInARowCount_AndOneGlitchChangesNothingThatMatters()
    {
        var check = new HealthCheck(Web, now);
        Look(check, "+");

        Assert.False(Look(check, "-")!.IsVerdict);
        Assert.Equal("no answer", check.Detail);
        Look(check, "-");
        Assert.False(Look(check, "+")!.IsVerdict);
        Assert.Equal("fine", check.Detail);
        Assert.Null(Look(check, "--+--+--")?.IsVerdict is true ? "verdict" : null);
        Assert.Equal((CheckState.Failing, CheckVerdict.Healthy), (check.State, check.Verdict));
        Assert.True(Look(check, "-")!.IsVerdict);
        Look(check, "+");
        Assert.Equal((CheckState.Recovering, CheckVerdict.Unhealthy), (check.State, check.Verdict));
        Look(check, "-");
        Assert.Equal(CheckState.Unhealthy, check.State);
        Assert.Equal("is healthy again, it was well 2 times: fine", Look(check, "++")!.Story);
    }

    [Fact]
    public void NextLook_ComesAnIntervalAfterTheBeginOfTheLast_AndNeverBeforeItsEnd()
    {
        var check = new HealthCheck(Web, now);
        Assert.True(check.IsDue(now));
        check.Begin(now);
        Assert.False(check.IsDue(now + TimeSpan.FromHours(1)));
        Assert.Equal(MonotonicTime.Never, check.NextDeadline);
        check.Complete(true, "", now + TimeSpan.FromMilliseconds(300));
        Assert.Equal(now + TimeSpan.FromSeconds(1), check.NextDeadline);

        now = check.NextDeadline;
        check.Begin(now);
        check.Complete(false, "", now + TimeSpan.FromSeconds(7));
        Assert.Equal(now + TimeSpan.FromSeconds(7), check.NextDeadline);
    }

    [Fact]
    public void WhatComesAndGoes_IsHeldDown_TwiceAsLongEachTime_UpToABound()
    {
        var check = new HealthCheck(Web, now);
        Look(check, "+---++");
        var holds = new List<long>();
        for (var flap = 0; flap < 7; flap++)
        {
            var change = Look(check, "---")!;
            Assert.Equal(CheckState.Flapping, change.After);
            Assert.Contains("is flapping: 3s after it had recovered it has failed 3 times: no answer; it counts as "
                + "unhealthy for ", change.Story, StringComparison.Ordinal);
            var begin = now;
            while (check.State != CheckState.Healthy)
            {
                Assert.Equal(CheckState.Flapping, check.State);
                Look(check, "+");
            }

            // The change is found by the first look after the end, and looks come each second.
            holds.Add((now - begin).Ticks / TimeSpan.TicksPerSecond);
        }

        Assert.Equal([10, 20, 40, 80, 160, 160, 160], holds);
    }

    [Fact]
    public void StableForLong_TakesTheGrowthBack()
    {
        var check = new HealthCheck(Web, now);
        Look(check, "+---++");
        for (var flap = 0; flap < 2; flap++)
        {
            Look(check, "---");
            while (check.State != CheckState.Healthy) Look(check, "+");
        }

        // Held down for 20 s the last time; after 80 s it is one doubling less, after 40 more none, after 20 more new.
        Look(check, new string('+', 119));
        Assert.Contains("unhealthy for 10s at least", Look(check, "---")!.Story, StringComparison.Ordinal);
        while (check.State != CheckState.Healthy) Look(check, "+");
        Look(check, new string('+', 40 + 20));
        Assert.Equal("has failed 3 times: no answer", Look(check, "---")!.Story);
        Assert.Equal(CheckState.Unhealthy, check.State);
    }

    [Fact]
    public void WithoutHoldDown_NothingFlaps()
    {
        var check = new HealthCheck(Web with { HoldDown = TimeSpan.Zero }, now);
        for (var i = 0; i < 20; i++)
        {
            Look(check, "---");
            Assert.Equal(CheckState.Unhealthy, check.State);
            Look(check, "++");
            Assert.Equal(CheckState.Healthy, check.State);
        }
    }

    [Fact]
    public void OwnPause_IsNotBlamedOnWhatWasLookedAt()
    {
        var check = new HealthCheck(Web with { Fall = 1 }, now);
        Look(check, "+");
        check.Begin(now);
        check.ForgivePause();
        Assert.Null(check.Complete(false, "no answer in 500 ms", now + TimeSpan.FromSeconds(30)));
        Assert.Equal(CheckState.Healthy, check.State);

        now += TimeSpan.FromSeconds(30);
        Assert.Equal(CheckState.Unhealthy, Look(check, "-")!.After);
    }

    [Fact]
    public void WhereTheGroupIsActive_ItLooks_AndAfterwardsItIsHeldAgainstTheNodeForItsHoldDown()
    {
        var check = new HealthCheck(Web with { Where = CheckPlace.Active }, now);
        Assert.False(check.IsDue(now));
        Assert.Null(check.SetDuty(false, now));
        Assert.Equal(MonotonicTime.Never, check.NextDeadline);

        Assert.Null(check.SetDuty(true, now));
        Assert.True(check.IsDue(now));
        Look(check, "+---");
        Assert.Null(check.SetDuty(false, now));
        Assert.Equal(CheckVerdict.Unhealthy, check.Verdict);
        Assert.Equal(now + TimeSpan.FromSeconds(10), check.NextDeadline);
        now += TimeSpan.FromSeconds(10);
        Assert.Equal(CheckState.Unknown, check.SetDuty(false, now)!.After);

        // It comes back, and fails at once: longer the second time.
        check.SetDuty(true, now);
        Assert.Equal(CheckState.Flapping, Look(check, "---")!.After);
        check.SetDuty(false, now);
        now += TimeSpan.FromSeconds(9);
        Assert.Null(check.SetDuty(false, now));
        now += TimeSpan.FromSeconds(1);
        Assert.Equal(CheckState.Unknown, check.SetDuty(false, now)!.After);
        check.SetDuty(true, now);
        Look(check, "---");
        check.SetDuty(false, now);
        Assert.Equal(now + TimeSpan.FromSeconds(20), check.NextDeadline);
    }

    [Fact]
    public void HostileOutput_IsCutToOneShortLine()
    {
        var check = new HealthCheck(Web with { Fall = 1 }, now);
        check.Begin(now);
        var change = check.Complete(false, "evil\n\u001b[31m" + new string('x', 5000) + "\ud800", now)!;

        Assert.Equal("evil  [31m" + new string('x', HealthCheck.LongestDetail - 10) + "...", check.Detail);
        Assert.Equal("has failed once: " + check.Detail, change.Story);
    }

    // Each look takes no time; + is a good one, - a bad one. The last change is returned.
    private CheckChange? Look(HealthCheck check, string looks)
    {
        CheckChange? last = null;
        foreach (var look in looks)
        {
            now = MonotonicTime.Max(now, check.NextDeadline);
            Assert.True(check.IsDue(now));
            check.Begin(now);
            var change = check.Complete(look == '+', look == '+' ? "fine" : "no answer", now);
            if (change is { After: not CheckState.Flapping } or { IsVerdict: true }) last = change;
            else if (change is null) last = null;
        }

        return last;
    }
}
