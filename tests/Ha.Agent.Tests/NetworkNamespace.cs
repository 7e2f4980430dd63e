using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Ha.Agent.Tests;

/// <summary>A network of its own for one thread: nothing is visible outside, and it ends with the thread.</summary>
internal sealed partial class NetworkNamespace
{
    private const int CloneNewNet = 0x40000000;

    private NetworkNamespace()
    {
    }

    /// <summary>Runs a test on a thread with a new, empty network.</summary>
    public static void Run(Action<NetworkNamespace> test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (unshare(CloneNewNet) != 0)
                {
                    var error = Marshal.GetLastPInvokeError();
                    throw new InvalidOperationException($"unshare: {Marshal.GetPInvokeErrorMessage(error)}; run as root");
                }

                test(new NetworkNamespace());
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Runs <c>ip</c> in this network.</summary>
    public void Ip(string arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments.Split(' '))
        {
            RedirectStandardError = true, UseShellExecute = false,
        })!;
        var error = ip.StandardError.ReadToEnd();
        Assert.True(ip.WaitForExit(60_000), $"ip {arguments} hangs");
        Assert.True(ip.ExitCode == 0, $"ip {arguments}: {error}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);
}
