using Ha.Core.Fencing;

namespace Ha.Core.Tests.Fencing;

/// <summary>The inequality of RELIABILITY.md 6.3, to the microsecond.</summary>
public sealed class SelfFencingTests
{
    private static TimeSpan Seconds(double seconds) => TimeSpan.FromMicroseconds((long)(seconds * 1_000_000));

    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    private static readonly WatchdogSettings TwoSeconds = new(Seconds(2), Seconds(1));

    private static readonly SafetySettings Sound = new()
    {
        Watchdog = TwoSeconds, AuthorityValidity = Seconds(1), HasArbiter = true, ArbiterLease = Seconds(10),
    };

    // (A + J + W + epsilon) * 1.0005 + 0.5 over 0.9995, rounded up to the microsecond.
    [Theory]
    [InlineData(1, 2, 1, 4_604_353)]
    [InlineData(1, 5, 1, 7_607_354)]
    [InlineData(2, 10, 2, 14_614_358)]
    [InlineData(0, 0, 0, 600_351)]
    public void ShortestTakeoverDelay_IsExact(double a, double w, double epsilon, long micros)
    {
        var watchdog = new WatchdogSettings(Seconds(w), Seconds(epsilon));
        var least = SelfFencing.LeastTakeoverDelay(Seconds(a), watchdog);
        Assert.Equal(TimeSpan.FromMicroseconds(micros), least);
        Assert.True(SelfFencing.Holds(least, Seconds(a), watchdog));
        Assert.False(SelfFencing.Holds(least - Microsecond, Seconds(a), watchdog));
    }

    [Theory]
    [InlineData(4.604353)]
    [InlineData(5)]
    [InlineData(30)]
    [InlineData(3599.999999)]
    public void LongestWatchdog_IsExact(double delay)
    {
        var longest = SelfFencing.LongestWatchdog(Seconds(delay), Seconds(1), Seconds(1));
        Assert.True(SelfFencing.Holds(Seconds(delay), Seconds(1), new(longest, Seconds(1))));
        Assert.False(SelfFencing.Holds(Seconds(delay), Seconds(1), new(longest + Microsecond, Seconds(1))));
    }

    [Fact]
    public void NoWatchdogIsShortEnough_LongestIsNotAboveZero()
    {
        Assert.True(SelfFencing.LongestWatchdog(Seconds(1), Seconds(1), Seconds(1)) <= TimeSpan.Zero);
        Assert.True(SelfFencing.LongestWatchdog(TimeSpan.Zero, Seconds(1), Seconds(1)) <= TimeSpan.Zero);
    }

    [Fact]
    public void LongestDurationsOfAll_DoNotOverflow() =>
        Assert.False(SelfFencing.Holds(Seconds(1), TimeSpan.FromDays(3650), new(TimeSpan.FromDays(3650), Seconds(1))));

    [Fact]
    public void SoundConfiguration_IsAccepted() =>
        Assert.Empty(SelfFencing.Check(Sound, deadtime: Seconds(5), keepalive: Seconds(0.25)));

    [Fact]
    public void WatchdogOfDeadtime_AsHeartbeatSetsIt_IsRefusedWithTheFix()
    {
        var heartbeat = Sound with { Watchdog = new(Seconds(30), Seconds(1)), HasArbiter = false };
        var finding = Assert.Single(SelfFencing.Check(heartbeat, deadtime: Seconds(30), keepalive: Seconds(0.25)));
        Assert.Equal("/fencing/watchdog/timeout", finding.Path);
        Assert.Equal("a node that lost its authority may run on for 32.11605 s, but its peer takes over after 30 s",
            finding.Problem);
        Assert.Equal("set the takeover delay (or deadtime) to at least 32.632367 s, or the watchdog's timeout to at "
            + "most 27.370264 s", finding.Advice);
    }

    [Fact]
    public void Advice_IsGoodAdvice()
    {
        var bad = Sound with { Watchdog = new(Seconds(30), Seconds(1)), HasArbiter = false };
        var delay = SelfFencing.LeastTakeoverDelay(bad.AuthorityValidity, bad.Watchdog!);
        Assert.Empty(SelfFencing.Check(bad with { TakeoverDelay = delay }, Seconds(30), Seconds(0.25)));
        Assert.Empty(SelfFencing.Check(bad with { Watchdog = new(Seconds(27.370264), Seconds(1)) },
            Seconds(30), Seconds(0.25)));
    }

    [Fact]
    public void TakeoverDelayOfItsOwn_LetsDetectionBeFast()
    {
        var fast = Sound with { TakeoverDelay = Seconds(4.604353), AuthorityValidity = Seconds(1) };
        Assert.Empty(SelfFencing.Check(fast, deadtime: Seconds(0.5), keepalive: Seconds(0.1)));
        Assert.Equal("/fencing/watchdog/timeout", Assert.Single(SelfFencing.Check(
            fast with { TakeoverDelay = Seconds(4.604352) }, Seconds(0.5), Seconds(0.1))).Path);
        Assert.Equal(Seconds(0.5), SelfFencing.TakeoverDelayOf(fast with { TakeoverDelay = Seconds(0.1) },
            Seconds(0.5)));
    }

    [Fact]
    public void AuthorityShorterThanItsProof_IsRefused()
    {
        var finding = Assert.Single(SelfFencing.Check(Sound, deadtime: Seconds(30), keepalive: Seconds(0.450001)));
        Assert.Equal("/fencing/authorityValidity", finding.Path);
        Assert.Empty(SelfFencing.Check(Sound, deadtime: Seconds(30), keepalive: Seconds(0.45)));
    }

    [Fact]
    public void WatchdogWithoutTime_IsRefused() => Assert.Equal("/fencing/watchdog", Assert.Single(SelfFencing.Check(
        Sound with { Watchdog = new(TimeSpan.Zero, Seconds(1)) }, Seconds(30), Seconds(0.25))).Path);

    [Fact]
    public void Lease_MustLeaveTimeToActOnIt()
    {
        var least = SelfFencing.LeastLease(TwoSeconds);
        Assert.Equal(SelfFencing.LeastLeaseValidity, SelfFencing.LeaseValidity(least, TwoSeconds));
        Assert.Empty(SelfFencing.Check(Sound with { ArbiterLease = least }, Seconds(5), Seconds(0.25)));
        var finding = Assert.Single(SelfFencing.Check(
            Sound with { ArbiterLease = least - Microsecond }, Seconds(5), Seconds(0.25)));
        Assert.Equal("/fencing/arbiter/lease", finding.Path);
        Assert.EndsWith("set it to at least 4.604353 s", finding.Advice, StringComparison.Ordinal);
        Assert.True(SelfFencing.LeaseValidity(Seconds(3), TwoSeconds) < TimeSpan.Zero);
    }

    [Fact]
    public void HolderOfALease_IsGoneBeforeItsLeaseEndsAtTheArbiter()
    {
        var lease = Seconds(10);
        var validity = SelfFencing.LeaseValidity(lease, TwoSeconds);
        // Worst clocks: the holder's is slow, the arbiter's is fast.
        var gone = SelfFencing.GoneWithin(validity, TwoSeconds);
        Assert.True(gone + SelfFencing.Margin <= lease);
        Assert.True(SelfFencing.LeaseWait(lease) > lease + SelfFencing.Margin);
    }

    [Fact]
    public void PeerWithEqualValues_IsProtected()
    {
        var times = new SafetyTimes(Seconds(5), Seconds(1), TwoSeconds);
        Assert.Equal(PeerProtection.Full, SelfFencing.AgainstPeer(times, times, "s2"));
    }

    [Fact]
    public void PeerWithLongerWatchdog_IsRefused_AndSoIsAPeerThatIsInAHurry()
    {
        var own = new SafetyTimes(Seconds(5), Seconds(1), TwoSeconds);
        var slow = SelfFencing.AgainstPeer(own, own with { Watchdog = new(Seconds(10), Seconds(1)) }, "s2");
        Assert.False(slow.IsFull);
        Assert.StartsWith("this node would take over 5 s after the last packet, when s2 may still run",
            slow.Refusal!.Problem, StringComparison.Ordinal);
        Assert.Equal("/nodes/s2", slow.Refusal.Path);
        var hasty = SelfFencing.AgainstPeer(own, own with { TakeoverDelay = Seconds(4.604352) }, "s2");
        Assert.StartsWith("s2 would take over 4.604352 s", hasty.Refusal!.Problem, StringComparison.Ordinal);
        Assert.Equal(PeerProtection.Full,
            SelfFencing.AgainstPeer(own, own with { TakeoverDelay = Seconds(4.604353) }, "s2"));
    }

    [Fact]
    public void PeerWithoutWatchdog_MayJoin_ButNobodyReliesOnIt()
    {
        var own = new SafetyTimes(Seconds(5), Seconds(1), TwoSeconds);
        Assert.Equal(PeerProtection.None, SelfFencing.AgainstPeer(own, own with { Watchdog = null }, "s2"));
        Assert.Equal(PeerProtection.None, SelfFencing.AgainstPeer(own with { Watchdog = null }, own, "s2"));
    }
}
