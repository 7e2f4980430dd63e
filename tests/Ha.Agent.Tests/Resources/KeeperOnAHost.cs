using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Ha.Agent.Interop;
using Ha.Agent.Netlink;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary>A keeper of virtual IPs on one of two hosts with a link between them.</summary>
public abstract class KeeperOnAHost : IDisposable
{
    private protected const string Address = "10.77.0.100";
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private protected readonly HostPair hosts = new();
    private readonly RouteSocket routes;
    private readonly ArpAnnouncer announcer;
    private protected readonly VirtualIpKeeper keeper;
    private readonly VirtualIps addresses;
    private protected readonly ConcurrentQueue<ClusterInput> posted = new();
    private protected readonly ConcurrentQueue<AddressMapping> mappings = new();
    private protected volatile bool mayClaim = true;
    private long number;

    protected KeeperOnAHost()
    {
        (routes, announcer) = hosts.One.Run(() => (new RouteSocket(), new ArpAnnouncer(() => mayClaim)));
        keeper = hosts.One.Run(() => new VirtualIpKeeper(
            announcer, ["eth0"], new KeeperOutlets(() => mayClaim, Post),
            // As in the agent: a busy machine must not keep it from renewing a lease of a second.
            prepareThread: static () => RealTime.ScheduleCallingThread(1)));
        keeper.Guard([Address, "fd77::100"]);
        addresses = new VirtualIps(new VirtualIpResource(routes, announcer), keeper);
    }

    public void Dispose()
    {
        keeper.Dispose();
        announcer.Dispose();
        routes.Dispose();
        hosts.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static bool IsAnnouncement(byte[] frame) => frame.Length >= 42 && frame[12] == 8 && frame[13] == 6
        && frame[31] == 100 && frame[41] == 100;

    private protected static void AssertStays(Func<bool> condition, TimeSpan time, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            Assert.True(condition(), what);
            Thread.Sleep(20);
        }
    }

    private protected static ResourceDefinition Vip(string address, params (string Name, string Value)[] parameters) => new()
    {
        Id = address,
        Class = "builtin",
        Type = "vip",
        Vip = new VirtualIp(address, null, null, null, null),
        Parameters = parameters.ToImmutableSortedDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal),
    };

    private protected OperationResult Do(ResourceDefinition vip, OperationKind kind, bool urgent = true)
    {
        OperationResult? end = null;
        hosts.One.Run(() => addresses.Run(
            [new RunOperation(++number, vip, kind, TimeSpan.FromSeconds(20), urgent)], (_, result) => end = result));
        Wait.Until(() => end is not null, $"end of {kind}");
        return end!.Value;
    }

    private void Post(ClusterInput input)
    {
        if (input is not AddressesMapped mapped) posted.Enqueue(input);
        else foreach (var mapping in mapped.Mappings) mappings.Enqueue(mapping);
    }

    private protected static NetworkInterface LinkOf(TestHost host) => host.Run(() =>
    {
        using var tables = new RouteSocket();
        return tables.FindInterface("eth0")!;
    });

    private protected static string HardwareOf(TestHost host) => LinkOf(host).HardwareText;

    private protected IEnumerable<ShellReported> Reports(EventKind kind) =>
        posted.OfType<ShellReported>().Where(report => report.Kind == kind);

    private protected string Disturbed() => posted.OfType<ResourceDisturbed>().First().Detail;

    private protected string Shown() => hosts.One.Execute("ip", "addr", "show", "eth0");

    private protected bool Has(string address) => Shown().Contains($" {address}/", StringComparison.Ordinal);
}
