using System.Collections.Concurrent;
using Ha.Core.Engine;
using Microsoft.Win32.SafeHandles;

namespace Ha.Agent.Loop;

/// <summary>
/// What other threads have for the engine. Full policy: results of operations, media changes and the shutdown are
/// always taken (at most one per operation under way, per medium, per signal); of operator's commands
/// <see cref="MaxCommands"/> may wait, of reports <see cref="MaxReports"/>, of load averages one; more are refused.
/// </summary>
internal sealed class InputQueue : IDisposable
{
    /// <summary>How many commands may wait.</summary>
    public const int MaxCommands = 64;

    /// <summary>How many reports of disks and logs may wait.</summary>
    public const int MaxReports = 64;

    // Lock-free on purpose: the real-time thread must not wait for a thread of normal priority.
    private readonly ConcurrentQueue<ClusterInput> waiting = new();
    private readonly SafeFileHandle wake = LoopCalls.NewEvent();
    private int commands;
    private int reports;
    private int loads;

    /// <summary>Readable while something waits or <see cref="Wake"/> was called.</summary>
    public int Descriptor => (int)wake.DangerousGetHandle();

    /// <summary>Hands an input over; false when it is refused because too many of its kind wait.</summary>
    public bool TryPost(ClusterInput input)
    {
        if (!Admit(input)) return false;
        waiting.Enqueue(input);
        Wake();
        return true;
    }

    /// <summary>Wakes the loop without an input.</summary>
    public void Wake() => LoopCalls.Signal(wake);

    /// <summary>Loop only: the wake-up was seen. To be called before the inputs are taken.</summary>
    public void Awake() => LoopCalls.Clear(wake);

    /// <summary>Loop only: the next input.</summary>
    public bool TryTake(out ClusterInput input)
    {
        if (!waiting.TryDequeue(out input!)) return false;
        switch (input)
        {
            case OperatorCommanded: Interlocked.Decrement(ref commands); break;
            case ShellReported: Interlocked.Decrement(ref reports); break;
            case LoadSampled: Interlocked.Decrement(ref loads); break;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => wake.Dispose();

    private bool Admit(ClusterInput input) => input switch
    {
        OperatorCommanded => Admit(ref commands, MaxCommands),
        ShellReported => Admit(ref reports, MaxReports),
        LoadSampled => Admit(ref loads, 1),
        _ => true,
    };

    private static bool Admit(ref int count, int limit)
    {
        if (Interlocked.Increment(ref count) <= limit) return true;
        Interlocked.Decrement(ref count);
        return false;
    }
}
