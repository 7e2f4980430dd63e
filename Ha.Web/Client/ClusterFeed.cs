namespace Ha.Web.Client;

/// <summary>
/// Keeps the picture of the cluster alive: follows the first API of the list that works and goes on with the next as
/// soon as it fails or falls silent. It stays with an API that works; it learns no address from outside the list.
/// </summary>
internal sealed partial class ClusterFeed : IAsyncDisposable
{
    /// <summary>Longest silence of an API: three signs of life, which come each second.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(3);

    /// <summary>Time for connecting, until the first message.</summary>
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// An API that was followed for less than this counts as failed: a flapping one must not be tried without pause.
    /// </summary>
    public static readonly TimeSpan HealthyAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly ImmutableArray<ApiEndpoint> _apis;
    private readonly Func<ApiEndpoint, CancellationToken, IAsyncEnumerable<ApiMessage>> _follow;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterFeed> _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private ClusterSnapshot? _unconfirmed;
    private volatile ClusterView _view;
    private volatile TaskCompletionSource _changed = NewSignal();

    /// <summary>Starts following at once.</summary>
    /// <param name="apis">The APIs in order of preference; at least one.</param>
    /// <param name="follow">Connects to one API and yields what comes in; ends or throws when it is lost.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public ClusterFeed(
        ImmutableArray<ApiEndpoint> apis,
        Func<ApiEndpoint, CancellationToken, IAsyncEnumerable<ApiMessage>> follow,
        TimeProvider time,
        ILogger<ClusterFeed> logger)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(apis, []);
        _apis = apis;
        _follow = follow;
        _time = time;
        _logger = logger;
        _view = new ClusterView
        {
            State = FeedState.Connecting,
            Apis = [.. apis.Select(api => new ApiTrial(api.Name, null))],
            Api = apis[0].Name,
            StateSinceTimestamp = time.GetTimestamp(),
        };
        _run = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>The present picture.</summary>
    public ClusterView View => _view;

    /// <summary>The API that fed us last: commands go there first.</summary>
    public ApiEndpoint Current => _apis.First(api => api.Name == _view.Api);

    /// <summary>
    /// Returns as soon as the picture is another than <paramref name="seen"/>, or after <paramref name="atMost"/>.
    /// </summary>
    public async Task WaitForChangeAsync(ClusterView seen, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var changed = _changed.Task;
        if (!ReferenceEquals(_view, seen))
        {
            return;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(atMost, _time, timer.Token));
        await timer.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync(CancellationToken stop)
    {
        var failuresInRow = 0;
        for (var index = 0; !stop.IsCancellationRequested; index = (index + 1) % _apis.Length)
        {
            var api = _apis[index];
            Publish(Enter(_view, FeedState.Connecting) with { Api = api.Name });
            var begun = _time.GetTimestamp();
            var fault = await FollowAsync(api, stop);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            LogLost(api.Name, fault.Sentence);
            failuresInRow = _time.GetElapsedTime(begun) >= HealthyAfter ? 0 : failuresInRow + 1;
            Publish(Enter(WithTrial(_view, api, fault), FeedState.Connecting));
            if (failuresInRow > 0 && failuresInRow % _apis.Length == 0)
            {
                Publish(Enter(_view, FeedState.Waiting) with { Api = _apis[(index + 1) % _apis.Length].Name });
                await PauseAsync(failuresInRow / _apis.Length, stop);
            }
        }
    }

    /// <summary>Follows one API until it fails, falls silent or the feed is stopped.</summary>
    private async Task<ApiFault> FollowAsync(ApiEndpoint api, CancellationToken stop)
    {
        using var silence = new CancellationTokenSource(ConnectLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, silence.Token);
        var heard = false;
        _unconfirmed = null;
        try
        {
            await foreach (var message in _follow(api, either.Token).WithCancellation(either.Token))
            {
                if (Apply(message, api))
                {
                    silence.CancelAfter(SilenceLimit);
                    heard = true;
                }
            }

            return new ApiFault(ApiFaultKind.Closed, $"{api.Name} closed the connection", "");
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            var limit = heard ? SilenceLimit : ConnectLimit;
            return new ApiFault(
                ApiFaultKind.Silent, $"{api.Name} is silent", $"no sign of life for {limit.TotalSeconds:0} s");
        }
        catch (Exception error)
        {
            // Whatever broke this connection, the next API is the answer; the fault is shown and logged.
            return ApiFault.OfException(error, api);
        }
    }

    /// <summary>Takes a message in. True when it shows that the agent behind the API is alive now.</summary>
    private bool Apply(ApiMessage message, ApiEndpoint api)
    {
        switch (message)
        {
            case ApiMessage.SnapshotReceived { Snapshot: var snapshot } when _view.State == FeedState.Live:
                Publish(_view with { Snapshot = snapshot, LastSignTimestamp = _time.GetTimestamp() });
                return true;
            case ApiMessage.SnapshotReceived { Snapshot: var snapshot }:
                _unconfirmed = snapshot;
                return false;
            case ApiMessage.AliveReceived { Sign: var sign }:
                return ApplySign(sign, api);
            case ApiMessage.EventsReceived { Events: var events }:
                Publish(_view with { Events = EventList.Merge(_view.Events ?? [], events), EventsFault = null });
                return false;
            case ApiMessage.EventsUnavailable { Fault: var fault }:
                Publish(_view with { EventsFault = fault });
                return false;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>
    /// The first picture of a connection may be as old as the API likes: only a fresh sign of its agent makes it the
    /// one that is shown - or that there is nothing better to show.
    /// </summary>
    private bool ApplySign(LiveSign sign, ApiEndpoint api)
    {
        var age = sign.StateAgeMs is { } ms ? TimeSpan.FromMilliseconds(ms) : TimeSpan.MaxValue;
        var alive = sign.AgentConnected && age < SilenceLimit;
        if ((alive || _view.Snapshot is null) && age < TimeSpan.MaxValue)
        {
            var view = _view with
            {
                Snapshot = _unconfirmed ?? _view.Snapshot,
                Alive = sign.Agent,
                LastSignTimestamp = _time.GetTimestamp() - (long)(age.TotalSeconds * _time.TimestampFrequency),
                ClockOffset = sign.Agent is { } agent ? agent.At + age - _time.GetUtcNow() : _view.ClockOffset,
            };
            var live = alive && (_unconfirmed is not null || view.State == FeedState.Live);
            Publish(live ? Enter(WithTrial(view, api, null), FeedState.Live) : view);
            _unconfirmed = live ? null : _unconfirmed;
        }

        return sign.AgentConnected ? alive : throw new ApiException(ApiFault.AgentNotRunning(api.Name));
    }

    private ClusterView Enter(ClusterView view, FeedState state) => view.State == state
        ? view
        : view with
        {
            State = state,
            StateSinceTimestamp = Live(view.State) != Live(state) ? _time.GetTimestamp() : view.StateSinceTimestamp,
        };

    private static bool Live(FeedState state) => state == FeedState.Live;

    private static ClusterView WithTrial(ClusterView view, ApiEndpoint api, ApiFault? fault) =>
        view with
        {
            Apis = [.. view.Apis.Select(trial => trial.Name == api.Name ? trial with { Fault = fault } : trial)],
        };

    private void Publish(ClusterView view)
    {
        _view = view;
        var signal = _changed;
        _changed = NewSignal();
        signal.TrySetResult();
    }

    private async Task PauseAsync(int round, CancellationToken stop)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(round - 1, 10));
        await Task.Delay(pause < LongestPause ? pause : LongestPause, _time, stop)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(1, LogLevel.Warning, "The API {Api} no longer feeds the dashboard: {Reason}")]
    private partial void LogLost(string api, string reason);
}
