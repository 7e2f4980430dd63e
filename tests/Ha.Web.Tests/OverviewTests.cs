using Ha.Web.Client;
using Ha.Web.Components.Controls;
using Ha.Web.Model;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ha.Web.Tests;

/// <summary>The overview rendered from pictures of the cluster, without a browser.</summary>
public sealed class OverviewTests
{
    private static readonly ClusterSnapshot AtRest = SampleCluster.AtRest();

    [Fact]
    public async Task NothingHeardYet_SaysWhatItWaitsFor()
    {
        var html = await RenderAsync(Live(null) with { State = FeedState.Connecting });

        Assert.Contains("Waiting for the first picture of the cluster", html, StringComparison.Ordinal);
        Assert.Contains("Asking s1:8443", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Online", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClusterAtRest_ShowsTheHolderWhyAndBothNodes()
    {
        var html = await RenderAsync(Live(AtRest));

        Assert.Contains("<h2 id=\"group-0\" class=\"hero-name\">192.168.1.100</h2>", html, StringComparison.Ordinal);
        Assert.Contains("<strong>on s1</strong>", html, StringComparison.Ordinal);
        Assert.Contains("s1 is the preferred node and online.", html, StringComparison.Ordinal);
        Assert.Contains("2 of 2 nodes online · view 3.s1", html, StringComparison.Ordinal);
        Assert.Contains("Ready to take over", html, StringComparison.Ordinal);
        Assert.Contains("ucast eth0 192.168.1.203", html, StringComparison.Ordinal);
        Assert.Contains(AtRest.Promise, html, StringComparison.Ordinal);
        Assert.Contains(AtRest.Warnings[0].Split('\'')[0], html, StringComparison.Ordinal);
        Assert.Equal(4, Count(html, "<button"));
        Assert.Equal(0, Count(html, "disabled"));
        Assert.DoesNotContain("role=\"alert\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoResourcesConfigured_SaysHowToAddThem()
    {
        var html = await RenderAsync(Live(AtRest with { Groups = [] }));

        Assert.Contains("No resources are configured", html, StringComparison.Ordinal);
        Assert.Contains("haresources", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoEventsYet_SaysSo() => Assert.Contains(
        "Nothing has happened yet.", await RenderAsync(Live(AtRest) with { Events = [] }), StringComparison.Ordinal);

    [Fact]
    public async Task HistoryOutOfReach_SaysWhyAndWhereToLook()
    {
        var fault = new ApiFault(ApiFaultKind.NotReady, "The database cannot be used now", "The disk is full.", "0af7");

        var html = await RenderAsync(Live(AtRest) with { Events = null, EventsFault = fault });

        Assert.Contains("Older events cannot be read.", html, StringComparison.Ordinal);
        Assert.Contains("The disk is full. (trace 0af7)", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_ShowSeverityInWordsTimeAndSentence()
    {
        var html = await RenderAsync(Live(AtRest) with
        {
            Events = [SampleCluster.Event(1, "s1 is dead: silent for 30 s.", EventSeverity.Error, subject: "s1",
                node: "s2")],
        });

        Assert.Contains("s1 is dead: silent for 30 s.", html, StringComparison.Ordinal);
        Assert.Contains("Error · s1 · seen by s2", html, StringComparison.Ordinal);
        Assert.Contains("title=\"2026-11-22 12:00:01.000 +00:00 · 2026-11-22 12:00:01.000 UTC\"", html,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoOwners_AreAnAlarm()
    {
        var conflict = AtRest.Groups[0] with
        {
            State = GroupState.Conflict, ActiveOn = ["s1", "s2"], Reason = "The network was split; s2 gives it up.",
        };

        var html = await RenderAsync(Live(AtRest with { Groups = [conflict] }));

        Assert.Contains("role=\"alert\"", html, StringComparison.Ordinal);
        Assert.Contains("192.168.1.100: Conflict. The network was split; s2 gives it up.", html,
            StringComparison.Ordinal);
        Assert.Contains("on s1 and s2 at once", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GroupWithACopyOnEachNode_NobodyIsWarnedThatNoOtherCouldTakeOver()
    {
        var clone = AtRest.Groups[0] with { State = GroupState.Active, ActiveOn = ["s1", "s2"] };

        var html = await RenderAsync(Live(AtRest with { Groups = [clone] }));

        Assert.Contains("<strong>on s1 and s2</strong>", html, StringComparison.Ordinal);
        Assert.Contains("when one is lost, the others go on", html, StringComparison.Ordinal);
        Assert.DoesNotContain("No other node could take it over", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OldPicture_IsMarkedAndOffersNoActions()
    {
        var html = await RenderAsync(Live(AtRest), age: TimeSpan.FromSeconds(12));

        Assert.Contains("overview is-stale", html, StringComparison.Ordinal);
        Assert.Contains("<p class=\"live tone-bad\">", html, StringComparison.Ordinal);
        Assert.Contains("12 s ago", html, StringComparison.Ordinal);
        Assert.Equal(Count(html, "<button"), Count(html, "disabled"));
    }

    [Fact]
    public async Task NoApi_KeepsTheLastPictureAndSaysWhatIsTriedNext()
    {
        var view = Live(AtRest) with
        {
            State = FeedState.Waiting,
            Api = "s2:8443",
            Apis = [new("s1:8443", Refused("s1:8443")), new("s2:8443", Refused("s2:8443"))],
        };

        var html = await RenderAsync(view, age: TimeSpan.FromSeconds(4), lost: TimeSpan.FromSeconds(4));

        Assert.Contains("No contact with the cluster.", html, StringComparison.Ordinal);
        Assert.Contains("Trying s2:8443 next.", html, StringComparison.Ordinal);
        Assert.Contains("s1:8443 out of reach: connection refused", html, StringComparison.Ordinal);
        Assert.Contains("<strong>on s1</strong>", html, StringComparison.Ordinal);
        Assert.Equal(Count(html, "<button"), Count(html, "disabled"));
    }

    [Fact]
    public async Task ShortChangeOfApi_ShowsNoBanner() => Assert.DoesNotContain(
        "No contact",
        await RenderAsync(Live(AtRest) with { State = FeedState.Connecting }, lost: TimeSpan.FromMilliseconds(300)),
        StringComparison.Ordinal);

    [Fact]
    public async Task TokenNoLongerAccepted_LeadsToSignIn()
    {
        var fault = ApiFault.OfStatus(System.Net.HttpStatusCode.Unauthorized, "s1:8443");

        var html = await RenderAsync(Live(null) with { State = FeedState.Waiting, Apis = [new("s1:8443", fault)] });

        Assert.Contains("The token is not accepted any more.", html, StringComparison.Ordinal);
        Assert.Contains("href=\"sign-in\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OperationUnderWay_TakesThePlaceOfTheButtons()
    {
        var operation = SampleCluster.Operation("op-1", OperationState.Running, SampleCluster.Then);

        var html = await RenderAsync(Live(AtRest with { Operations = [operation] }));

        Assert.Contains("aria-label=\"Operation under way\"", html, StringComparison.Ordinal);
        Assert.Contains("stop haproxy on s1", html, StringComparison.Ordinal);
        Assert.Contains("Reason: patching", html, StringComparison.Ordinal);
        Assert.Equal(0, Count(html, "<button"));
    }

    [Fact]
    public async Task FinishedOperation_IsListedWithWhoWhyAndHowLong()
    {
        var operation = SampleCluster.Operation("op-1", OperationState.Failed, SampleCluster.Then);

        var html = await RenderAsync(Live(AtRest with { Operations = [operation] }));

        Assert.Contains("took 0.1 s", html, StringComparison.Ordinal);
        Assert.Contains("“patching”", html, StringComparison.Ordinal);
        Assert.Contains("haproxy on s2 could not be started: exit code 1", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TransitionUnderWay_ShowsWhyAndItsActions()
    {
        var transition = new TransitionSnapshot(
            "3.s1/12", "s1 died: silent for 30 s.", [new("s2", "haproxy", OperationKind.Start, StepState.Running)]);

        var html = await RenderAsync(Live(AtRest with { Transition = transition }));

        Assert.Contains("s1 died: silent for 30 s.", html, StringComparison.Ordinal);
        Assert.Contains("start haproxy on s2", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HangingHeartbeatLoop_IsTold() => Assert.Contains(
        "has not run for",
        await RenderAsync(Live(AtRest) with { Alive = new AliveSign(SampleCluster.Then, 42, 4200, 4200) }),
        StringComparison.Ordinal);

    [Fact]
    public async Task TextOfTheCluster_CannotBecomeMarkup()
    {
        var html = await RenderAsync(Live(AtRest) with
        {
            Events = [SampleCluster.Event(1, "<script>alert(1)</script>")],
        });

        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NotYetInteractive_OffersNoActions()
    {
        var html = await RenderAsync(Live(AtRest), interactive: false);

        Assert.Equal(Count(html, "<button"), Count(html, "disabled"));
    }

    private static ClusterView Live(ClusterSnapshot? snapshot) => new()
    {
        State = FeedState.Live,
        Apis = [new ApiTrial("s1:8443", null), new ApiTrial("s2:8443", null)],
        Api = "s1:8443",
        Snapshot = snapshot,
        StateSinceTimestamp = 0,
        Events = [.. SampleCluster.Story(SampleCluster.Then)],
    };

    private static ApiFault Refused(string api) =>
        new(ApiFaultKind.Unreachable, $"{api} out of reach", "connection refused; is ha-api running there?");

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static async Task<string> RenderAsync(
        ClusterView view, TimeSpan? age = null, TimeSpan lost = default, bool interactive = true)
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(ClusterOverview.View)] = view,
            [nameof(ClusterOverview.Now)] = new Moment(SampleCluster.Then.AddSeconds(1), TimeZoneInfo.Utc),
            [nameof(ClusterOverview.Fresh)] = Freshness.Of(age ?? TimeSpan.FromSeconds(0.3)),
            [nameof(ClusterOverview.Lost)] = lost,
            [nameof(ClusterOverview.Interactive)] = interactive,
        });
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var rendered = await renderer.RenderComponentAsync<ClusterOverview>(parameters);
            return System.Net.WebUtility.HtmlDecode(rendered.ToHtmlString()
                .Replace("&lt;", "&amp;lt;", StringComparison.Ordinal));
        });
    }
}
