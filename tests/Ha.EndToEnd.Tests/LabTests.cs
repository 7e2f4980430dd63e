using System.Text.RegularExpressions;
using Ha.Lab;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;
using Ha.Lab.Probing;
using Ha.Lab.Watching;

namespace Ha.EndToEnd.Tests;

/// <summary>
/// The measuring instruments themselves: faults that happen when asked for, and watches that see them.
/// </summary>
public sealed class LabTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly Laboratory _lab = new(new Dictionary<string, string>());

    public LabTests()
    {
        foreach (var node in _lab.Nodes)
        {
            node.Boot();
            ClusterFiles.Install(node);
        }
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void TwoOwnersForAMoment_AreSeen()
    {
        var from = LabClock.Now;
        AddAddress(_lab.S1);
        AddAddress(_lab.S2);
        RemoveAddress(_lab.S1);
        LabClock.WaitUntil(() => _lab.Vip.IsOnlyOn(_lab.S2), s_limit, () => _lab.Vip.Ownership.Since(from));

        var overlap = Assert.Single(_lab.Vip.Ownership.WithSeveralOwners(from, LabClock.Now));
        Assert.InRange(overlap.Milliseconds, 0.1, 30_000);
    }

    [Fact]
    public void AddressMovedWithAGap_ProbeAndWatchMeasureTheSameOutage()
    {
        foreach (var node in _lab.Nodes)
        {
            node.Run("/etc/ha.d/resource.d/haproxy", "start");
        }
        AddAddress(_lab.S1);
        using var probe = new Probe(_lab);
        probe.WaitUntilServedBy(_lab.S1, s_limit);

        var from = LabClock.Now;
        RemoveAddress(_lab.S1);
        LabClock.Pause(TimeSpan.FromSeconds(1));
        AddAddress(_lab.S2);
        _lab.S2.Run("arping", "-c", "1", "-A", "-I", "eth0", "-w", "10", Laboratory.VirtualAddress);
        probe.WaitUntilServedBy(_lab.S2, s_limit);

        var seen = Assert.NotNull(probe.Recording.LongestOutage(from));
        var gap = Assert.Single(_lab.Vip.Ownership.WithoutOwner(from, LabClock.Now));
        // Answers of the moment before the gap may be read in it, and the address is announced some time after it.
        Assert.InRange(seen.Milliseconds, gap.Milliseconds - 500, gap.Milliseconds + 5000);
        Assert.Equal(["s1", "s2"], probe.Recording.ServedBy(seen.From));
    }

    [Fact]
    public void GratuitousArp_IsCaptured()
    {
        using var capture = PacketCapture.AtPortOf(_lab.S1, frame => frame.IsGratuitousArp(Laboratory.VirtualAddress));
        AddAddress(_lab.S1);
        _lab.S1.Run("arping", "-c", "1", "-A", "-I", "eth0", "-w", "10", Laboratory.VirtualAddress);

        Assert.True(LabClock.Holds(() => capture.Frames.Count > 0, s_limit), "no frame seen");
    }

    [Fact]
    public void LinkCut_StopsTrafficAndKeepsTheCarrier()
    {
        Assert.True(Reaches(_lab.S1, _lab.S2));

        _lab.Switch.Cut(_lab.S1);
        Assert.False(Reaches(_lab.S1, _lab.S2, seconds: 1));
        Assert.Equal("1", _lab.S1.Run("cat", "/sys/class/net/eth0/carrier").Trim());

        _lab.Switch.Heal();
        Assert.True(Reaches(_lab.S1, _lab.S2));
    }

    [Fact]
    public void OneWayCut_PacketsLeaveButNothingComesBack()
    {
        using var arrived = PacketCapture.AtPortOf(_lab.S2, frame => !frame.UdpPayload(9999).IsEmpty);
        Assert.True(Reaches(_lab.S1, _lab.S2));

        _lab.Switch.CutReceiving(_lab.S1);
        Assert.False(Reaches(_lab.S1, _lab.S2, seconds: 1));
        _lab.S1.Run("socat", "-u", "OPEN:/etc/hostname", $"UDP-SENDTO:{_lab.S2.Address}:9999");

        Assert.True(LabClock.Holds(() => arrived.Frames.Count > 0, s_limit), "what s1 sends does not arrive");
    }

    [Fact]
    public void PacketLoss_LosesAboutAsManyAsAskedFor()
    {
        Assert.True(Reaches(_lab.S1, _lab.S2)); // so that no lost ARP packet holds up the rest
        _lab.Switch.Lose(_lab.S1, 20);

        var ping = _lab.S1.Try("ping", "-q", "-c", "400", "-i", "0.002", "-W", "1", _lab.S2.Address);
        var lost = 100 - Received(ping.Output) / 4;

        Assert.InRange(lost, 20, 55); // 20 % each way: 36 % of round trips
    }

    [Fact]
    public void NodeThatDied_BootsWithItsDiskAndWithoutItsMemory()
    {
        _lab.S1.Write("/var/lib/kept", "disk");
        _lab.S1.Write("/run/lost", "memory");
        AddAddress(_lab.S1);

        _lab.S1.Die();
        Assert.Empty(_lab.Vip.Holders);
        _lab.S1.Boot();

        Assert.Equal("disk", _lab.S1.Read("/var/lib/kept"));
        Assert.Equal("", _lab.S1.Read("/run/lost"));
        Assert.Equal("s1", _lab.S1.Run("hostname").Trim());
        Assert.True(Reaches(_lab.S2, _lab.S1));
    }

    [Fact]
    public void Nodes_SeeOnlyTheirOwnProcessesAndFiles()
    {
        _lab.S1.Run("/etc/ha.d/resource.d/haproxy", "start");

        Assert.NotEmpty(_lab.S1.Processes("haproxy"));
        Assert.Empty(_lab.S2.Processes("haproxy"));
        Assert.Equal(1, _lab.S2.Try("pgrep", "haproxy").ExitCode);
        Assert.False(File.Exists("/run/haproxy-ha.pid"));
    }

    private static int Received(string ping) =>
        int.Parse(Regex.Match(ping, "(?<n>[0-9]+)( packets)? received", RegexOptions.ExplicitCapture, s_limit)
            .Groups["n"].Value);

    private static bool Reaches(LabHost from, LabHost to, int seconds = 30) =>
        from.Try("ping", "-q", "-c", "1", "-W", seconds.ToString(), to.Address).ExitCode == 0;

    private static void AddAddress(LabHost node) =>
        node.Run("ip", "addr", "add", Laboratory.VirtualAddress + "/24", "dev", "eth0");

    private static void RemoveAddress(LabHost node) =>
        node.Run("ip", "addr", "del", Laboratory.VirtualAddress + "/24", "dev", "eth0");
}
