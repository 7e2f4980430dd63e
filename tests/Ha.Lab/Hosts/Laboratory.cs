using System.Globalization;
using System.Security.Cryptography;
using Ha.Lab.Interop;
using Ha.Lab.Probing;
using Ha.Lab.Watching;

namespace Ha.Lab.Hosts;

/// <summary>
/// A network of hosts on this machine, made of namespaces: a switch, a client, a gateway with the hello server behind
/// HAProxy, and nodes s1 and s2, or more. Every name in it begins with <see cref="Id"/>, so that several labs run side
/// by side.
/// </summary>
public sealed class Laboratory : IDisposable
{
    /// <summary>
    /// Folder of all labs of this machine: outside /etc and /var, which the nodes overlay, and not /tmp.
    /// </summary>
    public const string Root = "/root/.cache/ha-lab";

    /// <summary>The virtual address of the reference cluster.</summary>
    public const string VirtualAddress = "192.168.1.100";

    private const string OwnerFile = "owner";
    private readonly Daemon _backend;

    /// <summary>Builds the network; nodes are switched on by <see cref="LabNode.Boot"/>.</summary>
    /// <param name="programs">Folders of this machine that each node shows as <c>/run/lab/NAME</c>.</param>
    /// <param name="nodes">How many nodes: 2 to 4.</param>
    public Laboratory(IReadOnlyDictionary<string, string> programs, int nodes = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nodes, 4);
        Programs = programs;
        Id = "hl" + RandomNumberGenerator.GetHexString(6, lowercase: true);
        Folder = Path.Combine(Root, Id);
        RemoveLeftOvers();
        Directory.CreateDirectory(Folder);
        var owner = Environment.ProcessId;
        File.WriteAllText(Path.Combine(Folder, OwnerFile), $"{owner} {StartTime(owner)}");
        Switch = new NetworkSwitch(Id);
        Client = new LabHost(this, "cl", "192.168.1.10");
        Gateway = new LabHost(this, "gw", "192.168.1.2");
        Nodes = [.. Enumerable.Range(1, nodes).Select(n => new LabNode(this, $"s{n}", $"192.168.1.{201 + n}"))];
        Switch.Create();
        Vip = new VipWatch(VirtualAddress, Switch.Namespace);
        Client.PlugIn();
        Gateway.PlugIn();
        _backend = StartBackend();
    }

    /// <summary>Beginning of every name that belongs to this lab.</summary>
    public string Id { get; }

    /// <summary>Folder with the disks of the nodes and the output of their daemons.</summary>
    public string Folder { get; }

    /// <summary>Folders shown to the nodes as <c>/run/lab/NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> Programs { get; }

    /// <summary>The network.</summary>
    public NetworkSwitch Switch { get; }

    /// <summary>192.168.1.10: where the probe asks from.</summary>
    public LabHost Client { get; }

    /// <summary>192.168.1.2: answers ping, and HTTP with a hello.</summary>
    public LabHost Gateway { get; }

    /// <summary>192.168.1.202, the preferred node.</summary>
    public LabNode S1 => Nodes[0];

    /// <summary>192.168.1.203.</summary>
    public LabNode S2 => Nodes[1];

    /// <summary>All nodes: s1, s2 and so on, at 192.168.1.202 and the addresses after it.</summary>
    public IReadOnlyList<LabNode> Nodes { get; }

    /// <summary>Who has held the virtual address when.</summary>
    public VipWatch Vip { get; }

    /// <summary>The other of two nodes.</summary>
    public LabNode Other(LabNode node) => node == S1 ? S2 : S1;

    /// <summary>Takes the whole lab away: every process, namespace and file of it.</summary>
    public void Dispose()
    {
        foreach (var node in Nodes)
        {
            if (node.IsRunning)
            {
                node.Die();
            }
            else
            {
                node.Unplug(); // it may have failed to boot half way
            }
        }
        _backend.Dispose();
        Vip.Dispose();
        Client.Unplug();
        Gateway.Unplug();
        Switch.Remove();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Removes what labs whose process is gone have left behind: namespaces and folders.</summary>
    public static void RemoveLeftOvers()
    {
        if (!Directory.Exists(Root))
        {
            Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        using var turn = TakeTurn();
        if (turn is null)
        {
            return; // another lab starts at this moment and is at it
        }
        foreach (var folder in Directory.EnumerateDirectories(Root).Where(IsAbandoned).ToList())
        {
            var id = Path.GetFileName(folder);
            foreach (var name in Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns", id + "-*") : [])
            {
                Command.Try(["ip", "netns", "del", Path.GetFileName(name)]);
            }
            Remove(folder);
        }
    }

    /// <summary>Only one lab removes at a time: two would trip over each other's deletions.</summary>
    private static FileStream? TakeTurn()
    {
        try
        {
            return new FileStream(
                Path.Combine(Root, "left-overs.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // A lab that ended at this very moment removed its own: nothing is left to do.
        }
    }

    private static bool IsAbandoned(string folder)
    {
        var file = Path.Combine(folder, OwnerFile);
        if (!File.Exists(file))
        {
            // Being made right now, or made by a lab that was killed before it could write the file.
            return DateTime.UtcNow - Directory.GetCreationTimeUtc(folder) > TimeSpan.FromMinutes(1);
        }
        try
        {
            var words = File.ReadAllText(file).Split(' ');
            return words.Length != 2 || StartTime(int.Parse(words[0], CultureInfo.InvariantCulture)) != words[1];
        }
        catch (IOException)
        {
            return false; // its lab removes it right now
        }
    }

    /// <summary>When a process was started, in clock ticks since boot; empty when there is no such process.</summary>
    private static string StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return "";
        }
    }

    private Daemon StartBackend()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "logs"));
        var process = Gateway.Start(Command.Self("hello-server"));
        if (process.StandardOutput.ReadLine() != "ready")
        {
            throw new InvalidOperationException("hello server does not start: " + process.StandardError.ReadToEnd());
        }
        return new Daemon(process, Path.Combine(Folder, "logs", "hello-server.log"), keepInput: true);
    }
}
