using System.Globalization;

namespace Ha.Lab.Benchmarks;

/// <summary>
/// <c>--shield</c>: on a machine where other work runs, this program and all that it starts get nearly all of the
/// processor when they want it, so that figures are those of the cluster software. Needs the cpu controller of
/// cgroup version 1; not used by the lateness benchmark, which wants the load.
/// </summary>
internal sealed class CpuShare : IDisposable
{
    private const string Root = "/sys/fs/cgroup/cpu";
    private const int Shares = 100_000;
    private const int RealTimeMicroseconds = 250_000; // of each second: a group without this budget is refused SCHED_RR
    private readonly string _group = $"{Root}/ha-lab-{Environment.ProcessId}";

    internal CpuShare()
    {
        if (!File.Exists(Root + "/cpu.shares"))
        {
            throw new PlatformNotSupportedException($"--shield needs the cpu controller of cgroup version 1 at {Root}");
        }
        Directory.CreateDirectory(_group);
        Write("cpu.shares", Shares);
        if (File.Exists(_group + "/cpu.rt_runtime_us"))
        {
            Write("cpu.rt_runtime_us", RealTimeMicroseconds);
        }
        Write("cgroup.procs", Environment.ProcessId);
    }

    public void Dispose()
    {
        File.WriteAllText(Root + "/cgroup.procs", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Directory.Delete(_group);
    }

    private void Write(string file, int value) =>
        File.WriteAllText(Path.Combine(_group, file), value.ToString(CultureInfo.InvariantCulture));
}
