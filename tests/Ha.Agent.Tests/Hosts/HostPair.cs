namespace Ha.Agent.Tests.Hosts;

/// <summary>Two hosts with one cable: eth0 of each, 10.77.0.1/24 and 10.77.0.2/24, fd77::1/64 and fd77::2/64.</summary>
public sealed class HostPair : IDisposable
{
    public HostPair()
    {
        One.Execute(
            "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", $"{Two.ThreadId}");
        Configure(One, 1);
        Configure(Two, 2);
        Wait.Until(() => IsReady(One) && IsReady(Two), "carrier");
    }

    internal TestHost One { get; } = new();

    internal TestHost Two { get; } = new();

    public void Dispose()
    {
        One.Dispose();
        Two.Dispose();
    }

    private static void Configure(TestHost host, int number)
    {
        // Multicast reaches nobody while the link-local address is still being checked for duplicates.
        host.Run(() => File.WriteAllText("/proc/sys/net/ipv6/conf/eth0/accept_dad", "0"));
        host.Execute("ip", "addr", "add", $"10.77.0.{number}/24", "broadcast", "10.77.0.255", "dev", "eth0");
        host.Execute("ip", "addr", "add", $"fd77::{number}/64", "dev", "eth0", "nodad");
        host.Execute("ip", "link", "set", "eth0", "up");
    }

    private static bool IsReady(TestHost host) =>
        host.Execute("ip", "link", "show", "eth0").Contains("LOWER_UP", StringComparison.Ordinal)
        && host.Execute("ip", "-6", "addr", "show", "tentative").Length == 0;
}
