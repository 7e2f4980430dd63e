using System.Collections.Immutable;
using Ha.Agent.Loop;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Haproxy;

/// <summary>What every HAProxy of a node shares.</summary>
/// <param name="Node">Name of this node.</param>
/// <param name="SocketDirectory">Where their sockets are unless configured.</param>
/// <param name="Programs">Runs <c>haproxy</c>.</param>
/// <param name="Environment">NAME=value entries that it gets.</param>
/// <param name="Post">Gets what the engine shall know; must not wait.</param>
internal sealed record HaproxySurroundings(string Node, string SocketDirectory, ProgramRun Programs,
    IReadOnlyList<string> Environment, Action<ClusterInput> Post);

/// <summary>
/// One <c>builtin:haproxy</c> of this node, whether it runs here or not. A thread of its own hears at once when a
/// process of it ends, looks at it again and again, and checks its configuration when a file of it has changed and from
/// time to time: also on a node that waits for its turn.
/// </summary>
internal sealed partial class HaproxyInstance : IDisposable
{
    private readonly string id;
    private readonly HaproxySurroundings surroundings;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle wake = LoopCalls.NewEvent();
    private readonly Thread thread;

    /// <summary>Held across an operation: start, stop, reload and monitor never meet.</summary>
    private readonly Lock operations = new();

    /// <summary>Guards what follows; held for moments only.</summary>
    private readonly Lock gate = new();

    private HaproxySettings settings;
    private Life life = Life.None;
    private ConfigurationCheck? configuration;
    private string? loadedHash;
    private bool intentsDue;
    private volatile ChildProcess? ownProgram;
    private volatile bool reloading;
    private volatile bool closed;

    /// <summary>Starts its thread, on the calling thread's network.</summary>
    public HaproxyInstance(string id, HaproxySettings settings, HaproxySurroundings surroundings)
    {
        this.id = id;
        this.settings = settings;
        this.surroundings = surroundings;
        thread = new Thread(Watch) { IsBackground = true, Name = $"haproxy {id}" };
        thread.Start();
    }

    /// <summary>Whether it was started or found here and not stopped since.</summary>
    public bool IsRunning
    {
        get
        {
            lock (gate) return life.IsRunning;
        }
    }

    /// <summary>It is configured like this from now on, unless it runs: then from its next start on.</summary>
    public void Configure(HaproxySettings next)
    {
        lock (gate)
        {
            if (life.IsRunning || settings == next) return;
            settings = next;
            configuration = null;
        }

        Wake();
    }

    /// <summary>Operators want this of its servers; applied as soon as it runs, and again whenever it runs
    /// anew.</summary>
    public void Want(ImmutableArray<ServerIntent> intents)
    {
        lock (gate)
        {
            wanted = intents;
            intentsDue = true;
        }

        Wake();
    }

    /// <summary>It is watched no more; its thread ends by itself. Does not wait.</summary>
    public void Retire()
    {
        closed = true;
        ownProgram?.Kill();
        Wake();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Retire();
        thread.Join();
    }

    private void Wake()
    {
        lock (gate)
        {
            if (!wake.IsClosed) LoopCalls.Signal(wake);
        }
    }

    private HaproxyControl Control(HaproxySettings of) => new(of, surroundings.Programs, surroundings.Environment);

    /// <summary>One course from a start (or an adoption) to a stop, as far as this agent knows.</summary>
    /// <param name="Number">Grows with each change.</param>
    /// <param name="IsRunning">Whether it is to be watched.</param>
    /// <param name="Master">Process id.</param>
    /// <param name="Worker">Process id of the worker that serves.</param>
    private sealed record Life(long Number, bool IsRunning, int Master, int Worker)
    {
        public static readonly Life None = new(0, false, 0, 0);
    }
}
