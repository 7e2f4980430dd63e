using System.Security.Claims;
using Ha.Web.Client;
using Ha.Web.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ha.Web.Tests;

/// <summary>Who shares a connection to the cluster, for how long, and how long somebody is signed in.</summary>
public sealed class FeedPoolTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ha-web-pool-").FullName;
    private readonly ManualTime _time = new();
    private readonly ApiEndpoint _api;
    private readonly FeedPool _pool;

    public FeedPoolTests()
    {
        _api = new ApiEndpoint(new Uri("https://127.0.0.1:1"), CertificatePins.Load(_folder, []));
        _pool = new FeedPool([_api], _time, NullLogger<ClusterFeed>.Instance);
    }

    public Task InitializeAsync() => _pool.StartAsync(CancellationToken.None);

    [Fact]
    public void SameToken_SharesAFeedAndAnotherTokenDoesNot()
    {
        using var first = _pool.Acquire("one");
        using var second = _pool.Acquire("one");
        using var other = _pool.Acquire("two");

        Assert.Same(first.Feed, second.Feed);
        Assert.NotSame(first.Feed, other.Feed);
    }

    [Fact]
    public async Task FeedThatNobodyWatches_IsKeptForAReloadAndGivenUpAfterwards()
    {
        var lease = _pool.Acquire("one");
        var feed = lease.Feed;
        lease.Dispose();
        lease.Dispose();
        _time.Advance(FeedPool.Linger - TimeSpan.FromSeconds(6));
        using (var again = _pool.Acquire("one"))
        {
            Assert.Same(feed, again.Feed);
            _time.Advance(FeedPool.Linger * 2);
        }

        Assert.Equal(1, _pool.Count);
        await Waiting.ForAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(5));
                return _pool.Count == 0;
            },
            "the feed to be given up");
        using var later = _pool.Acquire("one");
        Assert.NotSame(feed, later.Feed);
    }

    [Fact]
    public void MoreTokensThanTheLimit_AreRefused()
    {
        var leases = Enumerable.Range(0, FeedPool.MaxFeeds).Select(n => _pool.Acquire($"token {n}")).ToList();

        Assert.Throws<InvalidOperationException>(() => _pool.Acquire("one more"));
        leases.ForEach(lease => lease.Dispose());
    }

    [Fact]
    public void Session_EndsAfterTwelveHoursWhateverIsDone()
    {
        var person = Session.Begin("secret", SampleCluster.Then);

        Assert.Equal("secret", Session.Token(person));
        Assert.False(Session.HasEnded(person, SampleCluster.Then.AddHours(11.9)));
        Assert.True(Session.HasEnded(person, SampleCluster.Then.AddHours(12)));
        Assert.True(Session.HasEnded(new ClaimsPrincipal(), SampleCluster.Then));
    }

    public Task DisposeAsync() => _pool.StopAsync(CancellationToken.None);

    public void Dispose()
    {
        _pool.Dispose();
        _api.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
