using System.Net;
using Ha.Lab;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;
using Ha.Lab.Running;
using Microsoft.Playwright;

namespace Ha.EndToEnd.Tests;

/// <summary>
/// The reference cluster with API and dashboard on both nodes, and a browser that reaches whichever dashboard
/// answers.
/// </summary>
public sealed class DashboardScene : IAsyncDisposable
{
    private const string Token = "ha_0123456789abcdef0123456789abcdef01234567";
    private const string TokenFile = "/etc/ha.d/api-token";
    private const string KeyFolder = "/var/lib/ha-appliance/web/keys";
    private const int LimitMs = 120_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly PortForward _forward;
    private readonly Uri _address;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private DashboardScene()
    {
        Cluster = new ReferenceCluster(ClusterStory.Quick);
        Cluster.StartAndServe();
        foreach (var node in Cluster.Nodes)
        {
            StartFrontEnds(node);
        }

        _forward = new PortForward(0, Cluster.Lab.Client.Namespace, [.. Cluster.Nodes.Select(node =>
            new IPEndPoint(IPAddress.Parse(node.Node.Address), HaNode.WebPort))]);
        _address = new Uri($"http://127.0.0.1:{_forward.Port}/");
    }

    public ReferenceCluster Cluster { get; }

    public static async Task<DashboardScene> OpenAsync()
    {
        var scene = new DashboardScene();
        scene._playwright = await Playwright.CreateAsync();
        scene._browser = await scene._playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            ],
        });
        Assertions.SetDefaultExpectTimeout(LimitMs);
        return scene;
    }

    /// <summary>Signs in and waits until the page answers to clicks.</summary>
    public async Task<IPage> SignInAsync()
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 1280, Height = 900 },
            TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(LimitMs);
        var page = await context.NewPageAsync();
        await page.GotoAsync(_address.AbsoluteUri);
        await page.GetByLabel("API token").FillAsync(Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        try
        {
            await page.Locator("button:enabled", new() { HasText = "standby …" }).First.WaitForAsync();
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{await page.InnerTextAsync("body")}\n" + string.Join('\n',
                Cluster.Nodes.Select(node => $"{node.Node.Name}:\n{node.Api?.Output}\n{node.Web?.Output}")), late);
        }

        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _forward.Dispose();
        Cluster.Dispose();
    }

    /// <summary>
    /// The dashboards share token and cookie keys: who is signed in on one is signed in on the other.
    /// </summary>
    private void StartFrontEnds(HaNode node)
    {
        node.Node.Write(TokenFile, Token + "\n", ClusterFiles.SecretMode);
        node.StartApi(TokenFile);
        if (node == Cluster.S2)
        {
            var keys = Cluster.S1.Node.PathOf(KeyFolder);
            LabClock.WaitUntil(
                () => Directory.Exists(keys) && Directory.EnumerateFiles(keys, "*.xml").Any(),
                s_patience,
                () => $"the dashboard of s1 made no keys:\n{Cluster.S1.Web?.Output}");
            node.Node.CopyFolderFrom(Cluster.S1.Node, KeyFolder);
        }

        node.StartWeb();
        LabClock.WaitUntil(() => Answers(node.Node), s_patience,
            () => $"the dashboard of {node.Node.Name} does not answer:\n{node.Web?.Output}\n{node.Api?.Output}");
    }

    private static bool Answers(LabNode node) =>
        node.Try("bash", "-c", $"exec 3<>/dev/tcp/{node.Address}/{HaNode.WebPort}").ExitCode == 0
        && node.Try("bash", "-c", $"exec 3<>/dev/tcp/{node.Address}/{HaNode.ApiPort}").ExitCode == 0;
}
