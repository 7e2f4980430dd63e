using Ha.Core.Engine;

namespace Ha.Agent.Loop;

/// <summary>
/// Reads the load average each ten seconds for the informational field of heartbeats; on a thread of its own.
/// </summary>
internal sealed class LoadSampler : IDisposable
{
    private const string Path = "/proc/loadavg";
    private const int MaxBytes = 64;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly InputQueue inputs;
    private readonly Action<string> log;
    private readonly ManualResetEventSlim ended = new();
    private readonly Thread thread;

    /// <summary>Posts a first sample at once, so that the first heartbeat carries it.</summary>
    public LoadSampler(InputQueue inputs, Action<string> log)
    {
        this.inputs = inputs;
        this.log = log;
        Sample();
        thread = new Thread(Work) { Name = "ha-load", IsBackground = true };
        thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ended.Set();
        thread.Join();
        ended.Dispose();
    }

    private void Work()
    {
        while (!ended.Wait(Interval)) Sample();
    }

    private void Sample()
    {
        try
        {
            var text = new byte[MaxBytes];
            using var file = File.OpenHandle(Path);
            var length = RandomAccess.Read(file, text, 0);
            inputs.TryPost(new LoadSampled(text.AsMemory(0, text.AsSpan(0, length).TrimEnd((byte)'\n').Length)));
        }
        catch (IOException e)
        {
            // The field is for people; heartbeats go on with the last one.
            log($"{Path} cannot be read: {e.Message}");
        }
    }
}
