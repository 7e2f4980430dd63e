using System.Globalization;
using System.Runtime.InteropServices;

namespace Ha.Agent.Interop;

/// <summary>
/// Keeps the heartbeat running on a busy machine. Each step answers null when it worked, else a warning for the log:
/// the agent carries on without it, with less precise timing.
/// </summary>
internal static unsafe class RealTime
{
    private const string ScorePath = "/proc/self/oom_score_adj";

    /// <summary>
    /// Gives the calling thread SCHED_RR. Threads and programs that it starts are ordinary ones again.
    /// </summary>
    /// <param name="priority">1 to 99 (<c>rtprio</c>).</param>
    public static string? ScheduleCallingThread(int priority)
    {
        if (Libc.SetScheduler(0, Libc.SchedulerRoundRobin | Libc.SchedulerResetOnFork, &priority) == 0) return null;
        var errno = Marshal.GetLastPInvokeError();
        return $"Real-time scheduling (SCHED_RR {priority}) was refused: {Errno.Text(errno)}. Heartbeats may be "
            + "late on a busy machine; run as root or with CAP_SYS_NICE, or write 'realtime off' in ha.cf.";
    }

    /// <summary>Keeps all pages of this process in memory, each from its first use on.</summary>
    public static string? LockMemory()
    {
        if (Libc.LockMemory(Libc.LockCurrent | Libc.LockFuture | Libc.LockOnFault) == 0) return null;
        var errno = Marshal.GetLastPInvokeError();
        return $"Memory could not be locked: {Errno.Text(errno)}. Heartbeats may be late when the machine swaps; "
            + "run with CAP_IPC_LOCK or LimitMEMLOCK=infinity.";
    }

    /// <summary>Asks the kernel to end any other process first when memory runs out.</summary>
    public static string? ShieldFromOutOfMemory()
    {
        try
        {
            File.WriteAllText(ScorePath, "-1000");
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"{ScorePath} could not be set to -1000: {refused.Message}. The kernel may end this agent when "
                + "memory runs out; run as root or with CAP_SYS_RESOURCE.";
        }
    }

    /// <summary>
    /// Takes the shield from a program just started, which inherited it: a resource must not survive at the expense
    /// of the rest. A process that has ended already, or a kernel that refuses, changes nothing here.
    /// </summary>
    /// <param name="process">Process id.</param>
    public static void RemoveShield(int process)
    {
        try
        {
            File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/oom_score_adj"), "0");
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            // It inherits the agent's score then: the start of a resource is worth more than its place in that list.
        }
    }
}
