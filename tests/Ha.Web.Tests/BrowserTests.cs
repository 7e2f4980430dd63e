using System.Diagnostics;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Ha.Web.Tests;

/// <summary>The real ha-web in a real browser, against two APIs of this process.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private FakeApi _first = default!;
    private FakeApi _second = default!;
    private DashboardProcess _dashboard = default!;

    public async Task InitializeAsync()
    {
        var now = DateTimeOffset.UtcNow;
        _first = await FakeApi.StartAsync(SampleCluster.AtRest("s1", now));
        _second = await FakeApi.StartAsync(SampleCluster.AtRest("s2", now));
        _first.History = SampleCluster.Story(now);
        _dashboard = await DashboardProcess.StartAsync(_first.Address, _second.Address);
    }

    [Fact]
    public async Task WrongToken_IsRefusedAndTheRightOneLetsIn()
    {
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GetByLabel("API token").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This token is not accepted.");

        await Browser.SignInAsync(page);

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "192.168.1.100" })).ToBeVisibleAsync();
        var cookie = Assert.Single(await page.Context.CookiesAsync(), one => one.Name == "ha-web");
        Assert.Equal((true, SameSiteAttribute.Strict), (cookie.HttpOnly, cookie.SameSite));
        Assert.DoesNotContain(FakeApi.Token, cookie.Value, StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("API token")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task EveryAnswer_ForbidsInlineCodeFramesAndOtherHosts()
    {
        var outside = new List<string>();
        var violations = new List<string>();
        var page = await browser.OpenAsync(_dashboard.Address);
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != _dashboard.Address.Authority)
            {
                outside.Add(request.Url);
            }
        };
        page.Console += (_, line) =>
        {
            if (line.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                violations.Add(line.Text);
            }
        };
        await Browser.SignInAsync(page);
        var answer = await page.GotoAsync("/");
        var policy = await answer!.HeaderValueAsync("content-security-policy");

        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("no-store", await answer.HeaderValueAsync("cache-control"), StringComparison.Ordinal);
        Assert.Equal("nosniff", await answer.HeaderValueAsync("x-content-type-options"));
        Assert.Empty(outside);
        Assert.Empty(violations);
        Assert.Equal(404, (await page.GotoAsync("/no-such-page"))!.Status);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" }))
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task ChangeInTheCluster_IsSeenWithoutReload()
    {
        var page = await browser.OpenAsync(_dashboard.Address);
        await Browser.SignInAsync(page);
        await Assertions.Expect(page.GetByText("on s1", new() { Exact = true })).ToBeVisibleAsync();

        await _first.SetAsync(SampleCluster.AtRest("s1", DateTimeOffset.UtcNow).WithStandby("s1", "s2"));
        await _first.PushAsync(SampleCluster.Event(50, "haproxy runs on s2 now.", at: DateTimeOffset.UtcNow));

        await Assertions.Expect(page.GetByText("on s2", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("haproxy runs on s2 now.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Bring s1 online …" }))
            .ToBeEnabledAsync();
    }

    [Fact]
    public async Task Standby_ByKeyboardOnly_AsksFirstCarriesTheReasonAndTellsTheOutcome()
    {
        var now = DateTimeOffset.UtcNow;
        var running = SampleCluster.Operation("op-1", OperationState.Running, now);
        _first.OnCommand = _ => FakeApi.Accepted(running);
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GetByLabel("API token").FocusAsync();
        await page.Keyboard.TypeAsync(FakeApi.Token);
        await page.Keyboard.PressAsync("Enter");
        var opener = page.Locator("button:enabled", new() { HasText = "Put s1 in standby …" });
        await opener.WaitForAsync();

        await TabToAsync(page, "Put s1 in standby …");
        await page.Keyboard.PressAsync("Enter");
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Put s1 in standby?" });
        await Assertions.Expect(dialog).ToContainTextAsync("Move 192.168.1.100 and haproxy from s1 to s2.");
        await Assertions.Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(dialog).ToBeHiddenAsync();
        await Assertions.Expect(opener).ToBeFocusedAsync();
        Assert.Empty(_first.Commands);

        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Shift+Tab");
        await page.Keyboard.TypeAsync("patching the kernel");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(dialog).ToBeHiddenAsync();
        var command = Assert.Single(_first.Commands);
        Assert.Equal("mode s1", command.What);
        Assert.Equal("patching the kernel", command.Body.GetProperty("reason").GetString());
        Assert.NotEmpty(command.Key);
        await Assertions.Expect(page.Locator("#outcome")).ToBeFocusedAsync();

        await _first.SetAsync(SampleCluster.AtRest("s1", now) with { Operations = [running] });
        await Assertions.Expect(page.GetByRole(AriaRole.Group, new() { Name = "Operation under way" }))
            .ToBeVisibleAsync();
        await Assertions.Expect(opener).ToBeHiddenAsync();

        var done = SampleCluster.Operation("op-1", OperationState.Succeeded, now);
        await _first.SetAsync(SampleCluster.AtRest("s1", now).WithStandby("s1", "s2") with { Operations = [done] });
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("s1 is in standby. It took 0.1 s.");
    }

    [Fact]
    public async Task RefusedCommand_IsExplainedInTheDialog()
    {
        _first.OnCommand = _ =>
            FakeApi.Problem(409, "No other node could take the resources", "Bring another node online first.");
        var page = await browser.OpenAsync(_dashboard.Address);
        await Browser.SignInAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Move to s2 …" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Move 192.168.1.100 to s2?" });

        await dialog.GetByRole(AriaRole.Button, new() { Name = "Move to s2" }).ClickAsync();

        await Assertions.Expect(dialog.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("Bring another node online first.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(dialog).ToBeHiddenAsync();
    }

    [Fact]
    public async Task ApiOfTheFirstNodeKilled_ThePageGoesOnViaTheSecond()
    {
        var page = await browser.OpenAsync(_dashboard.Address);
        await Browser.SignInAsync(page);
        await Assertions.Expect(page.Locator(".live")).ToContainTextAsync("live via s1");

        await _first.DisposeAsync();

        await Assertions.Expect(page.Locator(".live")).ToContainTextAsync("live via s2");
        await _second.SetAsync(SampleCluster.AtRest("s2", DateTimeOffset.UtcNow).WithStandby("s1", "s2"));
        await Assertions.Expect(page.GetByText("on s2", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task AllApisGone_ThePageSaysSoKeepsThePictureAndTakesNoClicks()
    {
        var page = await browser.OpenAsync(_dashboard.Address);
        await Browser.SignInAsync(page);

        await _first.DisposeAsync();
        await _second.DisposeAsync();

        await Assertions.Expect(page.GetByText("No contact with the cluster.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("on s1", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Put s1 in standby …" }))
            .ToBeDisabledAsync();
    }

    [Fact]
    public async Task DashboardKilledAndStartedAgain_ThePageComesBackByItselfStillSignedIn()
    {
        var page = await browser.OpenAsync(_dashboard.Address);
        await Browser.SignInAsync(page);

        await _dashboard.KillAsync();
        await Assertions.Expect(page.Locator("#circuit-banner"))
            .ToContainTextAsync("No contact with the dashboard's server");
        await Assertions.Expect(page.GetByText("on s1", new() { Exact = true })).ToBeVisibleAsync();
        await _dashboard.StartAgainAsync();
        var watch = Stopwatch.StartNew();

        await Assertions.Expect(page.Locator("#circuit-banner")).ToBeHiddenAsync();
        await page.Locator("button:enabled", new() { HasText = "Put s1 in standby …" }).WaitForAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"it took {watch.Elapsed.TotalSeconds:0.0} s");
    }

    [Fact]
    public async Task ThemeSwitch_IsKeptByTheBrowser()
    {
        var page = await browser.OpenAsync(_dashboard.Address);
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: system" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: light" }).ClickAsync();

        await page.ReloadAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Theme: dark" })).ToBeVisibleAsync();
        Assert.Equal("dark", await page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Accessibility_HasNoViolationsInAnyState(ColorScheme scheme)
    {
        var page = await browser.OpenAsync(_dashboard.Address, options => options.ColorScheme = scheme);
        await AssertAccessibleAsync(page, "sign-in");
        await page.GetByLabel("API token").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Alert).WaitForAsync();
        await AssertAccessibleAsync(page, "sign-in refused");

        await Browser.SignInAsync(page);
        await AssertAccessibleAsync(page, "overview at rest");

        await page.GetByRole(AriaRole.Button, new() { Name = "Put s1 in standby …" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await AssertAccessibleAsync(page, "dialog");
        await page.Keyboard.PressAsync("Escape");

        await _first.SetAsync(SampleCluster.Troubled(DateTimeOffset.UtcNow));
        await page.GetByText("Transition under way").WaitForAsync();
        await AssertAccessibleAsync(page, "conflict, operation and transition");

        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await page.GetByText("No contact with the cluster.").WaitForAsync();
        await AssertAccessibleAsync(page, "disconnected");
    }

    [Fact]
    public async Task Phone_NeedsNoSidewaysScrolling()
    {
        var page = await browser.OpenAsync(
            _dashboard.Address, options => options.ViewportSize = new ViewportSize { Width = 360, Height = 740 });
        await Browser.SignInAsync(page);

        Assert.Empty(await page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll('body *')]
              .filter(e => e.getBoundingClientRect().right > 360)
              .map(e => e.outerHTML.slice(0, 90))
            """));
        Assert.Equal(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(await page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll('button')]
              .filter(b => b.getBoundingClientRect().height < 24)
              .map(b => b.textContent)
            """));
    }

    public async Task DisposeAsync()
    {
        await _dashboard.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    private static async Task AssertAccessibleAsync(IPage page, string state)
    {
        var result = await page.RunAxe();
        var violations = result.Violations.Select(violation =>
            $"{violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}");
        Assert.True(result.Violations.Length == 0, $"{state}: {string.Join('\n', violations)}");
    }

    private static async Task TabToAsync(IPage page, string buttonText)
    {
        for (var presses = 0; presses < 40; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            if ((await page.EvaluateAsync<string>("document.activeElement.textContent")).Trim() == buttonText)
            {
                return;
            }
        }

        Assert.Fail($"No number of Tab presses leads to '{buttonText}'.");
    }
}
