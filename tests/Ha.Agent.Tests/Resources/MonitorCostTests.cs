using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary>What hundreds of monitors a second leave to the garbage collector, which delays heartbeats.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class MonitorCostTests
{
    [Fact]
    public void OneMonitor_AllocatesLessThanThirtyTwoKibibytes()
    {
        const int count = 50;
        using var folder = new ScriptFolder();
        folder.Add("own", "exit 0");
        var resource = new ResourceDefinition { Id = "own", Class = "exec", Type = folder.File("resource.d/own") };
        var program = new ExecProgram(folder.Environment, folder.Programs);
        OperationOutcome Monitor() => program
            .Run(new AgentCall(resource, OperationKind.Monitor, TimeSpan.FromSeconds(20), 0, static _ => { })).Outcome;
        Assert.Equal(OperationOutcome.Succeeded, Monitor());

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++) Monitor();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / count;

        Assert.True(each < 32 * 1024, $"{each} bytes each");
    }
}
