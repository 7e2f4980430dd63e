using Ha.Core.Contracts;

namespace Ha.Simulation.Tests;

/// <summary>Nodes whose views do not fit together.</summary>
public sealed class ViewCheckerTests
{
    private readonly ViewChecker views = new(new SimulationProfile { Nodes = 3 });

    [Fact]
    public void NodesThatAgree_AreBelieved()
    {
        views.Saw(1, 0, 7, Snapshot("4.0", "n1", ["n1", "n2"]));
        views.Saw(1, 1, 7, Snapshot("4.0", "n1", ["n1", "n2"]));
        views.Saw(2, 0, 7, Snapshot("5.0", "n1", ["n1"]));
    }

    [Fact]
    public void OneViewWithTwoCoordinators_IsFound()
    {
        views.Saw(1, 0, 7, Snapshot("4.0", "n1", ["n1", "n2"]));

        Assert.Equal("S7 coordinator",
            CheckerBooks.Broken(() => views.Saw(1, 1, 7, Snapshot("4.0", "n2", ["n1", "n2"]))).Rule);
    }

    [Fact]
    public void OneViewWithDifferentMembers_IsFound()
    {
        views.Saw(1, 0, 7, Snapshot("4.0", "n1", ["n1", "n2"]));

        Assert.Equal("S18 members",
            CheckerBooks.Broken(() => views.Saw(1, 1, 7, Snapshot("4.0", "n1", ["n1", "n2", "n3"]))).Rule);
    }

    [Fact]
    public void NodeInAViewOfOthers_IsFound() => Assert.Equal("S18 members",
        CheckerBooks.Broken(() => views.Saw(1, 2, 7, Snapshot("4.0", "n1", ["n1", "n2"]))).Rule);

    [Fact]
    public void ViewThatComesBack_IsFound()
    {
        views.Saw(1, 0, 7, Snapshot("4.0", "n1", ["n1", "n2"]));
        views.Saw(2, 0, 7, Snapshot("5.0", "n1", ["n1"]));

        Assert.Equal("S7 view",
            CheckerBooks.Broken(() => views.Saw(3, 0, 7, Snapshot("4.0", "n1", ["n1", "n2"]))).Rule);
    }

    [Fact]
    public void CoordinatorsNextLife_MayUseItsIdsAgain()
    {
        views.Saw(1, 0, 7, Snapshot("4.0", "n1", ["n1", "n2"]));

        views.Saw(9, 0, 8, Snapshot("4.0", "n1", ["n1"], life: 8));
    }

    [Fact]
    public void NodeLearnsOfTheCoordinatorsNextLife_ItsOwnViewIsStillTheEarlierOne()
    {
        views.Saw(1, 1, 7, Snapshot("4.0", "n1", ["n1", "n2"]));
        views.Saw(8, 0, 8, Snapshot("4.0", "n1", ["n1"], life: 8));

        views.Saw(9, 1, 7, Snapshot("4.0", "n1", ["n1", "n2"], life: 8));
    }

    private static ClusterSnapshot Snapshot(string id, string coordinator, string[] members, long life = 7) => new()
    {
        Version = 1, Node = "n1", Generation = 7, Cluster = "", TakenAt = default, Promise = "", Groups = [],
        Operations = [], Warnings = [], View = new ViewSnapshot(id, coordinator, [.. members]),
        Nodes =
        [
            new NodeSnapshot
            {
                Name = coordinator, State = NodeState.Online, Mode = NodeMode.Active, IsLocal = true,
                IsCoordinator = true, Product = NodeProduct.HaAppliance, HeartbeatStatus = "active", Generation = life,
                DeadtimeMs = 1000, Reason = "", Links = [],
            },
        ],
    };
}
