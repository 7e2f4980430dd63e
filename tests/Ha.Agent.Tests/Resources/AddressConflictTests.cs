using System.Collections.Concurrent;
using System.Diagnostics;
using Ha.Agent.Interop;
using Ha.Agent.Netlink;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary>A foreign host has the address, before a claim or after it.</summary>
public sealed class AddressConflictTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HostPair hosts = new();
    private readonly RouteSocket routes;
    private readonly ArpAnnouncer announcer;
    private readonly VirtualIpKeeper keeper;
    private readonly VirtualIps addresses;
    private readonly ConcurrentQueue<ClusterInput> posted = new();
    private readonly string foreignMac;
    private long number;

    public AddressConflictTests()
    {
        (routes, announcer) = hosts.One.Run(() => (new RouteSocket(), new ArpAnnouncer()));
        keeper = hosts.One.Run(() => new VirtualIpKeeper(
            announcer, ["eth0"], new KeeperOutlets(() => true, posted.Enqueue),
            prepareThread: static () => RealTime.ScheduleCallingThread(1)));
        addresses = new VirtualIps(new VirtualIpResource(routes, announcer), keeper);
        foreignMac = Text(LinkOfTwo().HardwareAddress.Span);
    }

    public void Dispose()
    {
        keeper.Dispose();
        announcer.Dispose();
        routes.Dispose();
        hosts.Dispose();
    }

    [Theory]
    [InlineData("10.77.0.100", 24)]
    [InlineData("fd77::100", 64)]
    public void ClaimThatCanWait_IsRefusedWithTheHardwareAddressOfTheForeignHolder(string address, int prefix)
    {
        hosts.Two.Execute("ip", "addr", "add", $"{address}/{prefix}", "dev", "eth0");
        Wait.Until(() => hosts.Two.Execute("ip", "addr", "show", "tentative").Length == 0, "usable there");

        var result = Start(address, urgent: false, out _);

        Assert.Equal(OperationOutcome.Failed, result.Outcome);
        Assert.Contains($"{address} is in use already", result.Output, StringComparison.Ordinal);
        Assert.Contains(foreignMac, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain($" {address}/", Shown(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.77.0.100")]
    [InlineData("fd77::100")]
    public void ClaimThatCanWait_AsksThreeTimesWithoutClaiming_ThenTakesAFreeAddress(string address)
    {
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());

        var result = Start(address, urgent: false, out var took);

        Assert.Equal(OperationResult.Succeeded(), result);
        Assert.True(took.TotalMilliseconds >= 150, $"{took.TotalMilliseconds} ms");
        for (var i = 0; i < 3; i++) Assert.NotNull(sniffer.Next(IsProbe, Patience));
        Assert.Null(sniffer.Next(IsProbe, TimeSpan.FromMilliseconds(200)));
        Assert.Contains($" {address}/", Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void AddressThatIsHereAlready_IsNotAskedFor()
    {
        Start("10.77.0.100", urgent: true, out _);
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());

        Assert.Equal(OperationResult.Succeeded(), Start("10.77.0.100", urgent: false, out _));

        Assert.Null(sniffer.Next(IsProbe, TimeSpan.FromMilliseconds(500)));
    }

    [Fact]
    public void UrgentClaim_TakesTheAddressAtOnce_ThenTellsOfTheForeignHolder_AndAnswersItOnce()
    {
        hosts.Two.Execute("ip", "addr", "add", "10.77.0.100/24", "dev", "eth0");
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());

        Assert.Equal(OperationResult.Succeeded(), Start("10.77.0.100", urgent: true, out _, ("arp_count", "1")));
        using var foreign = hosts.Two.Run(() => new ArpAnnouncer());
        var rhythm = new AnnouncementRhythm(30, TimeSpan.FromMilliseconds(20), TimeSpan.Zero);
        foreign.AnnounceNow(LinkOfTwo(), System.Net.IPAddress.Parse("10.77.0.100"), rhythm);
        Wait.Until(() => posted.OfType<ShellReported>().Any(), "told");
        var report = posted.OfType<ShellReported>().First();
        Assert.Equal(EventKind.AddressConflict, report.Kind);
        Assert.Contains(foreignMac, report.Sentence, StringComparison.Ordinal);
        // Its claim is one request and one reply; the answer to thirty foreign ones is one such pair more.
        for (var own = 0; own < 4; own++)
        {
            var next = sniffer.Next(frame => IsOwnClaim(frame) || IsProbe(frame), Patience);
            Assert.True(next is not null && IsOwnClaim(next), "it claims, and asks nobody");
        }

        Assert.Null(sniffer.Next(IsOwnClaim, TimeSpan.FromMilliseconds(1500)));
        Assert.Single(posted.OfType<ShellReported>());
    }

    private bool IsOwnClaim(byte[] frame) => frame.Length >= 42 && frame[12] == 8 && frame[13] == 6 && frame[31] == 100
        && frame[41] == 100 && Text(frame.AsSpan(6, 6)) != foreignMac;

    private static bool IsProbe(byte[] frame) => frame.Length >= 42
        && ((frame[12] == 8 && frame[13] == 6 && frame[21] == 1 && frame.AsSpan(28, 4).IndexOfAnyExcept((byte)0) < 0)
            || (frame[12] == 0x86 && frame[13] == 0xDD && frame[54] == 135
                && frame.AsSpan(22, 16).IndexOfAnyExcept((byte)0) < 0));

    private static string Text(ReadOnlySpan<byte> mac) =>
        Convert.ToHexStringLower(mac) is var hex ? string.Join(':', hex.Chunk(2).Select(pair => new string(pair))) : "";

    private NetworkInterface LinkOfTwo() => hosts.Two.Run(() =>
    {
        using var tables = new RouteSocket();
        return tables.FindInterface("eth0")!;
    });

    private OperationResult Start(
        string address, bool urgent, out TimeSpan took, params (string Name, string Value)[] parameters)
    {
        var vip = VirtualIpSettingsTests.Resource([("address", address), .. parameters]);
        OperationResult? end = null;
        var start = Stopwatch.GetTimestamp();
        hosts.One.Run(() => addresses.Run(
            [new RunOperation(++number, vip, OperationKind.Start, Patience, urgent)], (_, result) => end = result));
        Wait.Until(() => end is not null, "the end of the start");
        took = Stopwatch.GetElapsedTime(start);
        return end!.Value;
    }

    private string Shown() => hosts.One.Execute("ip", "addr", "show", "eth0");
}
