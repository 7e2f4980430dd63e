using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace Ha.Api.Tests;

public sealed class HubTests
{
    [Fact]
    public async Task Client_GetsTheSnapshotThenChangesAndEventsInOrder()
    {
        await using var api = await ApiApplication.StartAsync();
        await using var hub = await HubClient.ConnectAsync(api);

        Assert.Equal("s1", (await hub.SnapshotAsync()).Groups[0].ActiveOn.Single());
        api.Agent.Show(Sample.Cluster(2, active: "s2"));
        Assert.Equal("s2", (await hub.SnapshotAsync()).Groups[0].ActiveOn.Single());
        api.Agent.Append([.. Enumerable.Range(1, 50).Select(number => Sample.Event(number))]);
        for (var number = 1; number <= 50; number++) Assert.Equal(number, (await hub.EventAsync()).Position);
    }

    [Fact]
    public async Task ManyChangesAtOnce_AreCoalescedAndTheLastOneArrives()
    {
        await using var api = await ApiApplication.StartAsync();
        await using var hub = await HubClient.ConnectAsync(api);
        await hub.SnapshotAsync();
        var watch = Stopwatch.StartNew();

        for (var version = 2; version <= 500; version++) api.Agent.Show(Sample.Cluster(version));

        var received = 0;
        while ((await hub.SnapshotAsync()).Version < 500) received++;
        Assert.InRange(received, 0, watch.Elapsed.TotalMilliseconds / 100 + 1);
    }

    [Fact]
    public async Task SignsOfLife_TellWhenTheAgentDiesAndComesBack()
    {
        await using var api = await ApiApplication.StartAsync();
        await using var hub = await HubClient.ConnectAsync(api);
        Assert.True((await SignAsync(hub)).AgentConnected);

        await api.StopAgentAsync();
        LiveSign sign;
        do sign = await SignAsync(hub); while (sign.AgentConnected);
        var later = await SignAsync(hub);
        Assert.True(later.StateAgeMs > sign.StateAgeMs);

        api.StartAgent(Sample.Cluster(generation: 6));
        do sign = await SignAsync(hub); while (!sign.AgentConnected);
    }

    [Fact]
    public async Task EventsWhileTheAgentWasAway_ArriveAfterwardsWithoutAGap()
    {
        await using var api = await ApiApplication.StartAsync();
        await using var hub = await HubClient.ConnectAsync(api);
        await hub.SnapshotAsync();
        api.Agent.Append(Sample.Event(1));
        Assert.Equal(1, (await hub.EventAsync()).Position);

        var journal = api.Agent.Journal;
        await api.StopAgentAsync();
        api.StartAgent(journal: journal.Add(new JournalEntry(2, Sample.Event(2))));

        Assert.Equal(2, (await hub.EventAsync()).Position);
    }

    [Fact]
    public async Task JournalThatBeganAnew_TellsClientsToReadAgain()
    {
        await using var api = await ApiApplication.StartAsync();
        await using var hub = await HubClient.ConnectAsync(api);
        await hub.SnapshotAsync();
        api.Agent.Append(Sample.Event(1), Sample.Event(2));
        await hub.EventAsync();

        await api.StopAgentAsync();
        api.StartAgent(journal: [new JournalEntry(1, Sample.Event(7))]);

        Assert.Contains("/api/v1/events", (await hub.NextAsync("Resync")).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientThatDoesNotRead_HoldsUpNobody()
    {
        await using var api = await ApiApplication.StartAsync();
        await using var asleep = await HubClient.ConnectAsync(api, read: false);
        await using var hub = await HubClient.ConnectAsync(api);
        await hub.SnapshotAsync();
        var sentence = new string('x', 2000);

        for (var number = 1; number <= 4000; number++)
        {
            api.Agent.Append(Sample.Event(number, sentence: sentence));
            if (number % 500 == 0) while ((await hub.EventAsync()).Position < number) { }
        }
    }

    [Fact]
    public async Task Token_IsTakenFromHeaderOrQueryAndNeverLogged()
    {
        await using var api =
            await ApiApplication.StartAsync(["--Logging:LogLevel:Default=Debug", "--Logging:LogLevel:Microsoft=Debug"]);
        await using (var hub = await HubClient.ConnectAsync(api, tokenInQuery: true)) await hub.SnapshotAsync();

        await Assert.ThrowsAsync<WebSocketException>(() => HubClient.ConnectAsync(api, token: "ha_wrong"));
        await Assert.ThrowsAsync<WebSocketException>(() =>
            HubClient.ConnectAsync(api, tokenInQuery: true, token: "ha_wrong"));
        Assert.DoesNotContain(api.Logged, line => line.Contains(api.Token, StringComparison.Ordinal));
        using var elsewhere = await api.Anonymous.GetAsync($"/api/v1/cluster?access_token={api.Token}");
        await ApiApplication.ProblemAsync(elsewhere, System.Net.HttpStatusCode.Unauthorized, "unauthorized");
    }

    private static async Task<LiveSign> SignAsync(HubClient hub) =>
        (await hub.NextAsync("Alive")).Deserialize(HaJson.Default.LiveSign)!;
}
