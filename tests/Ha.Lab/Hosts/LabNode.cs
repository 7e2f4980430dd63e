using System.Diagnostics;
using Ha.Lab.Interop;

namespace Ha.Lab.Hosts;

/// <summary>
/// A machine of the lab: own network, processes, host name, /etc, /var (kept over a reboot), /run and /tmp (not kept).
/// </summary>
public sealed class LabNode : LabHost
{
    private readonly List<Daemon> _daemons = [];
    private Process? _init;
    private int _initPid;
    private string _pidNamespace = "";

    internal LabNode(Laboratory lab, string name, string address) : base(lab, name, address)
    {
        Disk = Path.Combine(lab.Folder, name);
    }

    /// <summary>Folder on this machine that holds the node's /etc and /var.</summary>
    public string Disk { get; }

    /// <summary>Folder on this machine where output of the node's daemons is kept.</summary>
    public string Logs => Path.Combine(Lab.Folder, "logs");

    /// <summary>True between <see cref="Boot"/> and <see cref="Die"/>.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Process id, on this machine, of the node's first process.</summary>
    public int InitPid => _initPid;

    /// <inheritdoc/>
    protected override string[] Enter => ["nsenter", "-t", _initPid.ToString(), "-n", "-m", "-u", "-i", "-p", "--"];

    // A cable would give the namespace a number by itself, and no event of ours could be told by it.
    private protected override void BeforeFirstCable() => Lab.Vip.Watch(this);

    /// <summary>Switches the machine on.</summary>
    public void Boot()
    {
        Directory.CreateDirectory(Disk);
        PlugIn();
        var binds = Lab.Programs.Select(program => $"{program.Value}=/run/lab/{program.Key}");
        string[] init = Command.Self(["host-init", Name, Disk, .. binds]);
        _init = Command.Start(["nsenter", "--net=/run/netns/" + Namespace, "--", "unshare", "--mount", "--uts", "--ipc",
            "--pid", "--fork", "--kill-child", "--", .. init]);
        if (_init.StandardOutput.ReadLine() != "ready")
        {
            throw new InvalidOperationException($"{Name} does not boot: {_init.StandardError.ReadToEnd()}");
        }
        _initPid = int.Parse(File.ReadAllText($"/proc/{_init.Id}/task/{_init.Id}/children").Split(' ')[0]);
        _pidNamespace = File.ResolveLinkTarget($"/proc/{_initPid}/ns/pid", false)!.Name;
        IsRunning = true;
    }

    /// <summary>
    /// The machine dies: first its switch port, so that nothing of its processes' end can be heard, then everything
    /// on it.
    /// </summary>
    /// <returns>The instant of death.</returns>
    public long Die()
    {
        var at = LabClock.Now;
        Lab.Switch.PortDown(this);
        Signal(_initPid, Libc.SigKill);
        Lab.Vip.Forget(this, at);
        IsRunning = false;
        _daemons.ForEach(daemon => daemon.Wake()); // or it would never collect its dead child, and the node never end
        _init!.WaitForExit();
        _init.Dispose();
        foreach (var daemon in _daemons)
        {
            daemon.Dispose();
        }
        _daemons.Clear();
        Unplug();
        return at;
    }

    /// <summary>Starts a daemon that stays in the foreground; its output goes to <c>Logs/NODE-LOG.log</c>.</summary>
    public Daemon StartDaemon(string log, params string[] arguments)
    {
        Directory.CreateDirectory(Logs);
        var daemon = new Daemon(Start(arguments), Path.Combine(Logs, $"{Name}-{log}.log"));
        _daemons.Add(daemon);
        return daemon;
    }

    /// <summary>Where a file of the node is seen from this machine. Only while the node runs.</summary>
    public string PathOf(string file) => $"/proc/{_initPid}/root{file}";

    /// <summary>Writes a file on the node, folders included.</summary>
    public void Write(string file, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite |
        UnixFileMode.GroupRead | UnixFileMode.OtherRead)
    {
        var path = PathOf(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Copies a folder of files, with their modes, from another node.</summary>
    public void CopyFolderFrom(LabNode other, string folder)
    {
        Directory.CreateDirectory(PathOf(folder));
        foreach (var source in Directory.EnumerateFiles(other.PathOf(folder)))
        {
            File.Copy(source, Path.Combine(PathOf(folder), Path.GetFileName(source)), overwrite: true);
        }
    }

    /// <summary>Reads a file of the node; empty when it does not exist.</summary>
    public string Read(string file) => File.Exists(PathOf(file)) ? File.ReadAllText(PathOf(file)) : "";

    /// <summary>
    /// Process ids, on this machine, of the node's processes with that name (as in <c>ps -o comm</c>).
    /// </summary>
    public IReadOnlyList<int> Processes(string name)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && pid != _initPid && IsOnThisNode(pid, name))
            {
                found.Add(pid);
            }
        }
        found.Sort();
        return found;
    }

    /// <summary>
    /// Process ids, on this machine, of all processes of the node but its first, dead ones that nobody has collected
    /// too.
    /// </summary>
    public IReadOnlyList<int> AllProcesses => [.. Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
        .Where(pid => pid > 0 && pid != _initPid && IsOnThisNode(pid)).Order()];

    /// <summary>Sends a signal to each of the node's processes with that name.</summary>
    /// <returns>How many there were.</returns>
    public int SignalAll(string name, int signal)
    {
        var pids = Processes(name);
        foreach (var pid in pids)
        {
            Signal(pid, signal);
        }
        return pids.Count;
    }

    /// <summary>kill -9.</summary>
    public int Kill(string name) => SignalAll(name, Libc.SigKill);

    /// <summary>kill -STOP: the process hangs.</summary>
    public int Freeze(string name) => SignalAll(name, Libc.SigStop);

    /// <summary>kill -CONT.</summary>
    public int Thaw(string name)
    {
        _daemons.ForEach(daemon => daemon.Wake());
        return SignalAll(name, Libc.SigCont);
    }

    /// <summary>kill -TERM.</summary>
    public int Terminate(string name) => SignalAll(name, Libc.SigTerm);

    private bool IsOnThisNode(int pid, string name)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").AsSpan().TrimEnd().SequenceEqual(name)
                && File.ResolveLinkTarget($"/proc/{pid}/ns/pid", false)?.Name == _pidNamespace
                && !IsZombie(pid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ended while we looked
        }
    }

    private bool IsOnThisNode(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/ns/pid", false)?.Name == _pidNamespace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ended while we looked
        }
    }

    private static bool IsZombie(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return stat[stat.LastIndexOf(')') + 2] == 'Z';
    }

    private static void Signal(int pid, int signal)
    {
        const int NoSuchProcess = 3;
        var sent = Libc.Kill(pid, signal);
        if (sent != 0)
        {
            var failure = Libc.Fail($"kill -{signal} {pid}");
            if (failure.NativeErrorCode != NoSuchProcess)
            {
                throw failure;
            }
        }
    }
}
