using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation.Tests;

/// <summary>Effects of one step that the oracle must not let pass.</summary>
public sealed class StepCheckTests
{
    private static readonly OperatorCommand Sound = new()
    {
        Id = "1", Kind = CommandKind.Standby, Node = "n1", Actor = "test",
    };

    [Fact]
    public void CommandWithoutAnswer_IsFound()
    {
        var broken = Broken(new OperatorCommanded(Sound, 5));

        Assert.Equal("answers", broken.Rule);
    }

    [Fact]
    public void CommandAnsweredUnderAnotherTicket_IsFound()
    {
        var broken = Broken(new OperatorCommanded(Sound, 5), new AnswerCommand(6, new CommandAnswer("op", null)));

        Assert.Contains("ticket", broken.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void AnswerThatNobodyAskedFor_IsFound()
    {
        var broken = Broken(TimeAdvanced.Instance, new AnswerCommand(6, new CommandAnswer("op", null)));

        Assert.Equal("answers", broken.Rule);
    }

    [Fact]
    public void AcceptedCommandForAnUnknownNode_IsFound()
    {
        var command = Sound with { Node = "nobody" };

        var broken = Broken(new OperatorCommanded(command, 5), new AnswerCommand(5, new CommandAnswer("op", null)));

        Assert.Contains("malformed", broken.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void HaltThatNobodyAskedFor_IsFound()
    {
        Assert.Equal("halt unasked", Broken(TimeAdvanced.Instance, new Halt(Clean: true, "")).Rule);
    }

    [Fact]
    public void EffectAfterHalt_IsFound()
    {
        var books = new CheckerBooks();
        books.Checker.ShutdownAsked(0);

        var broken = CheckerBooks.Broken(() => Check(books, ShutdownRequested.Instance, replayed: false,
            new Halt(Clean: true, ""), new Halt(Clean: true, "")));

        Assert.Equal("halt is last", broken.Rule);
    }

    [Fact]
    public void CleanHaltWhileAResourceMayRun_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip);
        books.Checker.ShutdownAsked(0);

        var broken = CheckerBooks.Broken(
            () => Check(books, ShutdownRequested.Instance, replayed: false, new Halt(Clean: true, "")));

        Assert.Equal("halt clean", broken.Rule);
    }

    [Fact]
    public void OperationBecauseOfAReplayedPacket_IsFound()
    {
        var books = new CheckerBooks().Talk(1);
        var probe = new RunOperation(1, books.Vip, OperationKind.Probe, TimeSpan.FromSeconds(1), Urgent: false);

        var broken = CheckerBooks.Broken(() => Check(books, new PacketReceived(), replayed: true, probe));

        Assert.Equal("S6 replay", broken.Rule);
    }

    [Fact]
    public void DatagramWithAnotherGeneration_IsFound()
    {
        var books = new CheckerBooks();
        var effects = new EffectList();
        effects.AddDatagram(1, "###\n12:(0)t=status,7:(0)hg=8,%%%\n"u8);

        var broken = CheckerBooks.Broken(
            () => books.Checker.StepDone(0, 0, TimeAdvanced.Instance, effects, replayed: false));

        Assert.Equal("S6 generation", broken.Rule);
    }

    [Fact]
    public void DatagramOverAMediumThatDoesNotExist_IsFound()
    {
        var books = new CheckerBooks();
        var effects = new EffectList();
        effects.AddDatagram(0b100, "###\n7:(0)hg=7,%%%\n"u8);

        var broken = CheckerBooks.Broken(
            () => books.Checker.StepDone(0, 0, TimeAdvanced.Instance, effects, replayed: false));

        Assert.Equal("datagram", broken.Rule);
    }

    [Fact]
    public void FloodOfEvents_IsFound()
    {
        var books = new CheckerBooks();

        var broken = CheckerBooks.Broken(() =>
        {
            for (var number = 1; number <= (2 * SafetyChecker.EventsPerMinuteLimit) + 1; number++)
                Check(books, TimeAdvanced.Instance, replayed: false, new AppendEvent(Event(number)));
        });

        Assert.Equal("S13 event volume", broken.Rule);
    }

    [Fact]
    public void EventNumberThatDoesNotGrow_IsFound()
    {
        var books = new CheckerBooks();

        var broken = CheckerBooks.Broken(() => Check(books, TimeAdvanced.Instance, replayed: false,
            new AppendEvent(Event(2)), new AppendEvent(Event(2))));

        Assert.Equal("events", broken.Rule);
    }

    [Fact]
    public void OperationsThatFailAsFastAsTheyAreTriedAgain_AreTold()
    {
        var books = new CheckerBooks();
        void Tell(int from, int to)
        {
            for (var number = from; number <= to; number++)
                Check(books, TimeAdvanced.Instance, replayed: false,
                    new AppendEvent(Event(number) with { Kind = EventKind.OperationFailed }));
        }

        var most = 2 * SafetyChecker.AllEventsPerMinuteLimit;
        Tell(1, most);

        Assert.Equal("S13 event volume", CheckerBooks.Broken(
            () => Tell(most + 1, most + 1)).Rule);
    }

    private static ClusterEvent Event(int number) => new()
    {
        Id = $"n1/7/{number}", Node = "n1", At = DateTimeOffset.UnixEpoch, MonotonicMicroseconds = 0,
        Kind = EventKind.LinkUp, Severity = EventSeverity.Info, Subject = "n2", Sentence = "test",
    };

    private static Violation Broken(ClusterInput input, params ClusterEffect[] effects) =>
        CheckerBooks.Broken(() => Check(new CheckerBooks(), input, replayed: false, effects));

    private static void Check(CheckerBooks books, ClusterInput input, bool replayed, params ClusterEffect[] effects)
    {
        var list = new EffectList();
        foreach (var effect in effects) list.Add(effect);
        books.Checker.StepDone(books.Now, 0, input, list, replayed);
    }
}
