using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Ha.Lab.Hosts;
using Ha.Lab.Interop;

namespace Ha.Lab.Watching;

/// <summary>A node got or lost the virtual address.</summary>
/// <param name="At">When the kernel said so, <see cref="LabClock"/>.</param>
/// <param name="Node">Node name.</param>
/// <param name="Holds">True: it has the address from now on.</param>
public sealed record VipChange(long At, string Node, bool Holds);

/// <summary>
/// Hears the kernel of every node say when an address comes and goes (rtnetlink events), so that even a short time with
/// two owners, or with none, is seen.
/// </summary>
public sealed class VipWatch : IDisposable
{
    private const int AddressGroup = 0x10; // RTMGRP_IPV4_IFADDR
    private const int SolNetlink = 270;
    private const int ListenAllNamespaces = 8; // NETLINK_LISTEN_ALL_NSID, also the type of the control message
    private readonly byte[] _address;
    private readonly string _namespace;
    private readonly int _socket;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, string> _nodes = [];
    private readonly List<VipChange> _changes = [];
    private readonly Dictionary<string, long> _renewals = [];
    private readonly Thread _thread;
    private int _nextNumber = 100;
    private volatile bool _stop;

    /// <summary>Watches for one IPv4 address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="watchNamespace">Network namespace to listen from: it gives the nodes' namespaces their
    /// numbers.</param>
    public VipWatch(string address, string watchNamespace)
    {
        _address = IPAddress.Parse(address).GetAddressBytes();
        _namespace = watchNamespace;
        _socket = NetworkNamespace.Run(watchNamespace, OpenSocket);
        _thread = new Thread(Listen) { Name = "vip watch", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Everything seen so far.</summary>
    public Ownership Ownership
    {
        get
        {
            lock (_lock)
            {
                return new Ownership([.. _changes]);
            }
        }
    }

    /// <summary>When a node last got the address or renewed its lease; 0: never.</summary>
    public long LastRenewal(LabHost node)
    {
        lock (_lock)
        {
            return _renewals.GetValueOrDefault(node.Name);
        }
    }

    /// <summary>Names of the nodes that hold the address now.</summary>
    public IReadOnlyList<string> Holders => Ownership.HoldersAt(LabClock.Now);

    /// <summary>True when exactly this node holds it.</summary>
    public bool IsOnlyOn(LabHost node) => Holders is [var holder] && holder == node.Name;

    /// <summary>Begins to listen to a node.</summary>
    internal void Watch(LabNode node)
    {
        var number = _nextNumber++;
        lock (_lock)
        {
            _nodes[number] = node.Name;
        }
        Command.Run(["ip", "netns", "exec", _namespace, "ip", "netns", "set", node.Namespace, number.ToString()]);
    }

    /// <summary>The node is gone, and with it its address.</summary>
    internal void Forget(LabNode node, long at)
    {
        lock (_lock)
        {
            foreach (var (number, _) in _nodes.Where(known => known.Value == node.Name).ToList())
            {
                _nodes.Remove(number);
            }
            Note(at, node.Name, holds: false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _ = Libc.Close(_socket);
    }

    private static unsafe int OpenSocket()
    {
        var fd = Libc.Socket(Libc.AfNetlink, Libc.SockRaw | Libc.SockCloexec | Libc.SockNonblock, 0);
        if (fd < 0)
        {
            throw Libc.Fail("netlink socket");
        }
        var on = 1;
        var listens = Libc.SetSockOpt(fd, SolNetlink, ListenAllNamespaces, &on, sizeof(int));
        if (listens != 0)
        {
            throw Libc.Fail("listen to all network namespaces");
        }
        Span<byte> address = stackalloc byte[12];
        address.Clear();
        BinaryPrimitives.WriteInt16LittleEndian(address, Libc.AfNetlink);
        BinaryPrimitives.WriteInt32LittleEndian(address[8..], AddressGroup);
        fixed (byte* at = address)
        {
            var bound = Libc.Bind(fd, at, address.Length);
            if (bound != 0)
            {
                throw Libc.Fail("bind netlink socket");
            }
        }
        return fd;
    }

    private unsafe void Listen()
    {
        _ = Libc.SetPriority(0, 0, -15); // of this thread alone: times are taken when it reads
        while (!_stop)
        {
            var fd = new Libc.PollFd { Fd = _socket, Events = Libc.PollIn };
            var ready = Libc.Poll(&fd, 1, 20);
            if (ready > 0)
            {
                Drain();
            }
        }
    }

    private unsafe void Drain()
    {
        Span<byte> buffer = stackalloc byte[16384];
        Span<byte> control = stackalloc byte[64];
        fixed (byte* data = buffer)
        fixed (byte* extra = control)
        {
            while (!_stop)
            {
                var part = new Libc.IoVector { Base = data, Length = (nuint)buffer.Length };
                var message = new Libc.MessageHeader
                {
                    Parts = &part, PartCount = 1, Control = extra, ControlLength = (nuint)control.Length,
                };
                var got = Libc.ReceiveMessage(_socket, &message, 0);
                if (got <= 0)
                {
                    return;
                }
                lock (_lock)
                {
                    if (_nodes.TryGetValue(NamespaceNumber(control[..(int)message.ControlLength]), out var node))
                    {
                        Read(node, buffer[..(int)got]);
                    }
                }
            }
        }
    }

    /// <summary>The number of the namespace that an event comes from; -1: the watching namespace itself.</summary>
    private static int NamespaceNumber(ReadOnlySpan<byte> control)
    {
        const int Header = 16; // cmsghdr: length, level, type
        return control.Length >= Header + 4 && MemoryMarshal.Read<int>(control[8..]) == SolNetlink
            && MemoryMarshal.Read<int>(control[12..]) == ListenAllNamespaces
            ? MemoryMarshal.Read<int>(control[Header..])
            : -1;
    }

    private void Read(string node, ReadOnlySpan<byte> messages)
    {
        const int Header = 16;
        const int NewAddress = 20;
        const int DeleteAddress = 21;
        while (messages.Length >= Header)
        {
            var length = (int)MemoryMarshal.Read<uint>(messages);
            var type = MemoryMarshal.Read<ushort>(messages[4..]);
            if (length < Header || length > messages.Length)
            {
                return;
            }
            if (type is NewAddress or DeleteAddress && IsOurAddress(messages[(Header + 8)..length]))
            {
                Note(LabClock.Now, node, type == NewAddress);
            }
            messages = messages[Math.Min(messages.Length, (length + 3) & ~3)..];
        }
    }

    private bool IsOurAddress(ReadOnlySpan<byte> attributes)
    {
        const int LocalAddress = 2; // IFA_LOCAL
        while (attributes.Length >= 4)
        {
            var length = MemoryMarshal.Read<ushort>(attributes);
            var type = MemoryMarshal.Read<ushort>(attributes[2..]);
            if (length < 4 || length > attributes.Length)
            {
                return false;
            }
            if (type == LocalAddress)
            {
                return attributes[4..length].SequenceEqual(_address);
            }
            attributes = attributes[Math.Min(attributes.Length, (length + 3) & ~3)..];
        }
        return false;
    }

    private void Note(long at, string node, bool holds)
    {
        if (holds)
        {
            _renewals[node] = at;
        }
        var last = _changes.FindLast(c => c.Node == node);
        if ((last?.Holds ?? false) != holds)
        {
            _changes.Add(new VipChange(at, node, holds));
        }
    }
}
