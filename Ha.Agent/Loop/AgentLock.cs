using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Ha.Agent.Loop;

/// <summary>
/// One agent per directory: a lock that the kernel releases when its process ends, however it ends. The file names the
/// process that holds it, for people.
/// </summary>
internal sealed class AgentLock : IDisposable
{
    private const string FileName = "agent.lock";

    // An agent that was killed holds it until the kernel has taken its memory back.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly SafeFileHandle file;

    private AgentLock(SafeFileHandle file) => this.file = file;

    /// <summary>Takes the lock of a directory.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="problem">Who holds it; null when it was taken.</param>
    public static AgentLock? Take(string directory, out string? problem)
    {
        var path = Path.Combine(directory, FileName);
        var opened = LoopCalls.OpenLockFile(path);
        var begin = Stopwatch.GetTimestamp();
        while (!LoopCalls.TryLock(opened))
        {
            if (Stopwatch.GetElapsedTime(begin) < Patience)
            {
                Thread.Sleep(Pause);
                continue;
            }

            problem = $"an agent runs already with {directory} (process {Holder(opened)}); " +
                "stop it first, or give this one directories of its own (--runtime-dir, --state-dir)";
            opened.Dispose();
            return null;
        }

        var pid = System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n");
        RandomAccess.SetLength(opened, 0);
        RandomAccess.Write(opened, pid, 0);
        problem = null;
        return new AgentLock(opened);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static string Holder(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[16];
        var length = RandomAccess.Read(file, text, 0);
        return System.Text.Encoding.ASCII.GetString(text[..length]).Trim();
    }
}
