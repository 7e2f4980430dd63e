using System.Diagnostics;
using Ha.Lab.Interop;

namespace Ha.Lab.Hosts;

/// <summary>A program that the lab keeps running on a host, with its output in a file.</summary>
public sealed class Daemon : IDisposable
{
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _lock = new();
    private bool _closed;

    internal Daemon(Process process, string logFile, bool keepInput = false)
    {
        _process = process;
        LogFile = logFile;
        _log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        if (!keepInput)
        {
            _process.StandardInput.Close();
        }
        new Thread(() => Keep(process.StandardOutput)) { IsBackground = true }.Start();
        new Thread(() => Keep(process.StandardError)) { IsBackground = true }.Start();
    }

    /// <summary>File that its output goes to.</summary>
    public string LogFile { get; }

    /// <summary>What it has printed so far.</summary>
    public string Output => File.ReadAllText(LogFile);

    /// <summary>True when it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Its exit code. Only after it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Waits for its end.</summary>
    /// <returns>False when it still runs after the limit.</returns>
    public bool WaitForEnd(TimeSpan limit) => _process.WaitForExit(limit);

    /// <summary>nsenter, through which it was started, stops itself when its child is stopped: lets it go on.</summary>
    internal void Wake()
    {
        if (!_process.HasExited)
        {
            _ = Libc.Kill(_process.Id, Libc.SigCont);
        }
    }

    private void Keep(StreamReader output)
    {
        using (output)
        {
            while (output.ReadLine() is { } line)
            {
                lock (_lock)
                {
                    if (_closed)
                    {
                        return;
                    }
                    _log.WriteLine(line);
                }
            }
        }
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _log.Dispose();
        }
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }
}
