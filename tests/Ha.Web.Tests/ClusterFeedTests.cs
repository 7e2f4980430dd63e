using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Ha.Web.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ha.Web.Tests;

/// <summary>
/// Which API the feed follows, when it moves on and how long it waits: scripted connections, virtual time.
/// </summary>
public sealed class ClusterFeedTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ha-web-feed-").FullName;
    private readonly ManualTime _time = new();
    private readonly ConcurrentDictionary<string, ScriptedApi> _scripts = new();
    private readonly ImmutableArray<ApiEndpoint> _apis;
    private readonly ClusterFeed _feed;

    public ClusterFeedTests()
    {
        var pins = CertificatePins.Load(_folder, []);
        _apis = [new ApiEndpoint(new Uri("https://s1:8443"), pins), new ApiEndpoint(new Uri("https://s2:8443"), pins)];
        _feed = new ClusterFeed(_apis, Follow, _time, NullLogger<ClusterFeed>.Instance);
    }

    [Fact]
    public async Task FirstApiThatAnswers_FeedsTheView()
    {
        await ConnectedTo("s1:8443");
        Assert.Equal(FeedState.Connecting, _feed.View.State);

        Send("s1:8443", new ApiMessage.SnapshotReceived(SampleCluster.AtRest("s1")));
        Send("s1:8443", Sign());

        await Waiting.ForAsync(() => _feed.View.State == FeedState.Live, "live");
        Assert.Equal(("s1:8443", "s1"), (_feed.View.Api, _feed.View.Snapshot!.Node));
    }

    [Fact]
    public async Task SilentApi_IsLeftAfterThreeSecondsAndTheLastPictureStays()
    {
        await LiveOn("s1:8443", "s1");
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Send("s1:8443", Sign());
        await SilenceIsCounted();
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(FeedState.Live, _feed.View.State);

        _time.Advance(TimeSpan.FromSeconds(0.2));

        await ConnectedTo("s2:8443");
        await Waiting.ForAsync(() => _feed.View.Api == "s2:8443", "trying s2");
        Assert.Equal("s1", _feed.View.Snapshot!.Node);
        Assert.Equal("s1:8443 is silent: no sign of life for 3 s", _feed.View.Apis[0].Fault!.Sentence);
    }

    [Fact]
    public async Task HistoryPages_AreNoSignOfLife()
    {
        await LiveOn("s1:8443", "s1");
        _time.Advance(TimeSpan.FromSeconds(2.5));
        Send("s1:8443", new ApiMessage.EventsReceived([SampleCluster.Event(1, "one")]));
        await Waiting.ForAsync(() => _feed.View.Events is not null, "events");

        _time.Advance(TimeSpan.FromSeconds(0.6));

        await ConnectedTo("s2:8443");
    }

    [Fact]
    public async Task LostConnection_GoesToTheNextApiWithoutAnyPause()
    {
        await LiveOn("s1:8443", "s1");

        End("s1:8443", new IOException("reset"));

        await LiveOn("s2:8443", "s2");
        Assert.Equal("s2", _feed.View.Snapshot!.Node);
        Assert.Null(_feed.View.Apis[1].Fault);
        Assert.Equal("s2:8443", _feed.Current.Name);
    }

    [Fact]
    public async Task NoApiAtAll_IsTriedAgainInRoundsThatGetSlowerUpToTwoSeconds()
    {
        double[] pauses = [0.25, 0.5, 1, 2, 2];
        foreach (var pause in pauses)
        {
            await ConnectedTo("s1:8443");
            End("s1:8443", new IOException("refused"));
            await ConnectedTo("s2:8443");
            End("s2:8443", new IOException("refused"));
            await Waiting.ForAsync(() => _feed.View.State == FeedState.Waiting && _time.Armed == 1, "waiting");
            _time.Advance(TimeSpan.FromSeconds(pause - 0.01));
            Assert.Equal(FeedState.Waiting, _feed.View.State);
            _time.Advance(TimeSpan.FromSeconds(0.01));
        }

        await ConnectedTo("s1:8443");
        Assert.All(_feed.View.Apis, api => Assert.Equal(ApiFaultKind.Unreachable, api.Fault!.Kind));
    }

    [Fact]
    public async Task FlappingApis_AreNotTriedWithoutPause()
    {
        await LiveOn("s1:8443", "s1");
        End("s1:8443", null);
        await LiveOn("s2:8443", "s2");
        End("s2:8443", null);

        await Waiting.ForAsync(() => _feed.View.State == FeedState.Waiting, "a pause");
        Assert.Equal(ApiFaultKind.Closed, _feed.View.Apis[0].Fault!.Kind);
    }

    [Fact]
    public async Task TokenRefusedEverywhere_IsTold()
    {
        foreach (var api in new[] { "s1:8443", "s2:8443" })
        {
            await ConnectedTo(api);
            End(api, new ApiException(ApiFault.OfStatus(System.Net.HttpStatusCode.Unauthorized, api)));
        }

        await Waiting.ForAsync(() => _feed.View.TokenRefused, "token refused");
    }

    [Fact]
    public async Task ApiWhoseAgentDoesNotRun_IsLeftAtOnceAndItsOldPictureReplacesNothing()
    {
        await LiveOn("s1:8443", "s1");
        End("s1:8443", new IOException("reset"));
        await ConnectedTo("s2:8443");

        Send("s2:8443", new ApiMessage.SnapshotReceived(SampleCluster.AtRest("s2")));
        Send("s2:8443", Sign(agentConnected: false, ageMs: 60_000));

        await Waiting.ForAsync(() => _feed.View.Apis[1].Fault is not null, "s2 is left");
        Assert.Equal("Cluster agent out of reach", _feed.View.Apis[1].Fault!.Title);
        Assert.Equal("s1", _feed.View.Snapshot!.Node);
        Assert.NotEqual(FeedState.Live, _feed.View.State);
    }

    [Fact]
    public async Task OldPicture_IsBetterThanNoneAndShownWithItsAge()
    {
        await ConnectedTo("s1:8443");

        Send("s1:8443", new ApiMessage.SnapshotReceived(SampleCluster.AtRest("s1")));
        Send("s1:8443", Sign(agentConnected: false, ageMs: 60_000));

        await Waiting.ForAsync(() => _feed.View.Snapshot is not null, "the old picture");
        Assert.Equal(TimeSpan.FromMinutes(1), _time.GetElapsedTime(_feed.View.LastSignTimestamp!.Value));
        Assert.NotEqual(FeedState.Live, _feed.View.State);
    }

    [Fact]
    public async Task FrozenAgent_IsTakenForSilentThoughItsApiStillSends()
    {
        await LiveOn("s1:8443", "s1");
        _time.Advance(TimeSpan.FromSeconds(2.5));
        Send("s1:8443", Sign(ageMs: 3500));
        _time.Advance(TimeSpan.FromSeconds(0.6));

        await ConnectedTo("s2:8443");
    }

    [Fact]
    public async Task ClockOfTheNode_IsFollowedNotOurs()
    {
        await LiveOn("s1:8443", "s1");

        Send("s1:8443", Sign(clock: _time.GetUtcNow().AddMinutes(5)));

        await Waiting.ForAsync(() =>
            _feed.View.ClockOffset == TimeSpan.FromMinutes(5) + TimeSpan.FromMilliseconds(20), "offset");
    }

    public async ValueTask DisposeAsync()
    {
        await _feed.DisposeAsync();
        foreach (var api in _apis)
        {
            api.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async IAsyncEnumerable<ApiMessage> Follow(ApiEndpoint api, [EnumeratorCancellation] CancellationToken stop)
    {
        var script = new ScriptedApi();
        _scripts[api.Name] = script;
        await foreach (var message in script.Messages.Reader.ReadAllAsync(stop))
        {
            yield return message;
        }
    }

    private ApiMessage.AliveReceived Sign(bool agentConnected = true, long? ageMs = 20, DateTimeOffset? clock = null) =>
        new(new LiveSign(agentConnected, ageMs, new AliveSign(clock ?? _time.GetUtcNow(), 42, 3, 0.1)));

    private Task<TimeSpan> ConnectedTo(string api) =>
        Waiting.ForAsync(() => _scripts.TryGetValue(api, out var script) && !script.Ended, $"a connection to {api}");

    private async Task LiveOn(string api, string node)
    {
        await ConnectedTo(api);
        Send(api, new ApiMessage.SnapshotReceived(SampleCluster.AtRest(node)));
        Send(api, Sign());
        await Waiting.ForAsync(() => _feed.View is { State: FeedState.Live } view && view.Api == api, $"live on {api}");
        await SilenceIsCounted();
    }

    /// <summary>The picture is shown a moment before its silence is counted: no time may pass between them.</summary>
    private Task<TimeSpan> SilenceIsCounted() =>
        Waiting.ForAsync(() => _time.UntilNext == ClusterFeed.SilenceLimit, "the silence is counted from now on");

    private void Send(string api, ApiMessage message) => Assert.True(_scripts[api].Messages.Writer.TryWrite(message));

    private void End(string api, Exception? error)
    {
        _scripts[api].Ended = true;
        _scripts[api].Messages.Writer.Complete(error);
    }

    private sealed class ScriptedApi
    {
        public Channel<ApiMessage> Messages { get; } = Channel.CreateBounded<ApiMessage>(16);

        public bool Ended { get; set; }
    }
}
