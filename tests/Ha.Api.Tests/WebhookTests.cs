using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ha.Api.Webhooks;

namespace Ha.Api.Tests;

public sealed partial class WebhookTests(SharedApi shared) : IClassFixture<SharedApi>
{
    private const string Path = "/api/v1/webhooks";
    private const string Secret = "a-secret-of-the-test";

    private static readonly string[] Local =
        ["--Webhooks:AllowLoopback=true", "--Webhooks:FirstRetryMs=50", "--Webhooks:LongestRetrySeconds=1"];

    [Fact]
    public async Task Webhook_IsMadeShownChangedAndDeletedAndItsSecretNeverShown()
    {
        await using var api = await ApiApplication.StartAsync();

        using var created = await api.Client.PostAsync(Path, CommandTests.Json(
            $$"""
              {"url":"https://alerts.example.com/ha","secret":"{{Secret}}","minimumSeverity":"warning",
               "kinds":["nodeDead"]}
              """));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var made = (await created.Content.ReadFromJsonAsync(ApiJson.Shared.Webhook))!;
        var address = created.Headers.Location!.OriginalString;
        Assert.Equal($"{Path}/{made.Id}", address);

        using var changed = await api.Client.PutAsync(
            address, CommandTests.Json("""{"url":"https://other.example.com/","enabled":false}"""));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        var shown = await api.GetAsync(address, ApiJson.Shared.Webhook);
        Assert.Equal(("https://other.example.com/", false, EventSeverity.Info, 0),
            (shown.Url, shown.Enabled, shown.MinimumSeverity, shown.Kinds.Length));
        Assert.Single((await api.GetAsync(Path, ApiJson.Shared.PageWebhook)).Items);
        string[] answers =
        [
            await created.Content.ReadAsStringAsync(), await changed.Content.ReadAsStringAsync(),
            await api.Client.GetStringAsync(Path),
        ];
        foreach (var answer in answers)
            Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await api.Client.DeleteAsync(address)).StatusCode);
        foreach (var path in new[] { address, address + "/deliveries" })
            await ApiApplication.ProblemAsync(await api.Client.GetAsync(path), HttpStatusCode.NotFound, "not-found");
        await ApiApplication.ProblemAsync(await api.Client.DeleteAsync(address), HttpStatusCode.NotFound, "not-found");
        await ApiApplication.ProblemAsync(await api.Client.PostAsync(address + "/test", null), HttpStatusCode.NotFound,
            "not-found");
    }

    [Fact]
    public async Task GeneratedSecret_IsShownOnceAndTheSameKeyMakesOneWebhook()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Client.DefaultRequestHeaders.Add("Idempotency-Key", "make-1");

        using var firstAnswer = await api.Client.PostAsync(Path, CommandTests.Json("""{"url":"https://a.example/"}"""));
        using var otherAnswer = await api.Client.PostAsync(Path, CommandTests.Json("""{"url":"https://a.example/"}"""));
        var first = await firstAnswer.Content.ReadFromJsonAsync(ApiJson.Shared.Webhook);
        var again = await otherAnswer.Content.ReadFromJsonAsync(ApiJson.Shared.Webhook);

        Assert.StartsWith("whsec_", first!.Secret, StringComparison.Ordinal);
        Assert.Equal((first.Id, null), (again!.Id, again.Secret));
        await ApiApplication.ProblemAsync(
            await api.Client.PostAsync(Path, CommandTests.Json("""{"url":"https://b.example/"}""")),
            HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        Assert.Single((await api.GetAsync(Path, ApiJson.Shared.PageWebhook)).Items);
    }

    [Theory]
    [InlineData("""{"url":"ftp://a.example/"}""", "/url")]
    [InlineData("""{"url":"/hook"}""", "/url")]
    [InlineData("""{"url":"https://user:word@a.example/"}""", "/url")]
    [InlineData("""{"url":"http://169.254.169.254/latest/meta-data"}""", "/url")]
    [InlineData("""{"url":"http://[fe80::1]/"}""", "/url")]
    [InlineData("""{"url":"http://[::ffff:169.254.169.254]/"}""", "/url")]
    [InlineData("""{"url":"http://127.0.0.1:8443/"}""", "/url")]
    [InlineData("""{"url":"http://localhost/"}""", "/url")]
    [InlineData("""{"url":"http://2130706433/"}""", "/url")]
    [InlineData("""{"url":"https://a.example/","secret":"short"}""", "/secret")]
    [InlineData("""{"url":"https://a.example/","secret":"whsec_%%%%%%%%%%%%%%%%%%%%"}""", "/secret")]
    [InlineData("""{"url":"https://a.example/","headers":{}}""", "/headers")]
    [InlineData("""{"url":"https://a.example/","kinds":["disaster"]}""", "/kinds/0")]
    [InlineData("{}", "")]
    public async Task WrongSettings_AreRefused(string body, string pointer)
    {
        var api = shared.Api;

        var problem = await ApiApplication.ProblemAsync(
            await api.Client.PostAsync(Path, CommandTests.Json(body)), HttpStatusCode.BadRequest, "malformed-request");

        Assert.Equal(pointer, problem.Errors.Single().Pointer);
    }

    [Theory]
    [InlineData("10.1.2.3", true, true)]
    [InlineData("10.1.2.3", false, false)]
    [InlineData("fd12::1", true, true)]
    [InlineData("fd12::1", false, false)]
    [InlineData("8.8.8.8", false, true)]
    [InlineData("0.0.0.0", true, false)]
    [InlineData("::1", true, false)]
    [InlineData("fd00:ec2::254", true, false)]
    [InlineData("64:ff9b::7f00:1", true, false)]
    [InlineData("224.0.0.1", true, false)]
    public void Addresses_AreAllowedByTheirNetwork(string address, bool allowPrivate, bool allowed)
    {
        var guard = new TargetGuard(new WebhookOptions { AllowPrivateNetworks = allowPrivate });

        Assert.Equal(allowed, guard.WhyRefused(IPAddress.Parse(address)) is null);
    }

    [Fact]
    public async Task NameThatLeadsToThisMachine_IsRefusedWhereTheConnectionIsMade()
    {
        await using var receiver = await Receiver.StartAsync();
        using var request = new WebhookRequest(new TargetGuard(new WebhookOptions()), TimeProvider.System);
        var webhook = new WebhookRow
        {
            Id = "wh-1",
            Url = receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal),
            Secret = Secret,
            Enabled = true,
            MinimumSeverity = EventSeverity.Info,
            Kinds = "[]",
            CreatedAtMicroseconds = 0,
        };

        var error = await Assert.ThrowsAsync<HttpRequestException>(
            () => request.SendAsync(webhook, "m-1", "{}", CancellationToken.None));

        Assert.Contains("AllowLoopback", error.GetBaseException().Message, StringComparison.Ordinal);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task Events_ArriveSignedAndInOrder()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var api = await ApiApplication.StartAsync(Local);
        await MakeAsync(api, receiver, """ "minimumSeverity":"warning" """);

        api.Agent.Append([.. Enumerable.Range(1, 20)
            .Select(number => Now(number, number % 2 == 0 ? EventSeverity.Error : EventSeverity.Info))]);
        await Until.TrueAsync(() => receiver.Received.Length == 10, "ten messages");

        Assert.Equal(Enumerable.Range(1, 10)
            .Select(n => $"s1/5/{n * 2}"), receiver.Received.Select(delivery => delivery.Id));
        foreach (var delivery in receiver.Received)
        {
            var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret),
                Encoding.UTF8.GetBytes($"{delivery.Id}.{delivery.Timestamp}.{delivery.Body}"));
            Assert.Equal("v1," + Convert.ToBase64String(expected), delivery.Signature);
            var message = JsonSerializer.Deserialize(delivery.Body, ApiJson.Shared.WebhookMessage)!;
            Assert.Equal(("ha.event", delivery.Id), (message.Type, message.Data!.Id));
        }
        // The answer to the last one is on its way to the record.
        await Until.TrueAsync(async () =>
            (await DeliveriesAsync(api)).All(delivery => delivery.State == DeliveryState.Delivered), "all are recorded");
    }

    [Fact]
    public void Signature_IsThatOfStandardWebhooks()
    {
        // The example of the Standard Webhooks libraries' own tests.
        var signature = WebhookRequest.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330, """{"test": 2432232314}""");

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public async Task FailingReceiver_IsTriedAgainAndNothingOvertakes()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = request => request switch { 1 => 500, 2 => 302, 3 => 429, _ => 204 };
        await using var api = await ApiApplication.StartAsync(Local);
        await MakeAsync(api, receiver);

        api.Agent.Append(Now(1), Now(2));
        await Until.TrueAsync(() => receiver.Received.Length == 5, "three failures, then both messages");

        Assert.Equal(["s1/5/1", "s1/5/1", "s1/5/1", "s1/5/1", "s1/5/2"],
            receiver.Received.Select(delivery => delivery.Id));
        Assert.Single(receiver.Received.Take(4).Select(delivery => delivery.Body).Distinct());
        await Until.TrueAsync(async () =>
            (await DeliveriesAsync(api)).All(delivery => delivery.State == DeliveryState.Delivered), "both recorded");
        Assert.Equal(4, (await DeliveriesAsync(api)).Single(delivery => delivery.MessageId == "s1/5/1").Attempts);
    }

    [Fact]
    public async Task MessageThatCannotBeDelivered_BecomesADeadLetterAndCanBeSentAgain()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = _ => 500;
        await using var api = await ApiApplication.StartAsync([.. Local, "--Webhooks:GiveUpAfterSeconds=4"]);
        var webhook = await MakeAsync(api, receiver);

        // Of the future: one that a busy machine brings here too late would not be sent at all.
        api.Agent.Append(Now(1) with { At = DateTimeOffset.UtcNow.AddHours(1) });
        await Until.TrueAsync(async () =>
            (await DeliveriesAsync(api)) is [{ State: DeliveryState.Dead }], "the message is given up");
        var dead = (await DeliveriesAsync(api)).Single();
        Assert.Equal((500, "The receiver answered 500."), (dead.LastStatus, dead.LastError));
        Assert.True(dead.Attempts > 1);
        Assert.Equal(1, (await api.GetAsync($"{Path}/{webhook}", ApiJson.Shared.Webhook)).DeadLetters);

        receiver.Answer = _ => 200;
        using var again = await api.Client.PostAsync($"{Path}/{webhook}/deliveries/{dead.Id}/redeliver", null);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        await Until.TrueAsync(async () =>
            (await DeliveriesAsync(api)) is [{ State: DeliveryState.Delivered }], "the message is delivered");
        await ApiApplication.ProblemAsync(
            await api.Client.PostAsync($"{Path}/{webhook}/deliveries/999/redeliver", null),
            HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task ReceiverThatIsGone_DisablesTheWebhook()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = _ => 410;
        await using var api = await ApiApplication.StartAsync(Local);
        var webhook = await MakeAsync(api, receiver);

        api.Agent.Append(Now(1), Now(2));
        await Until.TrueAsync(async () =>
            !(await api.GetAsync($"{Path}/{webhook}", ApiJson.Shared.Webhook)).Enabled, "disabled");

        Assert.Contains("410", (await api.GetAsync($"{Path}/{webhook}", ApiJson.Shared.Webhook)).DisabledReason,
            StringComparison.Ordinal);
        Assert.Single(receiver.Received);
        receiver.Answer = _ => 200;
        using var enabled = await api.Client.PutAsync(
            $"{Path}/{webhook}", CommandTests.Json($$"""{"url":"{{receiver.Url}}"}"""));
        await Until.TrueAsync(() => receiver.Received.Length == 2, "what waited is sent when it is enabled again");
        Assert.Equal("s1/5/2", receiver.Received[1].Id);
    }

    [Fact]
    public async Task ReceiverThatIsDown_GetsEverythingAfterARestartOfTheApi()
    {
        await using var api = await ApiApplication.StartAsync(Local);
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = _ => 503;
        await MakeAsync(api, receiver);
        api.Agent.Append(Now(1), Now(2), Now(3));
        await Until.TrueAsync(async () =>
            (await DeliveriesAsync(api)).Length == 3 && receiver.Received.Length > 0, "messages wait");

        await api.RestartProgramAsync(between: () => receiver.Answer = _ => 200);

        await Until.TrueAsync(async () =>
            (await DeliveriesAsync(api)).All(delivery => delivery.State == DeliveryState.Delivered), "all delivered");
        Assert.Equal(["s1/5/1", "s1/5/2", "s1/5/3"], receiver.Received.Select(delivery => delivery.Id).Distinct());
    }

    [Fact]
    public async Task HistoryDeleted_LosesNoWebhookAndSendsNothingTwice()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var api = await ApiApplication.StartAsync(Local);
        await MakeAsync(api, receiver);
        api.Agent.Append(Now(1));
        await Until.TrueAsync(() => receiver.Received.Length == 1, "the first message");

        File.Delete(api.StateFile("history.db"));
        api.Agent.Append(Now(2));

        await Until.TrueAsync(() => receiver.Received.Length == 2, "the second message");
        await Until.TrueAsync(async () =>
            (await api.Client.GetAsync("/api/v1/events/s1/5/1")).IsSuccessStatusCode, "the history is back");
        Assert.Equal(["s1/5/1", "s1/5/2"], receiver.Received.Select(delivery => delivery.Id));
    }

    [Fact]
    public async Task TestButton_SendsOnceAndSaysWhatCameOfIt()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = request => request == 1 ? 200 : 500;
        await using var api = await ApiApplication.StartAsync(Local);
        var webhook = await MakeAsync(api, receiver);

        var good = await (await api.Client.PostAsync($"{Path}/{webhook}/test", null))
            .Content.ReadFromJsonAsync(ApiJson.Shared.WebhookTestResult);
        var bad = await (await api.Client.PostAsync($"{Path}/{webhook}/test", null))
            .Content.ReadFromJsonAsync(ApiJson.Shared.WebhookTestResult);

        Assert.Equal((true, 200), (good!.Delivered, good.Status));
        Assert.Equal((false, 500), (bad!.Delivered, bad.Status));
        Assert.Contains("\"type\":\"ha.test\"", receiver.Received[0].Body, StringComparison.Ordinal);
        Assert.Equal(2, receiver.Received.Length);
    }

    [Fact]
    public async Task Deliveries_ArePagedAndFiltered()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var api = await ApiApplication.StartAsync(Local);
        var webhook = await MakeAsync(api, receiver);
        api.Agent.Append([.. Enumerable.Range(1, 5).Select(number => Now(number))]);
        await Until.TrueAsync(async () => (await DeliveriesAsync(api))
            .Count(delivery => delivery.State == DeliveryState.Delivered) == 5, "all delivered");

        var first = await api.GetAsync($"{Path}/{webhook}/deliveries?limit=3&state=delivered",
            ApiJson.Shared.PageWebhookDelivery);
        var second = await api.GetAsync(first.NextLink!, ApiJson.Shared.PageWebhookDelivery);

        Assert.Equal(["s1/5/5", "s1/5/4", "s1/5/3", "s1/5/2", "s1/5/1"], first.Items.Concat(second.Items)
            .Select(delivery => delivery.MessageId));
        Assert.Null(second.NextLink);
        Assert.Empty((await api.GetAsync($"{Path}/{webhook}/deliveries?state=dead",
            ApiJson.Shared.PageWebhookDelivery)).Items);
        await ApiApplication.ProblemAsync(await api.Client.GetAsync($"{Path}/{webhook}/deliveries?state=lost"),
            HttpStatusCode.BadRequest, "malformed-request");
    }

    private static ClusterEvent Now(int number, EventSeverity severity = EventSeverity.Info) =>
        Sample.Event(number, severity: severity) with { At = DateTimeOffset.UtcNow };

    private static async Task<string> MakeAsync(ApiApplication api, Receiver receiver, string more = "\"enabled\":true")
    {
        using var response = await api.Client.PostAsync(
            Path, CommandTests.Json($$"""{"url":"{{receiver.Url}}","secret":"{{Secret}}",{{more}}}"""));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(ApiJson.Shared.Webhook))!.Id;
    }

    private static async Task<ImmutableArray<WebhookDelivery>> DeliveriesAsync(ApiApplication api)
    {
        var webhook = (await api.GetAsync(Path, ApiJson.Shared.PageWebhook)).Items.Single();
        return (await api.GetAsync($"{Path}/{webhook.Id}/deliveries", ApiJson.Shared.PageWebhookDelivery)).Items;
    }

    private static Ha.Api.Agent.AgentState StateOf(ApiApplication api) =>
        ((Ha.Api.Agent.AgentClient)api.Parts.GetService(typeof(Ha.Api.Agent.AgentClient))!).State;

    private static Outbox OutboxOf(ApiApplication api) => (Outbox)api.Parts.GetService(typeof(Outbox))!;

    private static long MarkOf(ApiApplication api) =>
        ((Ha.Api.Storage.SqliteFile<WebhooksContext>)api.Parts.GetService(
            typeof(Ha.Api.Storage.SqliteFile<WebhooksContext>))!)
        .Use(outbox => outbox.Marks.SingleOrDefault()?.Position ?? 0);
}
