using Microsoft.Playwright;

namespace Ha.Web.Tests;

/// <summary>What a person does with the dashboard, and what the page does when something dies.</summary>
public sealed class BrowserTests(Browser browser) : DashboardStory(browser)
{
    [Fact]
    public async Task WrongToken_IsRefusedAndTheRightOneLetsIn()
    {
        var page = await Browser.OpenAsync(Dashboard.Address);
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
        var page = await Browser.OpenAsync(Dashboard.Address);
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != Dashboard.Address.Authority)
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
        var page = await Browser.OpenAsync(Dashboard.Address);
        await Browser.SignInAsync(page);
        await Assertions.Expect(page.GetByText("on s1", new() { Exact = true })).ToBeVisibleAsync();

        await First.SetAsync(SampleCluster.AtRest("s1", DateTimeOffset.UtcNow).WithStandby("s1", "s2"));
        await First.PushAsync(SampleCluster.Event(50, "haproxy runs on s2 now.", at: DateTimeOffset.UtcNow));

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
        First.OnCommand = _ => FakeApi.Accepted(running);
        var page = await Browser.OpenAsync(Dashboard.Address);
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
        Assert.Empty(First.Commands);

        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Shift+Tab");
        await page.Keyboard.TypeAsync("patching the kernel");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(dialog).ToBeHiddenAsync();
        var command = Assert.Single(First.Commands);
        Assert.Equal("mode s1", command.What);
        Assert.Equal("patching the kernel", command.Body.GetProperty("reason").GetString());
        Assert.NotEmpty(command.Key);
        await Assertions.Expect(page.Locator("#outcome")).ToBeFocusedAsync();

        await First.SetAsync(SampleCluster.AtRest("s1", now) with { Operations = [running] });
        await Assertions.Expect(page.GetByRole(AriaRole.Group, new() { Name = "Operation under way" }))
            .ToBeVisibleAsync();
        await Assertions.Expect(opener).ToBeHiddenAsync();

        var done = SampleCluster.Operation("op-1", OperationState.Succeeded, now);
        await First.SetAsync(SampleCluster.AtRest("s1", now).WithStandby("s1", "s2") with { Operations = [done] });
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("s1 is in standby. It took 0.1 s.");
    }

    [Fact]
    public async Task RefusedCommand_IsExplainedInTheDialog()
    {
        First.OnCommand = _ =>
            FakeApi.Problem(409, "No other node could take the resources", "Bring another node online first.");
        var page = await Browser.OpenAsync(Dashboard.Address);
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
        var page = await Browser.OpenAsync(Dashboard.Address);
        await Browser.SignInAsync(page);
        await Assertions.Expect(page.Locator(".live")).ToContainTextAsync("live via s1");

        await First.DisposeAsync();

        await Assertions.Expect(page.Locator(".live")).ToContainTextAsync("live via s2");
        await Second.SetAsync(SampleCluster.AtRest("s2", DateTimeOffset.UtcNow).WithStandby("s1", "s2"));
        await Assertions.Expect(page.GetByText("on s2", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task AllApisGone_ThePageSaysSoKeepsThePictureAndTakesNoClicks()
    {
        var page = await Browser.OpenAsync(Dashboard.Address);
        await Browser.SignInAsync(page);

        await First.DisposeAsync();
        await Second.DisposeAsync();

        await Assertions.Expect(page.GetByText("No contact with the cluster.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("on s1", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Put s1 in standby …" }))
            .ToBeDisabledAsync();
    }

    [Fact]
    public async Task DashboardKilledAndStartedAgain_ThePageComesBackByItselfStillSignedIn()
    {
        var page = await Browser.OpenAsync(Dashboard.Address);
        await Browser.SignInAsync(page);

        await Dashboard.KillAsync();
        await Assertions.Expect(page.Locator("#circuit-banner"))
            .ToContainTextAsync("No contact with the dashboard's server");
        await Assertions.Expect(page.GetByText("on s1", new() { Exact = true })).ToBeVisibleAsync();
        await Dashboard.StartAgainAsync();

        await Assertions.Expect(page.Locator("#circuit-banner")).ToBeHiddenAsync();
        await page.Locator("button:enabled", new() { HasText = "Put s1 in standby …" }).WaitForAsync();
    }

    [Fact]
    public async Task ThemeSwitch_IsKeptByTheBrowser()
    {
        var page = await Browser.OpenAsync(Dashboard.Address);
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: system" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: light" }).ClickAsync();

        await page.ReloadAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Theme: dark" })).ToBeVisibleAsync();
        Assert.Equal("dark", await page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
    }

    [Fact]
    public async Task Phone_NeedsNoSidewaysScrolling()
    {
        var page = await Browser.OpenAsync(
            Dashboard.Address, options => options.ViewportSize = new ViewportSize { Width = 360, Height = 740 });
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

    private static async Task TabToAsync(IPage page, string buttonText)
    {
        for (var presses = 0; presses < 120; presses++)
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
