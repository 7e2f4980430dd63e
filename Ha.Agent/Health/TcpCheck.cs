using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>Whether a TCP port accepts a connection.</summary>
internal sealed class TcpCheck : ICheckKind
{
    /// <inheritdoc/>
    public CheckFinding Look(CheckLook look)
    {
        var address = IPAddress.Parse(look.Parameter(CheckParameters.Address));
        var port = int.Parse(look.Parameter(CheckParameters.Port), CultureInfo.InvariantCulture);
        using var socket = CheckSocket.Open(look, address, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(new IPEndPoint(address, port));
        return CheckFinding.Good("connected");
    }
}
