using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Ha.Benchmarks;

/// <summary>
/// Measures the CPU time of this process instead of wall time: what code costs does not depend on who else uses the
/// machine, except through its caches. In this process, because the clock cannot be handed to another.
/// </summary>
public sealed class CpuTime : ManualConfig
{
    public CpuTime() => AddJob(Job.ShortRun
        .WithIterationCount(10)
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithClock(new ProcessorClock())
        .WithId("CPU time"));

    private sealed class ProcessorClock : IClock
    {
        public string Title => "process CPU time";

        public bool IsAvailable => true;

        public Frequency Frequency => new(TimeSpan.TicksPerSecond);

        public long GetTimestamp() => Environment.CpuUsage.TotalTime.Ticks;
    }
}
