using System.Collections.Immutable;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation.Tests;

/// <summary>S14: engines that take an operator's word for what he did not say, or for longer than it is true.</summary>
public sealed class ConfirmationCheckerTests
{
    private const string Words = " confirmed that n2 (generation 9) is off or cannot touch the resources; if untrue ...";

    [Fact]
    public void ConfirmationThatNobodyGave_IsFound()
    {
        var books = new CheckerBooks().Talk(1);

        var broken = CheckerBooks.Broken(() => Tell(books, "simulation" + Words));

        Assert.Equal("S14 nobody confirmed", broken.Rule);
    }

    [Fact]
    public void ConfirmationOfAnotherLife_IsFound()
    {
        var books = new CheckerBooks().Talk(1);
        books.Checker.ConfirmationGiven(books.Now, 1, generation: 8);

        var broken = CheckerBooks.Broken(() => Tell(books, "simulation" + Words));

        Assert.Equal("S14 nobody confirmed", broken.Rule);
    }

    [Fact]
    public void ConfirmationWithoutTheNameOfWhoGaveIt_IsFound()
    {
        var books = new CheckerBooks().Talk(1);
        books.Checker.ConfirmationGiven(books.Now, 1, generation: 9);

        var broken = CheckerBooks.Broken(() => Tell(books, "somebody" + Words));

        Assert.Equal("S14 nobody confirmed", broken.Rule);
    }

    [Fact]
    public void ConfirmedLifeHeard_AndStillTakenForOff_IsFound()
    {
        var books = new CheckerBooks().Talk(1);
        books.Checker.ConfirmationGiven(books.Now, 1, generation: 9);
        Tell(books, "simulation" + Words);
        books.Talk(5);
        books.Checker.StatusHeard(books.Now, receiver: 0, sender: 1, generation: 9);

        var broken = CheckerBooks.Broken(() => books.Talk(5));

        Assert.Equal("S14 confirmation not void", broken.Rule);
        Assert.Equal(1, books.Coverage[CoverageMark.ConfirmedByOperator]);
    }

    [Fact]
    public void ConfirmedLifeHeard_AndToldToBeVoid_IsAllowed()
    {
        var books = new CheckerBooks().Talk(1);
        books.Checker.ConfirmationGiven(books.Now, 1, generation: 9);
        Tell(books, "simulation" + Words);
        books.Checker.StatusHeard(books.Now, receiver: 0, sender: 1, generation: 9);
        Tell(books, "n2 (generation 9) is heard, although simulation confirmed that it is off: the confirmation is void",
            number: 2);

        books.Talk(5);

        Assert.Equal(1, books.Coverage[CoverageMark.ConfirmationVoid]);
    }

    [Fact]
    public void NextLifeOfTheNode_IsNoContradiction()
    {
        var books = new CheckerBooks().Talk(1);
        books.Checker.ConfirmationGiven(books.Now, 1, generation: 9);
        Tell(books, "simulation" + Words);

        books.Checker.StatusHeard(books.Now, receiver: 0, sender: 1, generation: 10);
        books.Talk(5);
    }

    private static void Tell(CheckerBooks books, string sentence, int number = 1)
    {
        var effects = new EffectList();
        effects.Add(new AppendEvent(new ClusterEvent
        {
            Id = $"n1/7/{number}", Node = "n1", At = DateTimeOffset.UnixEpoch, MonotonicMicroseconds = books.Now,
            Kind = EventKind.FencingNeedsAttention, Severity = EventSeverity.Critical, Subject = "n2",
            Sentence = sentence, TransitionId = null, Data = ImmutableSortedDictionary<string, string>.Empty,
        }));
        books.Checker.StepDone(books.Now, 0, TimeAdvanced.Instance, effects, replayed: false);
    }
}
