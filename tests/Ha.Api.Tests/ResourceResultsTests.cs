using System.Net;

namespace Ha.Api.Tests;

public sealed class ResourceResultsTests
{
    private static readonly ResourceResult Result = new()
    {
        Number = 7, Operation = OperationKind.Start, IntervalMs = 0, At = Sample.Noon, DurationMs = 12.4,
        Outcome = OperationOutcome.Failed, ExitCode = 1, Reason = "it exited with 1", Output = "no port",
    };

    [Fact]
    public async Task ResultsOfAResource_AreThoseThatTheAgentTells()
    {
        await using var api = await ApiApplication.StartAsync();
        const string id = "192.168.1.100/24/eth0:0";
        api.Agent.Results = [new(id, "s1", [Result])];

        var page = await api.GetAsync(
            $"/api/v1/resources/{Uri.EscapeDataString(id)}/results", HaJson.Default.PageResourceResult);

        Assert.Equal(Result, Assert.Single(page.Items));
    }

    [Fact]
    public async Task AResourceThatNothingWasDoneTo_HasNone_AnUnknownOneIsNotFound()
    {
        await using var api = await ApiApplication.StartAsync();
        var known = Sample.Cluster().Groups[0].Resources[0].Id;

        var page = await api.GetAsync(
            $"/api/v1/resources/{Uri.EscapeDataString(known)}/results", HaJson.Default.PageResourceResult);
        Assert.Empty(page.Items);
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/resources/other/results"),
            HttpStatusCode.NotFound, "unknown-resource");
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/resources/a%20b/results"),
            HttpStatusCode.BadRequest, "malformed-request");
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/resources/other/results?limit=1"),
            HttpStatusCode.BadRequest, "malformed-request");
    }
}
