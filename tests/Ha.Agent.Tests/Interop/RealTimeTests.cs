using Ha.Agent.Interop;
using Ha.Agent.Tests.Hosts;

namespace Ha.Agent.Tests.Interop;

public sealed class RealTimeTests
{
    [Fact]
    public void CallingThread_GetsRoundRobin_AndItsChildrenDoNot()
    {
        using var host = new TestHost();

        Assert.Null(host.Run(() => RealTime.ScheduleCallingThread(1)));

        var own = File.ReadAllText($"/proc/self/task/{host.ThreadId}/stat").Split(") ")[1].Split(' ');
        Assert.Equal(("1", "2"), (own[37], own[38])); // rt_priority, policy SCHED_RR
        Assert.Contains("SCHED_OTHER", host.Execute("sh", "-c", "chrt -p $$"), StringComparison.Ordinal);
        var policy = host.Run(() =>
        {
            var seen = "";
            var thread = new Thread(
                () => seen = File.ReadAllText("/proc/thread-self/stat").Split(") ")[1].Split(' ')[38]);
            thread.Start();
            thread.Join();
            return seen;
        });
        Assert.Equal("0", policy);
    }

    [Fact]
    public void ImpossiblePriority_IsAWarningThatSaysWhatToDo()
    {
        using var host = new TestHost();

        var warning = host.Run(() => RealTime.ScheduleCallingThread(1000));

        Assert.Contains("SCHED_RR 1000", warning, StringComparison.Ordinal);
        Assert.Contains("realtime off", warning, StringComparison.Ordinal);
    }
}
