using Ha.Web.Client;
using Ha.Web.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ha.Web.Tests;

/// <summary>The feed against two real APIs: TLS, hub, REST, and one of them dying.</summary>
public sealed class FeedFailoverTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ha-web-failover-").FullName;
    private FakeApi _first = default!;
    private FakeApi _second = default!;
    private ImmutableArray<ApiEndpoint> _apis;

    public async Task InitializeAsync()
    {
        _first = await FakeApi.StartAsync(SampleCluster.AtRest("s1"));
        _second = await FakeApi.StartAsync(SampleCluster.AtRest("s2"));
        _apis = [.. Endpoints(_first.Address, _second.Address)];
    }

    [Fact]
    public async Task ApiKilled_TheFeedGoesOnViaTheOtherAtOnceWithoutDoubledEvents()
    {
        _first.History = [SampleCluster.Event(2, "two"), SampleCluster.Event(1, "one")];
        _second.History = [SampleCluster.Event(3, "three"), SampleCluster.Event(2, "two"),
            SampleCluster.Event(1, "one")];
        await using var feed = NewFeed(FakeApi.Token);
        await Waiting.ForAsync(() =>
            feed.View is { State: FeedState.Live, Events.Length: 2, Alive: not null }, "live via s1");

        await _first.DisposeAsync();

        await Waiting.ForAsync(() => feed.View is { State: FeedState.Live, Snapshot.Node: "s2" }, "live via s2");
        // Left because its connection broke, not after a time of silence.
        Assert.NotEqual(ApiFaultKind.Silent, feed.View.Apis[0].Fault!.Kind);
        await Waiting.ForAsync(() => feed.View.Events is { Length: 3 }, "the events of s2");
        Assert.Equal(["three", "two", "one"], feed.View.Events!.Value.Select(one => one.Sentence));
    }

    [Fact]
    public async Task AgentBehindTheApiHangs_TheFeedGoesOnViaTheOther()
    {
        await using var feed = NewFeed(FakeApi.Token);
        await Waiting.ForAsync(() => feed.View is { State: FeedState.Live, Snapshot.Node: "s1" }, "live via s1");

        _first.AliveSigns = false;

        await Waiting.ForAsync(() => feed.View is { State: FeedState.Live, Snapshot.Node: "s2" }, "live via s2");
        Assert.Equal(ApiFaultKind.Silent, feed.View.Apis[0].Fault!.Kind);
    }

    [Fact]
    public async Task AgentBehindTheApiStops_TheFeedGoesOnViaTheOther()
    {
        await using var feed = NewFeed(FakeApi.Token);
        await Waiting.ForAsync(() => feed.View is { State: FeedState.Live, Snapshot.Node: "s1" }, "live via s1");

        _first.AgentRuns = false;

        await Waiting.ForAsync(() => feed.View is { State: FeedState.Live, Snapshot.Node: "s2" }, "live via s2");
        Assert.Equal(ApiFaultKind.NotReady, feed.View.Apis[0].Fault!.Kind);
    }

    [Fact]
    public async Task EventsLeftOutByTheHub_AreReadFromTheHistory()
    {
        await using var feed = NewFeed(FakeApi.Token);
        await Waiting.ForAsync(() => feed.View.Events is { IsEmpty: true }, "empty history");
        _first.History = [SampleCluster.Event(1, "one")];

        await _first.ResyncAsync();

        await Waiting.ForAsync(() => feed.View.Events is { Length: 1 }, "the missing event");
    }

    [Fact]
    public async Task PushedEvent_ShowsUpOnceThoughHistoryHasItToo()
    {
        await using var feed = NewFeed(FakeApi.Token);
        await Waiting.ForAsync(() => feed.View.Events is not null, "history");

        await _first.PushAsync(SampleCluster.Event(1, "one"));
        await _first.PushAsync(SampleCluster.Event(1, "one"));
        await _first.PushAsync(SampleCluster.Event(2, "two"));

        await Waiting.ForAsync(() => feed.View.Events is { Length: 2 }, "two events");
    }

    [Fact]
    public async Task HistoryThatFails_IsToldWhileTheRestGoesOnAndIsReadLater()
    {
        _first.HistoryFailure = () => FakeApi.Problem(503, "The database cannot be used now", "The disk is full.");
        _first.History = [SampleCluster.Event(1, "one")];
        await using var feed = NewFeed(FakeApi.Token);

        await Waiting.ForAsync(() => feed.View.EventsFault is not null, "the fault");
        Assert.Equal(
            ("The database cannot be used now", "The disk is full.", "0af7651916cd43dd"),
            (feed.View.EventsFault!.Title, feed.View.EventsFault.Detail, feed.View.EventsFault.TraceId));
        _first.HistoryFailure = null;

        await Waiting.ForAsync(() => feed.View is { EventsFault: null, Events.Length: 1 }, "the history");
    }

    [Fact]
    public async Task WrongToken_IsToldForWhatItIs()
    {
        await using var feed = NewFeed("wrong");

        await Waiting.ForAsync(() => feed.View.TokenRefused, "token refused");
    }

    [Fact]
    public async Task ChangedCertificate_IsRefusedByTheFeed()
    {
        await using (var feed = NewFeed(FakeApi.Token))
        {
            await Waiting.ForAsync(() => feed.View.State == FeedState.Live, "live via s1");
        }

        _first.ShowAnotherCertificate();
        ImmutableArray<ApiEndpoint> only = [Endpoints(_first.Address).Single()];
        await using var second = new ClusterFeed(
            only, new ApiSession(FakeApi.Token).FollowAsync, TimeProvider.System, NullLogger<ClusterFeed>.Instance);

        await Waiting.ForAsync(() => second.View.Apis[0].Fault is not null, "a fault");
        Assert.Equal(ApiFaultKind.CertificateRefused, second.View.Apis[0].Fault!.Kind);
        Assert.Contains("changed", second.View.Apis[0].Fault!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_GoesToTheNextApiWhenOneCannotBeReachedAndKeepsItsKey()
    {
        var operation = SampleCluster.Operation("op-1", OperationState.Running, SampleCluster.Then);
        _second.OnCommand = _ => FakeApi.Accepted(operation);
        await _first.DisposeAsync();

        var outcome = await new ApiSession(FakeApi.Token).CommandAsync(
            _apis, ClusterCommand.SetMode("s1", NodeMode.Standby, "patching"), "key-1", CancellationToken.None);

        Assert.Equal("op-1", Assert.IsType<CommandOutcome.Accepted>(outcome).Operation.Id);
        var received = Assert.Single(_second.Commands);
        Assert.Equal(("mode s1", "key-1"), (received.What, received.Key));
        Assert.Equal("standby", received.Body.GetProperty("mode").GetString());
    }

    [Fact]
    public async Task CommandThatIsSoAlready_NeedsNoFollowing()
    {
        _first.OnCommand = _ => Microsoft.AspNetCore.Http.Results.Json(SampleCluster.AtRest("s1").Nodes[0]);

        var outcome = await new ApiSession(FakeApi.Token).CommandAsync(
            _apis, ClusterCommand.SetMode("s1", NodeMode.Active, ""), "key-1", CancellationToken.None);

        Assert.IsType<CommandOutcome.AlreadySo>(outcome);
        Assert.Empty(_second.Commands);
    }

    [Fact]
    public async Task RefusedCommand_IsNotTriedElsewhereAndTellsTheReason()
    {
        _first.OnCommand = _ => FakeApi.Problem(409, "The node is in standby", "Set it active first.");

        var outcome = await new ApiSession(FakeApi.Token).CommandAsync(
            _apis, ClusterCommand.TakeOver("s2", ""), "key-1", CancellationToken.None);

        var fault = Assert.IsType<CommandOutcome.Refused>(outcome).Fault;
        Assert.Equal("The node is in standby: Set it active first.", fault.Sentence);
        Assert.Empty(_second.Commands);
    }

    [Fact]
    public async Task SignIn_IsDecidedByTheClusterAndCounted()
    {
        using var gate = new SignInGate(_apis);

        Assert.Null(await gate.CheckAsync(FakeApi.Token, "10.0.0.1", CancellationToken.None));
        var refusal = await gate.CheckAsync("wrong", "10.0.0.1", CancellationToken.None);
        Assert.Equal("This token is not accepted.", refusal!.Title);
        Assert.NotNull(await gate.CheckAsync("line\nbreak", "10.0.0.1", CancellationToken.None));
        for (var tries = 3; tries < SignInGate.TriesPerMinute; tries++)
        {
            await gate.CheckAsync("wrong", "10.0.0.1", CancellationToken.None);
        }

        var tooMany = await gate.CheckAsync(FakeApi.Token, "10.0.0.1", CancellationToken.None);
        Assert.StartsWith("More than 10 tries", tooMany!.Title, StringComparison.Ordinal);
        Assert.Null(await gate.CheckAsync(FakeApi.Token, "10.0.0.2", CancellationToken.None));
    }

    [Fact]
    public async Task SignIn_WorksWhileOneNodeIsDownAndNamesEveryReasonWhenAllAre()
    {
        using var gate = new SignInGate(_apis);
        await _first.DisposeAsync();
        Assert.Null(await gate.CheckAsync(FakeApi.Token, "10.0.0.1", CancellationToken.None));

        await _second.DisposeAsync();

        var refusal = await gate.CheckAsync(FakeApi.Token, "10.0.0.1", CancellationToken.None);
        Assert.Equal("No node's API can be used.", refusal!.Title);
        Assert.Equal(2, refusal.Details.Length);
        Assert.All(refusal.Details, detail => Assert.Contains("connection refused", detail, StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        foreach (var api in _apis)
        {
            api.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private ClusterFeed NewFeed(string token) =>
        new(_apis, new ApiSession(token).FollowAsync, TimeProvider.System, NullLogger<ClusterFeed>.Instance);

    private IEnumerable<ApiEndpoint> Endpoints(params Uri[] addresses)
    {
        var pins = CertificatePins.Load(_folder, []);
        return addresses.Select(address => new ApiEndpoint(address, pins));
    }
}
