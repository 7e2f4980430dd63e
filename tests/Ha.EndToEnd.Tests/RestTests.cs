using System.Net;
using System.Text.Json;
using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The cluster steered and watched over REST and webhooks, and an API that fails while it is needed.</summary>
public sealed class RestTests(ITestOutputHelper output) : ClusterStory(output)
{
    private const string Token = "ha_end-to-end-tests-0123456789";
    private const string TokenFile = "/etc/ha.d/api-token";
    private const string ApiProcess = "ha-api";

    [Fact]
    public void TakeoverOverRest_IsAccepted_AndTheOperationSucceedsWithItsSteps()
    {
        BuildAndServe(Quick);
        using var api = StartApi(S1);

        var answer = api.Post("/api/v1/takeovers", """{"to":"s2","reason":"moved by a test"}""");
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        var operation = Ended(api, answer.Location!);

        Assert.Equal(OperationState.Succeeded, operation.State);
        Assert.Equal("moved by a test", operation.Reason);
        Assert.Contains(operation.Steps, step => step.Title.Contains("haproxy", StringComparison.Ordinal));
        Assert.All(operation.Steps, step => Assert.Equal(StepState.Succeeded, step.State));
        Probe.WaitUntilServedBy(S2.Node, Soon);
        Assert.Contains("\"holders\":[\"s2\"]", api.TryGet("/api/v1/vips")!.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void ApiKilledWhileATakeoverRuns_TheTakeoverEnds_AndTheOperationIsToldAfterwards()
    {
        Build(Quick);
        // In its middle until the API is dead.
        var script = ClusterFiles.Reference("node/etc/ha.d/resource.d/haproxy").Replace("stop)\n",
            "stop)\n    until [ -e /run/go-on ]; do sleep 0.05; done\n", StringComparison.Ordinal);
        ClusterFiles.InstallScript(S1.Node, "haproxy", script);
        Cluster.StartAndServe();
        using var api = StartApi(S1);

        var answer = api.Post("/api/v1/takeovers", """{"to":"s2"}""");
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.NotEqual(0, S1.Node.Kill(ApiProcess));
        Assert.True(Cluster.Lab.Vip.IsOnlyOn(S1.Node), "the takeover was over before the API was killed");
        S1.Node.Write("/run/go-on", "");
        Probe.WaitUntilServedBy(S2.Node, Soon);

        using var again = StartApi(S1);
        Assert.Equal(OperationState.Succeeded, Ended(again, answer.Location!).State);
    }

    [Fact]
    public void HistoryDatabaseDeletedWhileRunning_IsMadeAnewFromTheJournal()
    {
        BuildAndServe(Quick);
        using var api = StartApi(S1);
        WaitUntil(() => EventKinds(api).Contains("groupActive"), "the history has no event of the start");

        foreach (var file in Directory.EnumerateFiles(S1.Node.PathOf("/var/lib/ha-appliance/api"), "history.db*"))
        {
            File.Delete(file);
        }
        Assert.Equal(0, S2.Cli("takeover", "--wait").ExitCode);

        WaitUntil(() => EventKinds(api).IsSupersetOf(["groupActive", "commandSucceeded"]),
            "the history is not made anew");
    }

    [Fact]
    public void NodeDies_WebhookOfTheSurvivorTellsIt_Signed()
    {
        BuildAndServe(Quick);
        using var receiver = new WebhookReceiver(Cluster.Lab);
        using var api = StartApi(S2);
        var created = api.Post("/api/v1/webhooks",
            $$"""{"url":"{{receiver.Url}}","kinds":["nodeDead","groupActive"]}""");
        Assert.True(created.Status == HttpStatusCode.Created, created.Body);
        var secret = JsonDocument.Parse(created.Body).RootElement.GetProperty("secret").GetString()!;

        S1.Node.Die();
        foreach (var kind in (string[])["nodeDead", "groupActive"])
        {
            WaitUntil(() => receiver.Messages.Any(m => Tells(m, kind)), "no webhook tells of " + kind);
        }

        Assert.All(receiver.Messages, message => Assert.True(message.IsSignedWith(secret), message.Body));
        Assert.False(receiver.Messages[0].IsSignedWith("whsec_" + Convert.ToBase64String(new byte[24])));
    }

    private RestClient StartApi(HaNode node)
    {
        node.Node.Write(TokenFile, Token + "\n", ClusterFiles.SecretMode);
        node.StartApi(TokenFile);
        var client = new RestClient(node.Node, Token);
        WaitUntil(() => client.TryGet("/health/ready")?.Status == HttpStatusCode.OK,
            "the API does not get ready: " + node.Api!.Output);
        return client;
    }

    private OperationSnapshot Ended(RestClient api, string location)
    {
        OperationSnapshot? operation = null;
        WaitUntil(() =>
        {
            operation = api.TryGet(location) is { Status: HttpStatusCode.OK } answer
                ? answer.As(HaJson.Default.OperationSnapshot)
                : null;
            return operation?.State is OperationState.Succeeded or OperationState.Failed;
        }, $"the operation {location} does not end");
        return operation!;
    }

    private static HashSet<string> EventKinds(RestClient api) =>
        api.TryGet("/api/v1/events?limit=500") is { Status: HttpStatusCode.OK } answer
            ? [.. JsonDocument.Parse(answer.Body).RootElement.GetProperty("items").EnumerateArray()
                .Select(item => item.GetProperty("kind").GetString()!)]
            : [];

    private static bool Tells(WebhookMessage message, string kind) =>
        message.Body.Contains($"\"kind\":\"{kind}\"", StringComparison.Ordinal);
}
