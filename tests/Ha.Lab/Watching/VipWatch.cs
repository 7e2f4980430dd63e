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
    private readonly byte[] _address;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _sockets = [];
    private readonly List<VipChange> _changes = [];
    private readonly Thread _thread;
    private volatile bool _stop;

    /// <summary>Watches for one IPv4 address.</summary>
    public VipWatch(string address)
    {
        _address = IPAddress.Parse(address).GetAddressBytes();
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

    /// <summary>Names of the nodes that hold the address now.</summary>
    public IReadOnlyList<string> Holders => Ownership.HoldersAt(LabClock.Now);

    /// <summary>True when exactly this node holds it.</summary>
    public bool IsOnlyOn(LabHost node) => Holders is [var holder] && holder == node.Name;

    /// <summary>Begins to listen to a node.</summary>
    internal void Watch(LabNode node)
    {
        var socket = NetworkNamespace.Run(node.Namespace, OpenSocket);
        lock (_lock)
        {
            _sockets[node.Name] = socket;
        }
    }

    /// <summary>The node is gone, and with it its address.</summary>
    internal void Forget(LabNode node, long at)
    {
        lock (_lock)
        {
            if (_sockets.Remove(node.Name, out var socket))
            {
                _ = Libc.Close(socket);
            }
            Note(at, node.Name, holds: false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        foreach (var socket in _sockets.Values)
        {
            _ = Libc.Close(socket);
        }
    }

    private static unsafe int OpenSocket()
    {
        var fd = Libc.Socket(Libc.AfNetlink, Libc.SockRaw | Libc.SockCloexec | Libc.SockNonblock, 0);
        if (fd < 0)
        {
            throw Libc.Fail("netlink socket");
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
        Span<Libc.PollFd> fds = stackalloc Libc.PollFd[8];
        var names = new string[8];
        while (!_stop)
        {
            var count = 0;
            lock (_lock)
            {
                foreach (var (name, socket) in _sockets)
                {
                    names[count] = name;
                    fds[count++] = new Libc.PollFd { Fd = socket, Events = Libc.PollIn };
                }
            }
            fixed (Libc.PollFd* at = fds)
            {
                _ = Libc.Poll(at, (nuint)count, 20);
            }
            lock (_lock)
            {
                for (var i = 0; i < count; i++)
                {
                    if (fds[i].Returned != 0 && _sockets.TryGetValue(names[i], out var socket) && socket == fds[i].Fd)
                    {
                        Drain(names[i], socket);
                    }
                }
            }
        }
    }

    private unsafe void Drain(string node, int socket)
    {
        Span<byte> buffer = stackalloc byte[16384];
        while (true)
        {
            nint got;
            fixed (byte* at = buffer)
            {
                got = Libc.Receive(socket, at, (nuint)buffer.Length, 0);
            }
            if (got <= 0)
            {
                return;
            }
            Read(node, buffer[..(int)got]);
        }
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
        var last = _changes.FindLast(c => c.Node == node);
        if ((last?.Holds ?? false) != holds)
        {
            _changes.Add(new VipChange(at, node, holds));
        }
    }
}
