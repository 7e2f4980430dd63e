using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ha.Web.Tests;

/// <summary>The real ha-web, as a process of its own: it can be killed and started again on the same port.</summary>
internal sealed class DashboardProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private readonly IEnumerable<Uri> _apis;
    private Process? _process;

    private DashboardProcess(IEnumerable<Uri> apis) => _apis = apis;

    public string StateDirectory { get; } = Directory.CreateTempSubdirectory("ha-web-test-").FullName;

    public Uri Address { get; private set; } = new($"http://127.0.0.1:{FreePort()}");

    public static async Task<DashboardProcess> StartAsync(params IEnumerable<Uri> apis)
    {
        var dashboard = new DashboardProcess(apis);
        await dashboard.StartAgainAsync();
        return dashboard;
    }

    /// <summary>
    /// Below the ports that the kernel gives away by itself: nobody gets it while the dashboard is dead.
    /// </summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 30_000);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody else's: another one.
            }
        }
    }

    /// <summary>Starts it, on the same address each time.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "ha-web.dll"),
            "--urls", Address.AbsoluteUri, "--api", string.Join(',', _apis), "--state-dir", StateDirectory,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _process = new Process { StartInfo = start };
        DataReceivedEventHandler read = (_, line) =>
        {
            output.Enqueue(line.Data ?? "");
            const string Announcement = "Now listening on: ";
            if (line.Data is { } text && text.IndexOf(Announcement, StringComparison.Ordinal) is var at and >= 0)
            {
                listening.TrySetResult(new Uri(text[(at + Announcement.Length)..].Trim()));
            }
        };
        _process.OutputDataReceived += read;
        _process.ErrorDataReceived += read;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            Address = await listening.Task.WaitAsync(StartLimit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"ha-web does not listen: {string.Join('\n', output)}");
        }
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(StateDirectory, recursive: true);
    }
}
