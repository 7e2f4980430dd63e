using Ha.Core.Fencing;
using Ha.Tests;
using Xunit.Abstractions;

namespace Ha.Core.Tests.Fencing;

/// <summary>The authority table, by enumeration of everything that can be put into it.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class AuthorityTableTests(ITestOutputHelper output)
{
    internal static readonly AuthorityInputs Quiet = new()
    {
        Overriding = Overriding.Nothing, Peer = PeerEvidence.Ok, Fencing = FencingEvidence.NotConfigured,
        Watchdog = YesNo.No, Arbiter = ArbiterEvidence.NotConfigured, Ping = PingEvidence.NotConfigured,
        Holds = YesNo.No, SeenFullView = YesNo.Yes, Mode = UnprotectedMode.Classic,
    };

    internal static T[] Values<T>() where T : struct, Enum =>
        [.. Enum.GetValues<T>().Where(value => Convert.ToInt32(value) != 0)];

    private static IEnumerable<AuthorityInputs> Combinations(UnprotectedMode mode) =>
        from peer in Values<PeerEvidence>()
        from fencing in Values<FencingEvidence>()
        from watchdog in Values<YesNo>()
        from arbiter in Values<ArbiterEvidence>()
        from ping in Values<PingEvidence>()
        from holds in Values<YesNo>()
        from seen in Values<YesNo>()
        select new AuthorityInputs
        {
            Overriding = Overriding.Nothing, Peer = peer, Fencing = fencing, Watchdog = watchdog, Arbiter = arbiter,
            Ping = ping, Holds = holds, SeenFullView = seen, Mode = mode,
        };

    [Fact]
    public void EveryCombination_HasOneFirstRow_AndEveryRowIsSomebodys()
    {
        var hits = AuthorityTable.Rows.ToDictionary(row => row.Id, _ => 0);
        foreach (var mode in Values<UnprotectedMode>())
        {
            Assert.Equal(1536, Combinations(mode).Count());
            foreach (var inputs in Combinations(mode)) hits[AuthorityTable.Decide(inputs).Id]++;
        }

        Assert.Equal(2 * 1536, hits.Values.Sum());
        foreach (var overriding in Values<Overriding>())
        {
            foreach (var inputs in Combinations(UnprotectedMode.Classic))
                hits[AuthorityTable.Decide(inputs with { Overriding = overriding }).Id]++;
        }

        output.WriteLine(string.Join('\n', hits.Select(hit => $"{hit.Key,-12}{hit.Value,6}")));
        Assert.DoesNotContain(0, hits.Values);
        Assert.Equal(hits.Count, AuthorityTable.Rows.Length);
    }

    // One line per row: how many of the 1,536 it decides in classic and in veto mode. A change here is a change of who
    // may act, and is made only with RELIABILITY.md section 5.
    [Theory]
    [InlineData("R1", 0, 0)]
    [InlineData("R2", 0, 0)]
    [InlineData("R3 keep", 0, 0)]
    [InlineData("R3 release", 0, 0)]
    [InlineData("1", 384, 384)]
    [InlineData("2", 384, 384)]
    [InlineData("3", 192, 192)]
    [InlineData("4", 288, 288)]
    [InlineData("5", 36, 36)]
    [InlineData("6", 36, 36)]
    [InlineData("7", 36, 36)]
    [InlineData("8", 8, 8)]
    [InlineData("9", 28, 28)]
    [InlineData("10", 36, 36)]
    [InlineData("11", 36, 36)]
    [InlineData("12", 12, 12)]
    [InlineData("13", 6, 6)]
    [InlineData("14", 6, 6)]
    [InlineData("15", 12, 12)]
    [InlineData("16", 12, 12)]
    [InlineData("17", 4, 0)]
    [InlineData("17 veto", 0, 4)]
    [InlineData("18 veto", 0, 4)]
    [InlineData("19", 8, 8)]
    [InlineData("20", 12, 8)]
    public void Row_DecidesAsManyCombinationsAsItDid(string row, int classic, int veto)
    {
        Assert.Equal(classic, Combinations(UnprotectedMode.Classic).Count(i => AuthorityTable.Decide(i).Id == row));
        Assert.Equal(veto, Combinations(UnprotectedMode.Veto).Count(i => AuthorityTable.Decide(i).Id == row));
    }

    // The table in words of RELIABILITY.md section 5, one sample per row.
    [Theory]
    [InlineData("Ok", "NotConfigured", "NotConfigured", "NotConfigured", "No", "1", "NormalPolicy")]
    [InlineData("Left", "Try", "Others", "Lost", "No", "2", "TakeOverNow")]
    [InlineData("Lost", "Confirmed", "Others", "Lost", "No", "3", "TakeOverNow")]
    [InlineData("Half", "Try", "Others", "Some", "Yes", "5", "ReleaseNow")]
    [InlineData("Lost", "Unreachable", "Others", "Some", "No", "6", "StayPassive")]
    [InlineData("Lost", "Try", "Unknown", "Lost", "Yes", "7", "KeepAndFence")]
    [InlineData("Lost", "Try", "NotConfigured", "Lost", "No", "8", "Wait")]
    [InlineData("Half", "Try", "Mine", "Lost", "No", "9", "FenceThenTakeOver")]
    [InlineData("Lost", "Unreachable", "Mine", "Some", "Yes", "10", "KeepAndRetryFencing")]
    [InlineData("Lost", "Unreachable", "Mine", "Some", "No", "11", "WaitAndRetryFencing")]
    [InlineData("Lost", "NotConfigured", "Mine", "Lost", "Yes", "12", "KeepWhileGranted")]
    [InlineData("Lost", "NotConfigured", "Mine", "Lost", "No", "14", "TakeOverAfterLease")]
    [InlineData("Lost", "NotConfigured", "Unknown", "Some", "Yes", "15", "ReleaseAtAuthorityEnd")]
    [InlineData("Half", "NotConfigured", "Unknown", "Some", "No", "16", "StayPassive")]
    [InlineData("Lost", "NotConfigured", "NotConfigured", "Lost", "Yes", "17", "KeepUnprotected")]
    [InlineData("Lost", "NotConfigured", "NotConfigured", "Some", "Yes", "19", "KeepUnprotected")]
    [InlineData("Half", "NotConfigured", "NotConfigured", "NotConfigured", "No", "20", "TakeOverUnprotected")]
    public void Situation_IsDecidedByItsRow(
        string peer, string fencing, string arbiter, string ping, string holds, string row, string action)
    {
        var decided = AuthorityTable.Decide(Quiet with
        {
            Peer = Enum.Parse<PeerEvidence>(peer), Fencing = Enum.Parse<FencingEvidence>(fencing),
            Arbiter = Enum.Parse<ArbiterEvidence>(arbiter), Ping = Enum.Parse<PingEvidence>(ping),
            Holds = Enum.Parse<YesNo>(holds),
        });
        Assert.Equal((row, Enum.Parse<AuthorityAction>(action)), (decided.Id, decided.Action));
    }

    [Fact]
    public void ArmedWatchdogs_TurnRow14Into13()
    {
        var inputs = Quiet with { Peer = PeerEvidence.Lost, Arbiter = ArbiterEvidence.Mine };
        Assert.Equal("14", AuthorityTable.Decide(inputs).Id);
        var watched = AuthorityTable.Decide(inputs with { Watchdog = YesNo.Yes });
        Assert.Equal(("13", AuthorityAction.TakeOverAfterDelay), (watched.Id, watched.Action));
    }

    [Fact]
    public void NodeThatHasMetNobodySinceBoot_StartsNothingAndFencesNobody()
    {
        foreach (var mode in Values<UnprotectedMode>())
        {
            foreach (var inputs in Combinations(mode).Where(i => i.SeenFullView == YesNo.No
                && i.Peer is PeerEvidence.Lost or PeerEvidence.Half && i.Fencing != FencingEvidence.Confirmed))
            {
                var row = AuthorityTable.Decide(inputs with { SeenFullView = YesNo.No });
                Assert.False(row.MayFence || row.MayTakeOver || row.MayKeep, $"{inputs} -> {row}");
            }
        }
    }

    [Fact]
    public void OwnPause_LetsAHolderReleaseFirst_AndChangesNothingForOthers()
    {
        var paused = Quiet with { Overriding = Overriding.OwnPause };
        Assert.Equal("1", AuthorityTable.Decide(paused).Id);
        Assert.Equal("R1", AuthorityTable.Decide(paused with { Holds = YesNo.Yes }).Id);
    }

    [Fact]
    public void Row_PrintsAsOperatorText() => Assert.Equal(
        "row 20: the peer is lost: unprotected takeover after its deadtime; if the peer lives, both serve",
        AuthorityTable.Decide(Quiet with { Peer = PeerEvidence.Lost }).ToString());

    [Fact]
    public void InputThatIsNotSet_IsABug() =>
        Assert.Throws<ArgumentException>(() => AuthorityTable.Decide(Quiet with { Peer = PeerEvidence.None }));

    [Fact]
    public void Conflict_IsWonByExactlyOneSide()
    {
        HoldingClaim[] ranked =
        [
            new(2, 1, 0, 1), new(1, 8, 0, 1), new(1, 7, 9000, 1), new(0, 0, 9000, 0), new(0, 0, 9000, 1),
            new(0, 0, 10, 0),
        ];
        for (var i = 0; i < ranked.Length; i++)
        {
            for (var j = 0; j < ranked.Length; j++) Assert.Equal(i < j, ranked[i].Beats(ranked[j]));
        }
    }

    [Fact]
    public void Decision_AllocatesNothing()
    {
        var inputs = Quiet with { Peer = PeerEvidence.Lost };
        AuthorityTable.Decide(inputs);
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 1000; i++) AuthorityTable.Decide(inputs);
        }));
    }
}
