using Ha.Core.Contracts;
using Ha.Core.Transitions;

namespace Ha.Simulation.Tests;

/// <summary>S9: engines that touch what nobody may touch.</summary>
public sealed class HandsOffCheckerTests
{
    [Theory]
    [InlineData(OperationKind.Start)]
    [InlineData(OperationKind.Stop)]
    [InlineData(OperationKind.Monitor)]
    public void OperationInMaintenance_IsFound(OperationKind kind)
    {
        var books = Maintained(nodes: 2).Talk(60);

        var broken = CheckerBooks.Broken(() => books.Ask(0, kind, books.Vip));

        Assert.Equal("S9 hands off", broken.Rule);
    }

    [Fact]
    public void ProbeInMaintenance_IsAllowed()
    {
        var books = Maintained(nodes: 2).Talk(60);

        books.Do(0, OperationKind.Probe, books.Vip, OperationOutcome.NotRunning);
    }

    [Fact]
    public void OrderOfSomebodyWhoDoesNotKnowOfTheMaintenance_IsAllowed()
    {
        var books = Maintained(nodes: 1).Talk(60);

        books.Do(0, OperationKind.Start, books.Vip);
    }

    [Fact]
    public void OrderThatWasOnItsWay_IsAllowed()
    {
        var books = Maintained(nodes: 2).Talk(1);

        books.Do(0, OperationKind.Start, books.Vip);
    }

    [Fact]
    public void NodeAloneThatKnows_IsFound()
    {
        // Whoever it has not heard for long gives it no orders.
        var books = Maintained(nodes: 1).CutOff(1).Talk(60);

        var broken = CheckerBooks.Broken(() => books.Ask(0, OperationKind.Start, books.Vip));

        Assert.Equal("S9 hands off", broken.Rule);
    }

    [Fact]
    public void UnmanagedResourceStarted_IsFound_ButItMayBeWatched()
    {
        var books = Edited(new DocumentEdit(EditKind.Unmanaged, 0, On: true)).Talk(60);
        books.Do(0, OperationKind.Monitor, books.Vip);

        var broken = CheckerBooks.Broken(() => books.Ask(0, OperationKind.Start, books.Vip));

        Assert.Equal("S9 hands off", broken.Rule);
    }

    [Fact]
    public void NodeInMaintenance_HoldsForThatNodeOnly()
    {
        var books = Edited(new DocumentEdit(EditKind.NodeMaintenance, 1, On: true)).Talk(60);
        books.Do(0, OperationKind.Start, books.Vip);

        var broken = CheckerBooks.Broken(() => books.Ask(1, OperationKind.Monitor, books.Vip));

        Assert.Equal("S9 hands off", broken.Rule);
    }

    [Fact]
    public void MaintenanceIsOver_EverythingIsAllowed()
    {
        var books = Maintained(nodes: 2).Talk(60);
        for (var node = 0; node < 2; node++) books.Checker.Runs(books.Now, node, books.Profile.Kept());

        books.Do(0, OperationKind.Start, books.Vip);
    }

    private static CheckerBooks Maintained(int nodes)
    {
        var books = Known();
        var state = books.Profile.Kept() with { Intents = ClusterIntents.None with { Maintenance = true } };
        for (var node = 0; node < nodes; node++) books.Checker.Runs(books.Now, node, state);
        return books;
    }

    private static CheckerBooks Edited(DocumentEdit edit)
    {
        var books = Known();
        for (var node = 0; node < 2; node++) books.Checker.Runs(books.Now, node, CheckerBooks.Edited(books.Profile, edit));
        return books;
    }

    private static CheckerBooks Known()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        for (var node = 0; node < 2; node++) books.Checker.Runs(books.Now, node, books.Profile.Kept());
        return books;
    }
}
