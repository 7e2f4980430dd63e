using Ha.Core.Fencing;
using Xunit.Abstractions;
using static Ha.Core.Tests.Fencing.AuthorityTableTests;

namespace Ha.Core.Tests.Fencing;

/// <summary>
/// Both sides of a split at once: all consistent pairs of inputs, and all histories of three steps. Both nodes live,
/// run the same configuration, at most one holds, the arbiter grants at most one.
/// </summary>
public sealed class SplitTests(ITestOutputHelper output)
{
    private static readonly string[] Unprotected = ["17", "19", "20"];

    /// <summary>What both sides have in common: their configuration.</summary>
    private sealed record Shared(bool Fencing, YesNo Watchdog, bool Arbiter, bool Ping, UnprotectedMode Mode);

    /// <summary>What the world shows the two sides in one step.</summary>
    private readonly record struct Sight(FencingEvidence Fencing, ArbiterEvidence Arbiter, PingEvidence Ping);

    /// <summary>One side.</summary>
    private readonly record struct Side(bool Holds, YesNo Seen, bool Alive)
    {
        public bool Owns => Alive && Holds;
    }

    private static IEnumerable<Shared> Configurations() =>
        from fencing in new[] { false, true }
        from watchdog in Values<YesNo>()
        from arbiter in new[] { false, true }
        from ping in new[] { false, true }
        from mode in Values<UnprotectedMode>()
        select new Shared(fencing, watchdog, arbiter, ping, mode);

    private static Sight[] Sights(Shared shared) =>
    [
        .. from fencing in shared.Fencing
               ? new[] { FencingEvidence.Try, FencingEvidence.Unreachable } : [FencingEvidence.NotConfigured]
           from arbiter in shared.Arbiter
               ? new[] { ArbiterEvidence.Mine, ArbiterEvidence.Others, ArbiterEvidence.Unknown }
               : [ArbiterEvidence.NotConfigured]
           from ping in shared.Ping ? new[] { PingEvidence.Some, PingEvidence.Lost } : [PingEvidence.NotConfigured]
           select new Sight(fencing, arbiter, ping),
    ];

    private static IEnumerable<(Sight A, Sight B)> Pairs(Sight[] sights) =>
        from a in sights
        from b in sights
        where a.Arbiter != ArbiterEvidence.Mine || b.Arbiter != ArbiterEvidence.Mine
        select (a, b);

    private static readonly (bool A, bool B)[] Holders = [(false, false), (true, false), (false, true)];

    private static readonly (YesNo A, YesNo B)[] Seens =
        [(YesNo.Yes, YesNo.Yes), (YesNo.Yes, YesNo.No), (YesNo.No, YesNo.Yes), (YesNo.No, YesNo.No)];

    private static AuthorityRow Decide(Shared shared, PeerEvidence peer, Sight sight, Side side, bool peerFenced) =>
        AuthorityTable.Decide(new AuthorityInputs
        {
            Overriding = Overriding.Nothing, Peer = peer,
            Fencing = peerFenced ? FencingEvidence.Confirmed : sight.Fencing, Watchdog = shared.Watchdog,
            Arbiter = sight.Arbiter, Ping = sight.Ping, Holds = side.Holds ? YesNo.Yes : YesNo.No,
            SeenFullView = side.Seen, Mode = shared.Mode,
        });

    private static bool Owns(AuthorityRow row, bool holds) => holds ? row.MayKeep : row.MayTakeOver;

    [Fact]
    public void BothSidesOwn_OnlyWhereNothingProtects_AndClassicWasChosen()
    {
        var pairs = 0;
        var doubles = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var shared in Configurations())
        {
            foreach (var (a, b) in Pairs(Sights(shared)))
            {
                foreach (var holders in Holders)
                {
                    foreach (var seen in Seens)
                    {
                        foreach (var peer in new[] { PeerEvidence.Half, PeerEvidence.Lost })
                        {
                            pairs++;
                            var left = Decide(shared, peer, a, new(holders.A, seen.A, true), false);
                            var right = Decide(shared, PeerEvidence.Lost, b, new(holders.B, seen.B, true), false);
                            if (!Owns(left, holders.A) || !Owns(right, holders.B)) continue;
                            Assert.False(shared.Fencing || shared.Arbiter, $"{shared}: {left} / {right}");
                            Assert.Contains(left.Id, Unprotected);
                            Assert.Contains(right.Id, Unprotected);
                            var key = string.Join('/', new[] { left.Id, right.Id }.Order(StringComparer.Ordinal));
                            doubles[key] = doubles.GetValueOrDefault(key) + 1;
                        }
                    }
                }
            }
        }

        output.WriteLine($"{pairs} pairs; both own: {string.Join(", ", doubles)}");
        Assert.True(pairs > 3_200);
        // The unprotected mode is what it says, not an accident: all of its rows really occur.
        Assert.Equal(["17/20", "19/20", "20/20"], doubles.Keys);
    }

    [Fact]
    public void Veto_IsSafeWhenTheIsolatedSideSeesNoPingNode()
    {
        foreach (var shared in Configurations().Where(
            shared => shared is { Fencing: false, Arbiter: false, Ping: true, Mode: UnprotectedMode.Veto }))
        {
            foreach (var (a, b) in Pairs(Sights(shared)).Where(
                pair => pair.A.Ping == PingEvidence.Lost || pair.B.Ping == PingEvidence.Lost))
            {
                foreach (var (holdsA, holdsB) in Holders)
                {
                    Assert.False(
                        Owns(Decide(shared, PeerEvidence.Lost, a, new(holdsA, YesNo.Yes, true), false), holdsA)
                        && Owns(Decide(shared, PeerEvidence.Lost, b, new(holdsB, YesNo.Yes, true), false), holdsB));
                }
            }
        }
    }

    // Steps of a split: in each, both sides look, then what must be given up is given up (bounded by the authority,
    // which is what the waits of rows 13 and 14 are for), fencing hits or fails, and what may be started is started.
    // Every state that some first step leads to goes through every second and every third step.
    [Fact]
    public void InThreeSteps_BothSidesOwn_OnlyWhereNothingProtects()
    {
        var steps = 0;
        foreach (var shared in Configurations().Where(shared => shared.Fencing || shared.Arbiter))
        {
            var pairs = Pairs(Sights(shared)).ToArray();
            HashSet<(Side A, Side B)> states =
            [
                .. from holders in Holders
                   from seen in Seens
                   select (new Side(holders.A, seen.A, true), new Side(holders.B, seen.B, true)),
            ];
            for (var step = 0; step < 3; step++)
            {
                var reached = new HashSet<(Side A, Side B)>();
                foreach (var state in states)
                {
                    foreach (var sight in pairs)
                    {
                        foreach (var next in After(shared, sight, state))
                        {
                            steps++;
                            Assert.False(next.A.Owns && next.B.Owns, $"{shared}: {state} -> {sight} -> {next}");
                            Assert.True(next.A.Alive || next.B.Alive);
                            reached.Add(next);
                        }
                    }
                }

                states = reached;
            }
        }

        output.WriteLine($"{steps} steps");
        Assert.True(steps > 30_000);
    }

    private static IEnumerable<(Side A, Side B)> After(Shared shared, (Sight A, Sight B) sight, (Side A, Side B) sides)
    {
        var a = Decide(shared, PeerEvidence.Lost, sight.A, sides.A, !sides.B.Alive);
        var b = Decide(shared, PeerEvidence.Lost, sight.B, sides.B, !sides.A.Alive);
        // Giving up ends before taking over begins: releases are bounded by A, takeovers wait for D or the lease.
        var afterRelease = (A: Release(sides.A, a), B: Release(sides.B, b));
        var aFires = sides.A.Alive && sides.B.Alive && a.MayFence && sight.A.Fencing == FencingEvidence.Try;
        var bFires = sides.A.Alive && sides.B.Alive && b.MayFence && sight.B.Fencing == FencingEvidence.Try;
        yield return (Start(afterRelease.A, a), Start(afterRelease.B, b));
        if (aFires) yield return (afterRelease.A with { Holds = true }, afterRelease.B with { Alive = false });
        if (bFires) yield return (afterRelease.A with { Alive = false }, afterRelease.B with { Holds = true });
    }

    private static Side Release(Side side, AuthorityRow row) =>
        side.Alive && side.Holds && !row.MayKeep ? side with { Holds = false } : side;

    private static Side Start(Side side, AuthorityRow row) =>
        side.Alive && row.MayTakeOver ? side with { Holds = true } : side;
}
