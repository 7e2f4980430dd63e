namespace Ha.Web.Tests;

/// <summary>The real ha-web in a real browser, against two APIs of this process; new ones for each test.</summary>
public abstract class DashboardStory(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private protected Browser Browser { get; } = browser;

    private protected FakeApi First { get; private set; } = default!;

    private protected FakeApi Second { get; private set; } = default!;

    private protected DashboardProcess Dashboard { get; private set; } = default!;

    public async Task InitializeAsync()
    {
        var now = DateTimeOffset.UtcNow;
        First = await FakeApi.StartAsync(SampleCluster.AtRest("s1", now));
        Second = await FakeApi.StartAsync(SampleCluster.AtRest("s2", now));
        First.History = SampleCluster.Story(now);
        Dashboard = await DashboardProcess.StartAsync(First.Address, Second.Address);
    }

    public async Task DisposeAsync()
    {
        await Dashboard.DisposeAsync();
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }
}
