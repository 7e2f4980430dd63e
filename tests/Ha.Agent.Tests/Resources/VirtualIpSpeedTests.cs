using System.Diagnostics;
using Ha.Agent.Interop;
using Ha.Agent.Netlink;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;
using Xunit.Abstractions;

namespace Ha.Agent.Tests.Resources;

/// <summary>
/// How fast addresses are taken, by threads of the loop's own scheduling. The figures are printed; the bounds are for
/// the fastest of many rounds, so that a busy machine does not decide.
/// </summary>
[Collection(MeasuredAlone.Name)]
public sealed class VirtualIpSpeedTests : IDisposable
{
    private const int Rounds = 51;
    private const int Batches = 11;

    private readonly ITestOutputHelper output;
    private readonly HostPair hosts = new();
    private readonly RouteSocket routes;
    private readonly ArpAnnouncer announcer;
    private readonly VirtualIpKeeper keeper;
    private readonly VirtualIps addresses;
    private long number;

    public VirtualIpSpeedTests(ITestOutputHelper output)
    {
        this.output = output;
        (routes, announcer) = hosts.One.Run(() => (new RouteSocket(), new ArpAnnouncer()));
        hosts.One.Run(() => RealTime.ScheduleCallingThread(1));
        keeper = hosts.One.Run(() => new VirtualIpKeeper(
            announcer, ["eth0"], new KeeperOutlets(() => true, _ => { })));
        addresses = new VirtualIps(new VirtualIpResource(routes, announcer), keeper);
    }

    public void Dispose()
    {
        keeper.Dispose();
        announcer.Dispose();
        routes.Dispose();
        hosts.Dispose();
    }

    [Fact]
    public void FromTheOrderToTheFirstAnnouncementAtThePeer()
    {
        RunAsTheLoop(MeasureFirstAnnouncement);
    }

    private void MeasureFirstAnnouncement()
    {
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());
        var vip = Vip(100);
        var times = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Do(vip, OperationKind.Start);
            Assert.NotNull(sniffer.Next(IsAnnouncement, TimeSpan.FromSeconds(60)));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Do(vip, OperationKind.Stop);
            while (sniffer.Next(IsAnnouncement, TimeSpan.FromMilliseconds(5)) is not null) { }
        }

        times.Sort();
        output.WriteLine($"order to first frame at the peer, ms: least {times[0]:F3}, median {times[Rounds / 2]:F3}, "
            + $"most {times[^1]:F3}");
        Assert.InRange(times[0], 0, 2);
    }

    [Fact]
    public void HundredAddressesOneAfterTheOther()
    {
        var vips = Enumerable.Range(101, 100).Select(Vip).ToArray();
        var times = new List<double>();
        for (var i = 0; i < Batches; i++)
        {
            var start = Stopwatch.GetTimestamp();
            hosts.One.Run(() =>
            {
                foreach (var vip in vips) DoHere(vip, OperationKind.Start);
            });
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            hosts.One.Run(() =>
            {
                foreach (var vip in vips) DoHere(vip, OperationKind.Stop);
            });
        }

        times.Sort();
        output.WriteLine($"100 addresses claimed and announced, ms: least {times[0]:F1}, "
            + $"median {times[Batches / 2]:F1}, most {times[^1]:F1}");
        Assert.InRange(times[0], 0, 100);
    }

    private static void RunAsTheLoop(Action measure)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            RealTime.ScheduleCallingThread(1);
            try
            {
                measure();
            }
            catch (Exception thrown)
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(thrown);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static bool IsAnnouncement(byte[] frame) => frame.Length >= 42 && frame[12] == 8 && frame[13] == 6
        && frame[31] == frame[41];

    private static ResourceDefinition Vip(int last) => new()
    {
        Id = $"vip{last}",
        Class = "builtin",
        Type = "vip",
        Vip = new VirtualIp($"10.77.0.{last}", 24, "eth0", null, null),
    };

    private void Do(ResourceDefinition vip, OperationKind kind) => hosts.One.Run(() => DoHere(vip, kind));

    private void DoHere(ResourceDefinition vip, OperationKind kind)
    {
        var outcome = OperationOutcome.Cancelled;
        addresses.Run(new RunOperation(++number, vip, kind, TimeSpan.FromSeconds(20), Urgent: true),
            result => outcome = result.Outcome);
        Assert.Equal(OperationOutcome.Succeeded, outcome);
    }
}
