namespace Ha.Agent.Netlink;

/// <summary>The kernel's network tables cannot be read or a raw network socket cannot be opened.</summary>
internal sealed class NetlinkException : Exception
{
    public NetlinkException()
    {
    }

    public NetlinkException(string message) : base(message)
    {
    }

    public NetlinkException(string message, Exception inner) : base(message, inner)
    {
    }
}
