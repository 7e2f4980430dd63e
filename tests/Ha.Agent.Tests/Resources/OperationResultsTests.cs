using System.Collections.Immutable;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

public sealed class OperationResultsTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 5, 0, 0, TimeSpan.Zero);

    private readonly OperationResults results = new();
    private long number;

    [Fact]
    public void Results_AreToldNewestFirst_WithWhatIsKnownOfEach()
    {
        Add("web", OperationKind.Start, Exit(0, "up"), OperationResult.Succeeded("up"));
        Add("web", OperationKind.Monitor, Exit(1, "no answer"),
            OperationResult.Failed("/bin/web monitor exited with 1: no answer"));

        var known = Of("web");

        Assert.Equal("s1", Assert.Single(results.Tell("web", "s1")).Node);
        Assert.Equal(
            new ResourceResult
            {
                Number = 2, Operation = OperationKind.Monitor, IntervalMs = 10_000, At = At, DurationMs = 12.346,
                Outcome = OperationOutcome.Failed, ExitCode = 1, Reason = "/bin/web monitor exited with 1",
                Output = "no answer",
            }, known[0]);
        Assert.Equal((OperationKind.Start, 0L, 0, "", "up"), (known[1].Operation, known[1].IntervalMs,
            known[1].ExitCode!.Value, known[1].Reason, known[1].Output));
    }

    [Fact]
    public void NoProgram_OrOneThatWasKilled_HasNoExitCode()
    {
        Add("vip", OperationKind.Start, null, OperationResult.Succeeded());
        var late = new OperationResult(OperationOutcome.TimedOut, "it did not end within 1 s: half");
        Add("web", OperationKind.Stop, new ProgramEnd("/bin/web stop", late, 9, "half"), late);

        Assert.Null(Assert.Single(Of("vip")).ExitCode);
        var killed = Assert.Single(Of("web"));
        Assert.Equal((null, "it did not end within 1 s", "half"), (killed.ExitCode, killed.Reason, killed.Output));
    }

    [Fact]
    public void GoodMonitors_PushOutEachOther_AndNothingElse()
    {
        Add("web", OperationKind.Start, Exit(0, ""), OperationResult.Succeeded());
        for (var i = 0; i < 100; i++) Add("web", OperationKind.Monitor, Exit(0, ""), OperationResult.Succeeded());

        var known = Of("web");

        Assert.Equal(ResultRing.Kept + 1, known.Length);
        Assert.Equal(Enumerable.Range(0, ResultRing.Kept).Select(static i => 101L - i).Append(1),
            known.Select(static one => one.Number));
        for (var i = 0; i < 100; i++) Add("web", OperationKind.Monitor, Exit(7, ""), new(OperationOutcome.NotRunning, ""));
        Assert.Equal(2 * ResultRing.Kept, Of("web").Length);
        Assert.Equal(201, Of("web")[0].Number);
    }

    [Fact]
    public void MuchOutput_MakesRoomForTheNewest_GoodMonitorsFirst()
    {
        var output = new string('x', 2000);
        Add("web", OperationKind.Monitor, Exit(0, output), OperationResult.Succeeded(output));
        for (var i = 0; i < 8; i++) Add("web", OperationKind.Start, Exit(1, output), OperationResult.Failed(""));

        Assert.Equal(Enumerable.Range(0, 8).Select(static i => 9L - i), Of("web").Select(static one => one.Number));
        Add("web", OperationKind.Start, Exit(1, output), OperationResult.Failed(""));
        Assert.Equal(10, Of("web")[0].Number);
        Assert.InRange(Of("web").Sum(static one => one.Output.Length), 0, ResultRing.MaxText);
    }

    [Fact]
    public void OnlySoManyResources_AreRemembered_ThoseWorkedOnLast()
    {
        for (var i = 0; i <= OperationResults.MaxResources; i++)
            Add($"r{i}", OperationKind.Probe, null, new(OperationOutcome.NotRunning, ""));

        Assert.Empty(results.Tell("r0", "s1"));
        Assert.Equal(OperationResults.MaxResources, results.Tell(null, "s1").Length);
    }

    [Fact]
    public void WithoutAResource_TheLastOfEachIsTold_InTheOrderOfIds()
    {
        Add("web", OperationKind.Probe, null, new(OperationOutcome.NotRunning, ""));
        Add("db", OperationKind.Probe, null, new(OperationOutcome.NotRunning, ""));
        Add("web", OperationKind.Start, null, OperationResult.Succeeded());

        Assert.Equal(["db 2", "web 3"],
            results.Tell(null, "s1").Select(static one => $"{one.Resource} {Assert.Single(one.Results).Number}"));
    }

    [Fact]
    public void SecretsOfParameters_AreInNoResult()
    {
        var resource = Resource("db") with
        {
            Parameters = ImmutableSortedDictionary<string, string>.Empty.Add("password", "hunter2"),
        };
        results.Add(new RunOperation(1, resource, OperationKind.Start, TimeSpan.Zero, Urgent: false),
            OperationResult.Failed("it failed"), Exit(1, "+ mysql --password=hunter2"), At, TimeSpan.Zero);

        Assert.Equal("+ mysql --password=***", Assert.Single(Of("db")).Output);
    }

    private static ProgramEnd Exit(int code, string output) => new("/bin/web monitor", null, code, output);

    private static ResourceDefinition Resource(string id) => new()
    {
        Id = id, Class = "exec", Type = "/bin/web",
        Monitors = [new MonitorDefinition(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5))],
    };

    private void Add(string id, OperationKind kind, ProgramEnd? program, OperationResult result) =>
        results.Add(new RunOperation(++number, Resource(id), kind, TimeSpan.FromSeconds(5), Urgent: false), result,
            program, At, TimeSpan.FromMilliseconds(12.3456));

    private ImmutableArray<ResourceResult> Of(string resource) =>
        Assert.Single(results.Tell(resource, "s1")).Results;
}
