namespace Ha.Api.Tests;

// One node sends, each event once, and nothing from before: what a change of coordinator does to webhooks.
public sealed partial class WebhookTests
{
    [Fact]
    public async Task OnlyTheCoordinatorSends_AndItsSuccessorSendsWhatTellsOfItsDeath()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var api =
            await ApiApplication.StartAsync(Local, before: application =>
            application.Agent.Show(Sample.Cluster(node: "s2")));
        await MakeAsync(api, receiver);

        api.Agent.Append(Now(1), Now(2));
        await Until.TrueAsync(async () =>
            (await api.GetAsync("/api/v1/events", HaJson.Default.PageClusterEvent)).Items.Length == 2,
            "both are known");
        Assert.Empty(await DeliveriesAsync(api));

        api.Agent.Append(Now(3, EventSeverity.Critical));
        api.Agent.Show(Sample.Cluster(2, node: "s2") with { View = new ViewSnapshot("2.s2", "s2", ["s2"]) });

        await Until.TrueAsync(() => receiver.Received.Length == 3, "the successor sends the last events");
        Assert.Equal(["s1/5/1", "s1/5/2", "s1/5/3"], receiver.Received.Select(delivery => delivery.Id));
    }

    [Fact]
    public async Task NewWebhook_GetsNothingFromBeforeItWasMade()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var api = await ApiApplication.StartAsync(
            Local, before: application => application.Agent.Show(Sample.Cluster(node: "s2")));
        api.Agent.Append(Now(1));
        await Until.TrueAsync(() => OutboxOf(api).ReadMark().Position == 1, "the event is held back");
        await MakeAsync(api, receiver);

        api.Agent.Append(Now(2));
        api.Agent.Show(Sample.Cluster(2, node: "s2") with { View = new ViewSnapshot("2.s2", "s2", ["s2"]) });

        await Until.TrueAsync(() => receiver.Received.Length == 1, "the new event is sent");
        Assert.Equal("s1/5/2", receiver.Received.Single().Id);
    }

    [Fact]
    public async Task NodeThatIsNotTheCoordinator_ForgetsOldEvents()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var api = await ApiApplication.StartAsync([.. Local, "--Webhooks:OverlapSeconds=0"],
            before: application => application.Agent.Show(Sample.Cluster(node: "s2")));
        await MakeAsync(api, receiver);

        api.Agent.Append(Now(1));
        await Until.TrueAsync(() => MarkOf(api) == 1, "the mark moves on");
        api.Agent.Show(Sample.Cluster(2, node: "s2") with { View = new ViewSnapshot("2.s2", "s2", ["s2"]) });
        // Without overlap an event that comes before the news of the new coordinator is an old one.
        await Until.TrueAsync(() => StateOf(api).Snapshot?.View?.Coordinator == "s2", "it coordinates");
        api.Agent.Append(Now(2));

        await Until.TrueAsync(() => receiver.Received.Length == 1, "only the new one is sent");
        Assert.Equal("s1/5/2", receiver.Received.Single().Id);
    }

    [Fact]
    public async Task JournalFullOfOldEvents_RaisesNoStorm()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var api = await ApiApplication.StartAsync(Local);
        await MakeAsync(api, receiver);

        api.Agent.Append([.. Enumerable.Range(1, 50)
            .Select(number => Now(number) with { At = DateTimeOffset.UtcNow.AddDays(-2) })]);
        api.Agent.Append(Now(51));

        await Until.TrueAsync(() => receiver.Received.Length > 0, "the recent event is sent");
        Assert.Equal("s1/5/51", receiver.Received.Single().Id);
    }
}
