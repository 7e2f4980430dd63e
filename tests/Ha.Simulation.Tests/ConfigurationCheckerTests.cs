using System.Collections.Immutable;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation.Tests;

/// <summary>S5: engines that lose, invent or mix configurations.</summary>
public sealed class ConfigurationCheckerTests
{
    private static readonly DocumentEdit Eleven = new(EditKind.BatchLimit, 1, On: true);
    private static readonly DocumentEdit Twelve = new(EditKind.BatchLimit, 2, On: true);

    [Fact]
    public void ConfigurationThatGoesBack_IsFound()
    {
        var books = Known();
        var newer = CheckerBooks.Edited(books.Profile, Eleven);
        books.Checker.Written(newer.Document);
        books.Checker.Adopted(books.Now, 0, newer);
        books.Checker.Runs(books.Now, 0, newer);

        var broken = CheckerBooks.Broken(() => books.Checker.Adopted(books.Now, 0, books.Profile.Kept()));

        Assert.Equal("S5 configuration goes back", broken.Rule);
    }

    [Fact]
    public void SameVersionWithOtherContentAdopted_IsFound()
    {
        var books = Known();
        var (one, other) = Divergent(books);
        books.Checker.Runs(books.Now, 0, one);

        var broken = CheckerBooks.Broken(() => books.Checker.Adopted(books.Now, 0, other));

        Assert.Equal("S5 configuration goes back", broken.Rule);
    }

    [Fact]
    public void DocumentThatNobodyWrote_IsFound()
    {
        var books = Known();

        var broken = CheckerBooks.Broken(
            () => books.Checker.Adopted(books.Now, 0, CheckerBooks.Edited(books.Profile, Eleven)));

        Assert.Equal("S5 invented", broken.Rule);
    }

    [Fact]
    public void ConflictThatNobodyTells_IsFound()
    {
        var books = Known();
        var (one, other) = Divergent(books);
        books.Checker.Runs(books.Now, 0, one);
        books.Checker.Runs(books.Now, 1, other);

        var broken = CheckerBooks.Broken(() => books.Talk(90));

        Assert.Equal("S5 conflict not told", broken.Rule);
    }

    [Fact]
    public void StartDuringAConflict_IsFound()
    {
        var books = Known();
        var (one, other) = Divergent(books);
        books.Checker.Runs(books.Now, 0, one);
        books.Checker.Runs(books.Now, 1, other);
        books.Talk(1);
        Tell(books);
        books.Talk(90);

        var broken = CheckerBooks.Broken(() => books.Do(0, OperationKind.Start, books.Vip));

        Assert.Equal("S5 start in conflict", broken.Rule);
        Assert.True(books.Coverage[CoverageMark.ConflictTold] > 0);
    }

    [Fact]
    public void NodesThatDoNotHearEachOther_MayDiffer()
    {
        var books = Known();
        var (one, other) = Divergent(books);
        books.Checker.Runs(books.Now, 0, one);
        books.Checker.Runs(books.Now, 1, other);

        books.CutOff(1).Talk(90).Do(0, OperationKind.Start, books.Vip);
    }

    [Fact]
    public void MistakenDocumentAccepted_IsFound()
    {
        var books = Known();
        var mistaken = new DocumentEdit(EditKind.Mistaken, 0, On: true).Apply(books.Profile.Document(), books.Profile);
        var effects = new EffectList();
        effects.Add(new AnswerCommand(1, new CommandAnswer("n1-1-1", null)));
        var command = new OperatorCommand
        {
            Id = "change-1", Kind = CommandKind.Configure, Actor = "simulation", ExpectedVersion = "1.0",
            Document = Core.ClusterConfiguration.Documents.ConfigurationText.Write(mistaken),
        };

        var broken = CheckerBooks.Broken(() => books.Checker.StepDone(
            books.Now, 0, new OperatorCommanded(command, 1), effects, replayed: false));

        Assert.Equal("S5 mistaken document", broken.Rule);
    }

    private static (KeptState One, KeptState Other) Divergent(CheckerBooks books)
    {
        var (one, other) =
            (CheckerBooks.Edited(books.Profile, Eleven), CheckerBooks.Edited(books.Profile, Twelve));
        books.Checker.Written(one.Document);
        books.Checker.Written(other.Document);
        return (one, other);
    }

    private static void Tell(CheckerBooks books)
    {
        var effects = new EffectList();
        effects.Add(new AppendEvent(new ClusterEvent
        {
            Id = "n1/7/1", Node = "n1", At = DateTimeOffset.UnixEpoch, MonotonicMicroseconds = books.Now,
            Kind = EventKind.ConfigurationConflict, Severity = EventSeverity.Critical, Subject = "configuration",
            Sentence = "two contents", TransitionId = null,
            Data = ImmutableSortedDictionary<string, string>.Empty,
        }));
        books.Checker.StepDone(books.Now, 0, TimeAdvanced.Instance, effects, replayed: false);
    }

    private static CheckerBooks Known()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        for (var node = 0; node < 2; node++) books.Checker.Runs(books.Now, node, books.Profile.Kept());
        return books;
    }
}
