using System.Runtime.ExceptionServices;

namespace Ha.Lab.Interop;

/// <summary>Work inside another network namespace: sockets made there keep belonging to it.</summary>
internal static class NetworkNamespace
{
    /// <summary>
    /// Runs <paramref name="body"/> on a thread of its own inside the named namespace and waits for it.
    /// </summary>
    internal static T Run<T>(string name, Func<T> body)
    {
        var result = default(T)!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(name);
                result = body();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                failure = ExceptionDispatchInfo.Capture(e); // thrown again by the caller's thread
            }
        }) { Name = "netns " + name };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private static void Enter(string name)
    {
        var fd = Libc.Open("/run/netns/" + name, Libc.ORdOnly | Libc.OCloexec);
        if (fd < 0)
        {
            throw Libc.Fail("open /run/netns/" + name);
        }
        var entered = Libc.SetNs(fd, Libc.CloneNewNet);
        if (entered != 0)
        {
            throw Libc.Fail("setns " + name);
        }
        var closed = Libc.Close(fd);
        if (closed != 0)
        {
            throw Libc.Fail("close");
        }
    }
}
