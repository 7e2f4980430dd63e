using System.Net;
using System.Net.Sockets;
using System.Text;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>A socket of one look: bound as the check says, and nothing on it waits longer than the look may.</summary>
internal sealed class CheckSocket : IDisposable
{
    private const int SocketLevel = 1;
    private const int BindToDevice = 25;

    private readonly CheckLook look;
    private readonly Socket socket;

    private CheckSocket(CheckLook look, Socket socket)
    {
        this.look = look;
        this.socket = socket;
    }

    /// <summary>Opens one to talk with an address.</summary>
    /// <exception cref="SocketException">The source address is not there.</exception>
    /// <exception cref="IOException">The interface is not there.</exception>
    public static CheckSocket Open(CheckLook look, IPAddress address, SocketType type, ProtocolType protocol)
    {
        var opened = new Socket(address.AddressFamily, type, protocol) { Blocking = false };
        try
        {
            if (look.Parameter(CheckParameters.Interface) is { Length: > 0 } name) Bind(opened, name);
            if (look.Parameter(CheckParameters.Source) is { Length: > 0 } source)
                opened.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
            return new CheckSocket(look, opened);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">The other side refuses, or cannot be reached.</exception>
    /// <exception cref="TimeoutException">The time of the look is over.</exception>
    public void Connect(IPEndPoint to)
    {
        try
        {
            socket.Connect(to);
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // That is how a connection begins that is not waited for here.
        }

        Wait(SelectMode.SelectWrite);
        var error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != 0) throw new SocketException(error);
    }

    /// <summary>Sends one datagram; what the network refuses is heard with the answer.</summary>
    public void SendTo(ReadOnlySpan<byte> datagram, IPEndPoint to) =>
        socket.SendTo(datagram, SocketFlags.None, to);

    /// <summary>Sends all of it.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Wait(SelectMode.SelectWrite);
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    /// <summary>Receives what is there; 0: the other side has ended.</summary>
    /// <exception cref="TimeoutException">The time of the look is over.</exception>
    public int Receive(Span<byte> buffer)
    {
        Wait(SelectMode.SelectRead);
        return socket.Receive(buffer);
    }

    /// <summary>Whether something arrives before a while, and before the end of the look.</summary>
    public bool Arrives(TimeSpan within)
    {
        var left = within < look.Left ? within : look.Left;
        return left > TimeSpan.Zero && socket.Poll(left, SelectMode.SelectRead);
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private static void Bind(Socket opened, string name)
    {
        try
        {
            opened.SetRawSocketOption(SocketLevel, BindToDevice, Encoding.UTF8.GetBytes(name + "\0"));
        }
        catch (SocketException e)
        {
            // The framework has no words for it.
            throw new IOException($"packets cannot leave by interface {name}: it is not on this node", e);
        }
    }

    private void Wait(SelectMode mode)
    {
        var left = look.Left;
        if (left == TimeSpan.Zero || !socket.Poll(left, mode)) throw new TimeoutException();
    }
}
