using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Ha.Agent.Interop;
using Ha.Agent.Resources;

namespace Ha.Agent.Tests.Hosts;

/// <summary>
/// A host for tests: a thread with network and mounts of its own, which vanish with it. Sockets, threads and programs
/// made on it belong to it.
/// </summary>
internal sealed partial class TestHost : IDisposable
{
    private const int NewMounts = 0x00020000;
    private const int NewNetwork = 0x40000000;

    private static readonly string[] Environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C"];

    private readonly BlockingCollection<Action> work = new(boundedCapacity: 16);
    private readonly Thread thread;

    public TestHost()
    {
        thread = new Thread(Serve) { IsBackground = true, Name = "test host" };
        thread.Start();
        Run(() =>
        {
            if (Unshare(NewMounts | NewNetwork) != 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                throw new InvalidOperationException($"unshare: {Errno.Text(errno)}; run as root");
            }

            Command("mount", "--make-rprivate", "/");
            Command("ip", "link", "set", "lo", "up");
            ThreadId = GetThreadId();
        });
    }

    /// <summary>The kernel's number of the host's thread: the handle of its network.</summary>
    public int ThreadId { get; private set; }

    /// <summary>Runs on the host and waits; an exception comes back to the caller.</summary>
    public T Run<T>(Func<T> action)
    {
        var result = default(T)!;
        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim();
        work.Add(() =>
        {
            try
            {
                result = action();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }

            done.Set();
        });
        Assert.True(done.Wait(TimeSpan.FromMinutes(5)), "the test host hangs");
        failure?.Throw();
        return result;
    }

    /// <summary>Runs on the host and waits.</summary>
    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>Runs a program on the host; its output. Fails the test when it fails.</summary>
    public string Execute(string program, params string[] arguments) => Run(() => Command(program, arguments));

    /// <summary>Mounts a small memory file system on a directory, for this host only.</summary>
    public void MountTinyDisk(string directory, int bytes) =>
        Execute("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", directory);

    public void Dispose()
    {
        work.CompleteAdding();
        thread.Join();
        work.Dispose();
    }

    private static string Command(string program, params string[] arguments)
    {
        var path = program == "ip" ? "/usr/sbin/ip" : $"/usr/bin/{program}";
        Assert.Equal(0, ChildProcess.Start(path, arguments, Environment, out var child));
        using (child)
        {
            var exit = child!.Wait(TimeSpan.FromMinutes(2));
            Assert.True(
                exit is { End: ChildEnd.Exited, Code: 0 }, $"{program} {string.Join(' ', arguments)}: {exit}");
            return exit.Output;
        }
    }

    private void Serve()
    {
        foreach (var action in work.GetConsumingEnumerable()) action();
    }

    [LibraryImport("libc.so.6", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc.so.6", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
