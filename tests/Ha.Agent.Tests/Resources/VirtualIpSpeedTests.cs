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
    public void HundredAddressesOneAfterTheOther() => MeasureHundred(
        "100 addresses, one order after the other",
        (vips, kind) =>
        {
            foreach (var vip in vips) DoHere(kind, vip);
        });

    [Fact]
    public void HundredAddressesTogether() => MeasureHundred("100 addresses together", (vips, kind) => DoHere(kind, vips));

    private void MeasureHundred(string what, Action<ResourceDefinition[], OperationKind> run)
    {
        var vips = Enumerable.Range(101, 100).Select(Vip).ToArray();
        var times = new Dictionary<OperationKind, List<double>>
        {
            [OperationKind.Start] = [], [OperationKind.Stop] = [],
        };
        RunAsTheLoop(() => hosts.One.Run(() =>
        {
            for (var i = 0; i < Batches; i++)
            {
                foreach (var (kind, took) in times)
                {
                    var start = Stopwatch.GetTimestamp();
                    run(vips, kind);
                    took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
        }));
        foreach (var (kind, took) in times)
        {
            took.Sort();
            output.WriteLine($"{what}, {kind}, ms: least {took[0]:F1}, median {took[Batches / 2]:F1}, most {took[^1]:F1}");
            Assert.InRange(took[0], 0, 100);
        }
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

    private void Do(ResourceDefinition vip, OperationKind kind) => hosts.One.Run(() => DoHere(kind, vip));

    private void DoHere(OperationKind kind, params ResourceDefinition[] vips)
    {
        var outcomes = new List<OperationOutcome>();
        addresses.Run(
            [.. vips.Select(vip => new RunOperation(++number, vip, kind, TimeSpan.FromSeconds(20), Urgent: true))],
            (_, result) => outcomes.Add(result.Outcome));
        Assert.Equal(vips.Length, outcomes.Count);
        Assert.All(outcomes, static outcome => Assert.Equal(OperationOutcome.Succeeded, outcome));
    }
}
