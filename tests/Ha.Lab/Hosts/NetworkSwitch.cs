using System.Runtime.InteropServices;
using System.Text;
using Ha.Lab.Interop;

namespace Ha.Lab.Hosts;

/// <summary>The bridge that all hosts hang on, and what can go wrong with a network.</summary>
public sealed class NetworkSwitch
{
    private readonly List<string> _rules = [];
    private readonly Lock _lock = new();
    private int _control = -1;

    internal NetworkSwitch(string id) => Namespace = id + "-sw";

    /// <summary>Network namespace of the switch; its ports are <see cref="LabHost.Port"/>.</summary>
    public string Namespace { get; }

    internal void Create()
    {
        Command.Run(["ip", "netns", "add", Namespace]);
        NetworkNamespace.Run(Namespace, () =>
        {
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
            return 0;
        });
        Command.Run(["ip", "-n", Namespace, "-batch", "-"], """
            link add name br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
            link set lo up
            link set br0 up
            """);
        _control = NetworkNamespace.Run(Namespace,
            () => Libc.Socket(Libc.AfInet, Libc.SockDgram | Libc.SockCloexec, 0));
    }

    internal void Connect(string port) =>
        Command.Run(["ip", "-n", Namespace, "link", "set", port, "master", "br0", "up"]);

    /// <summary>Takes a port down: the host behind it loses its carrier.</summary>
    public void PortDown(LabHost host) => SetUp(host.Port, up: false);

    /// <summary>Takes a port up again.</summary>
    public void PortUp(LabHost host) => SetUp(host.Port, up: true);

    /// <summary>
    /// Cuts a host off in both directions at the same instant; its carrier stays. Undone by <see cref="Heal"/>.
    /// </summary>
    public void Cut(LabHost host) => Add($"iifname \"{host.Port}\" drop", $"oifname \"{host.Port}\" drop");

    /// <summary>Nothing that the host sends arrives anywhere.</summary>
    public void CutSending(LabHost host) => Add($"iifname \"{host.Port}\" drop");

    /// <summary>Nothing arrives at the host.</summary>
    public void CutReceiving(LabHost host) => Add($"oifname \"{host.Port}\" drop");

    /// <summary>No ping of the host is answered; all else passes.</summary>
    public void CutPing(LabHost host) => Add($"iifname \"{host.Port}\" ip protocol icmp drop");

    /// <summary>Drops each packet from and to the host with this probability, in per cent.</summary>
    public void Lose(LabHost host, int percent)
    {
        Add($"iifname \"{host.Port}\" numgen random mod 100 < {percent} drop",
            $"oifname \"{host.Port}\" numgen random mod 100 < {percent} drop");
    }

    /// <summary>Drops each UDP packet between hosts with this probability, in per cent; all else passes.</summary>
    public void LoseHeartbeats(int percent) => Add($"ip protocol udp numgen random mod 100 < {percent} drop");

    /// <summary>Ends every cut and loss.</summary>
    public void Heal()
    {
        lock (_lock)
        {
            _rules.Clear();
            Apply();
        }
    }

    private void Add(params string[] rules)
    {
        lock (_lock)
        {
            _rules.AddRange(rules);
            Apply();
        }
    }

    private void Apply() => Command.Run(["ip", "netns", "exec", Namespace, "nft", "-f", "-"], $$"""
        table bridge faults { }
        delete table bridge faults
        table bridge faults {
            chain forward {
                type filter hook forward priority 0; policy accept;
                {{string.Join("\n        ", _rules)}}
            }
        }
        """);

    /// <summary>By ioctl on a socket of the switch: takes microseconds, where a program takes milliseconds.</summary>
    private unsafe void SetUp(string port, bool up)
    {
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        Encoding.ASCII.GetBytes(port, request);
        fixed (byte* at = request)
        {
            var got = Libc.Ioctl(_control, Libc.SiocGIfFlags, at);
            if (got != 0)
            {
                throw Libc.Fail("flags of " + port);
            }
            ref var flags = ref MemoryMarshal.AsRef<short>(request[16..]);
            flags = (short)(up ? flags | 1 : flags & ~1);
            var set = Libc.Ioctl(_control, Libc.SiocSIfFlags, at);
            if (set != 0)
            {
                throw Libc.Fail((up ? "up " : "down ") + port);
            }
        }
    }

    internal void Remove()
    {
        if (_control >= 0)
        {
            _ = Libc.Close(_control);
            _control = -1;
        }
        Command.Try(["ip", "netns", "del", Namespace]);
    }
}
