using System.Security.Claims;
using Ha.Web.Client;
using Ha.Web.Model;
using Ha.Web.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace Ha.Web.Components.Pages;

/// <summary>The one live page: follows the feed, asks before it acts, and tells what became of it.</summary>
public sealed partial class Overview
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private FeedLease _lease = default!;
    private ClusterView _view = default!;
    private ClaimsPrincipal _person = default!;
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private Task _follow = Task.CompletedTask;
    private string? _announcement;

    private CommandPlan? _plan;
    private ApiFault? _fault;
    private bool _sending;
    private string? _nextFocus;
    private (string OperationId, CommandPlan Plan)? _followed;
    private (Appearance Look, string Text)? _outcome;

    [Inject]
    private FeedPool Feeds { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IJSRuntime Script { get; set; } = default!;

    [CascadingParameter]
    private Task<AuthenticationState> SignedIn { get; set; } = default!;

    private Moment Now => new(Time.GetUtcNow() + _view.ClockOffset, _zone);

    private string? Blocked =>
        _view.State == FeedState.Live && Freshness.Of(_view, Time).CanAct ? null
        : "There is no contact with the cluster right now. It can be confirmed as soon as there is.";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _follow;
        _lease?.Dispose();
        _stop.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _person = (await SignedIn).User;
        _lease = Feeds.Acquire(Session.Token(_person));
        _view = _lease.Feed.View;
        if (RendererInfo.IsInteractive)
        {
            _follow = FollowAsync(_stop.Token);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            var zone = await Script.InvokeAsync<string>("haWeb.timeZone");
            _zone = TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Utc;
            StateHasChanged();
        }
    }

    /// <summary>Renders each new picture, and once a second so that ages grow.</summary>
    private async Task FollowAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _lease.Feed.WaitForChangeAsync(_view, Tick, stop);
                await Task.Delay(Coalesce, Time, stop);
                await InvokeAsync(ShowLatest);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The page was closed.
        }
        catch (Exception error)
        {
            await DispatchExceptionAsync(error); // a page that no longer follows must say so
        }
    }

    private void ShowLatest()
    {
        if (Session.HasEnded(_person, Time.GetUtcNow()))
        {
            Navigation.NavigateTo("/sign-in", forceLoad: true);
            return;
        }

        var before = _view.Snapshot;
        _view = _lease.Feed.View;
        if (_view.Snapshot is { } after && !ReferenceEquals(before, after))
        {
            _announcement = Announcement.Between(before, after) ?? _announcement;
            TellOutcome(after);
        }

        StateHasChanged();
    }

    private void Ask(CommandPlan plan)
    {
        _plan = plan;
        _fault = null;
        _nextFocus = null;
    }

    private void CloseDialog() => _plan = null;

    private async Task ConfirmAsync(string reason)
    {
        if (_plan is not { } plan || _sending)
        {
            return;
        }

        _sending = true;
        var key = Guid.NewGuid().ToString("N"); // one press, one key: a refused request may be changed and sent again
        var current = _lease.Feed.Current;
        var outcome = await _lease.Session.CommandAsync(
            [current, .. Feeds.Apis.Where(api => api != current)], plan.Request(reason), key, _stop.Token);
        _sending = false;
        switch (outcome)
        {
            case CommandOutcome.Accepted { Operation: var operation }:
                _plan = null;
                _followed = (operation.Id, plan);
                _outcome = (ProgressAppearance.Of(OperationState.Running), $"Under way: {operation.Title}.");
                _nextFocus = "outcome"; // the button that was pressed is about to make room for the steps
                break;
            case CommandOutcome.AlreadySo:
                _plan = null;
                _outcome = (ProgressAppearance.Of(OperationState.Succeeded), plan.Done);
                _nextFocus = "outcome";
                break;
            case CommandOutcome.Refused { Fault: var fault }:
                _fault = fault;
                break;
        }
    }

    /// <summary>Tells how the operation ended that this page asked for.</summary>
    private void TellOutcome(ClusterSnapshot cluster)
    {
        if (_followed is not { } followed
            || cluster.Operations.FirstOrDefault(one => one.Id == followed.OperationId) is not { } operation
            || ProgressAppearance.IsUnderWay(operation.State))
        {
            return;
        }

        _followed = null;
        var took = operation.FinishedAt is { } end ? $" It took {Moment.Span(end - operation.RequestedAt)}." : "";
        var text = operation.State == OperationState.Succeeded
            ? followed.Plan.Done + took
            : $"Failed: {operation.Title}. {operation.Detail}";
        _outcome = (ProgressAppearance.Of(operation.State), text);
    }
}
