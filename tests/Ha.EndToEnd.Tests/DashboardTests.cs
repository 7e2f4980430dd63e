using Deque.AxeCore.Playwright;
using Ha.Core.Contracts;
using Ha.Lab;
using Microsoft.Playwright;

namespace Ha.EndToEnd.Tests;

/// <summary>The dashboard of a real cluster in a real browser.</summary>
public sealed class DashboardTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task StandbyAndOnline_InTheBrowser_MoveTheServiceAndBack()
    {
        await using var scene = await DashboardScene.OpenAsync();
        var page = await scene.SignInAsync();
        await Assertions.Expect(page.GetByText("on s1", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Empty((await page.RunAxe()).Violations);

        await ConfirmAsync(page, "Put s1 in standby …", "Put s1 in standby", "patching");

        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("s1 is in standby.");
        await Assertions.Expect(page.GetByText("on s2", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("“patching”")).ToBeVisibleAsync();
        scene.Cluster.Probe.WaitUntilServedBy(scene.Cluster.Lab.S2, s_limit);

        await ConfirmAsync(page, "Bring s1 online …", "Bring s1 online", "patched");

        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("s1 is online.");
        await Assertions.Expect(page.GetByText("on s1", new() { Exact = true })).ToBeVisibleAsync();
        scene.Cluster.Probe.WaitUntilServedBy(scene.Cluster.Lab.S1, s_limit);
    }

    [Fact]
    public async Task ApiOfItsNodeKilled_ThePageGoesOnViaTheOtherAndStillCommands()
    {
        await using var scene = await DashboardScene.OpenAsync();
        var page = await scene.SignInAsync();
        var first = await page.Locator(".live strong").InnerTextAsync();
        var (killed, other) = first == "s1" ? (scene.Cluster.S1, "s2") : (scene.Cluster.S2, "s1");

        killed.Node.Kill("ha-api");

        await Assertions.Expect(page.Locator(".live")).ToContainTextAsync($"live via {other}");
        await ConfirmAsync(page, "Move to s2 …", "Move to s2", "its API is dead");
        await Assertions.Expect(page.GetByText("on s2", new() { Exact = true })).ToBeVisibleAsync();
        scene.Cluster.Probe.WaitUntilServedBy(scene.Cluster.Lab.S2, s_limit);
    }

    [Fact]
    public async Task NodeDies_ThePageComesBackFromTheOtherNodeWithoutSigningIn()
    {
        await using var scene = await DashboardScene.OpenAsync();
        var page = await scene.SignInAsync();

        scene.Cluster.S1.Node.Die();

        await Assertions.Expect(page.GetByText("on s2", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".live")).ToContainTextAsync("live via s2");
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "s1" })
            .GetByText("Dead", new() { Exact = true }).First)
            .ToBeVisibleAsync();
        LabClock.WaitUntil(() => scene.Cluster.S2.Saw(EventKind.NodeDead, one => one.Subject == "s1"), s_limit,
            () => scene.Cluster.Story);
    }

    private static async Task ConfirmAsync(IPage page, string opener, string confirm, string reason)
    {
        await page.Locator("button:enabled", new() { HasText = opener }).First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Reason").FillAsync(reason);
        await dialog.GetByRole(AriaRole.Button, new() { Name = confirm, Exact = true }).ClickAsync();
        await Assertions.Expect(dialog).ToBeHiddenAsync();
    }
}
