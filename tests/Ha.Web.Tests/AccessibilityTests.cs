using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Ha.Web.Tests;

/// <summary>Whether everybody can use the page, in each of its states.</summary>
public sealed class AccessibilityTests(Browser browser) : DashboardStory(browser)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Accessibility_HasNoViolationsInAnyState(ColorScheme scheme)
    {
        var page = await Browser.OpenAsync(Dashboard.Address, options => options.ColorScheme = scheme);
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

        await First.SetAsync(SampleCluster.Troubled(DateTimeOffset.UtcNow));
        await page.GetByText("Transition under way").WaitForAsync();
        await AssertAccessibleAsync(page, "conflict, operation and transition");

        await First.DisposeAsync();
        await Second.DisposeAsync();
        await page.GetByText("No contact with the cluster.").WaitForAsync();
        await AssertAccessibleAsync(page, "disconnected");
    }

    private static async Task AssertAccessibleAsync(IPage page, string state)
    {
        var result = await page.RunAxe();
        var violations = result.Violations.Select(violation =>
            $"{violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}");
        Assert.True(result.Violations.Length == 0, $"{state}: {string.Join('\n', violations)}");
    }
}
