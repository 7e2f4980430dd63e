using Ha.Lab.Clusters;
using Ha.Lab.Hosts;
using Ha.Lab.Probing;

namespace Ha.Lab.Benchmarks;

/// <summary>One cluster software on a lab of its own, brought from one measurement to the next.</summary>
internal sealed partial class Contestant : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly TimeSpan _pace;

    /// <param name="software">What is measured.</param>
    /// <param name="timers">Its times.</param>
    /// <param name="pace">How often the client asks; null: <see cref="Probe.DefaultInterval"/>.</param>
    internal Contestant(IClusterSoftware software, TimerProfile timers, TimeSpan? pace = null)
    {
        _pace = pace ?? Probe.DefaultInterval;
        Software = software;
        Timers = timers;
        Lab = new Laboratory(software is HaApplianceSoftware ? Programs.Published : new Dictionary<string, string>());
        foreach (var node in Lab.Nodes)
        {
            node.Boot();
            software.Install(node, timers);
        }
    }

    internal IClusterSoftware Software { get; }

    internal TimerProfile Timers { get; }

    internal Laboratory Lab { get; }

    /// <summary>Both nodes are switched on anew and the software is started on both.</summary>
    /// <returns>From the start of the software to the first answer of the service, ms.</returns>
    internal double ColdStart()
    {
        foreach (var node in Lab.Nodes)
        {
            node.Die();
            node.Boot();
        }
        using var probe = new Probe(Lab, _pace);
        var from = LabClock.Now;
        foreach (var node in Lab.Nodes)
        {
            Software.Start(node);
        }
        LabClock.WaitUntil(() => probe.LastAnswer > from, s_patience, () => $"{Software.Name} does not start serving");
        Settle(probe);
        return LabClock.Milliseconds(from, probe.Recording.Records.First(r => r.IsAnswered && r.End > from).End);
    }

    /// <summary>s1 dies; then it comes back and takes its resources again.</summary>
    /// <param name="afterBoot">What the node runs by itself when it comes back, before the cluster software.</param>
    internal Failover Death(Action<LabNode>? afterBoot = null)
    {
        using var probe = Ready();
        using var wire = Watching.PacketCapture.AtPortOf(Lab.S2, f => f.IsGratuitousArp(Laboratory.VirtualAddress));
        var from = Lab.S1.Die();
        probe.WaitUntilServedBy(Lab.S2, s_patience);
        var failover = new Failover(from, probe.Recording.LongestOutage(from)?.Milliseconds,
            wire.Frames.FirstOrDefault(f => f.At > from)?.At);
        Lab.S1.Boot();
        afterBoot?.Invoke(Lab.S1);
        var back = LabClock.Now;
        Software.Start(Lab.S1);
        Settle(probe);
        return failover with { FailbackMs = probe.Recording.LongestOutage(back)?.Milliseconds };
    }

    /// <summary>s1 hands over on request, then takes back.</summary>
    /// <returns>Outage of the hand-over, ms.</returns>
    internal double? Standby()
    {
        using var probe = Ready();
        var from = LabClock.Now;
        Software.Standby(Lab.S1);
        probe.WaitUntilServedBy(Lab.S2, s_patience, TimeSpan.FromSeconds(1));
        var outage = probe.Recording.LongestOutage(from)?.Milliseconds;
        Software.Return(Lab.S1);
        Settle(probe);
        return outage;
    }

    /// <summary>A group, or the address alone, moves to s2 on request, then back.</summary>
    /// <param name="group">What moves.</param>
    /// <returns>The hole at the change of the node that answers, and the longest one of the second, ms.</returns>
    internal (double? AtChange, double? Longest) PlannedMove(string group)
    {
        using var probe = Ready();
        var from = LabClock.Now;
        HaApplianceSoftware.Move(group, Lab.S2);
        probe.WaitUntilServedBy(Lab.S2, s_patience, TimeSpan.FromSeconds(1));
        var recording = probe.Recording;
        HaApplianceSoftware.Move(group, Lab.S1);
        Settle(probe);
        return (recording.HoleAtChangeTo(Lab.S2.Name, from)?.Milliseconds, recording.LongestOutage(from)?.Milliseconds);
    }

    /// <summary>The software on s1 is stopped gracefully, then started again.</summary>
    /// <returns>Outage of the stop, ms.</returns>
    internal double? GracefulStop()
    {
        using var probe = Ready();
        var from = LabClock.Now;
        Software.Stop(Lab.S1);
        probe.WaitUntilServedBy(Lab.S2, s_patience, TimeSpan.FromSeconds(1));
        var outage = probe.Recording.LongestOutage(from)?.Milliseconds;
        LabClock.WaitUntil(() => Software.HasStopped(Lab.S1), s_patience, () => $"{Software.Name} does not stop");
        Software.Start(Lab.S1);
        Settle(probe);
        return outage;
    }

    /// <summary>s1 is cut off, so that s2 serves too; then the cut heals and s1 goes on alone.</summary>
    internal Heal CutAndHeal(TimeSpan cut)
    {
        using var probe = Ready();
        Lab.Switch.Cut(Lab.S1);
        probe.WaitUntilServedBy(Lab.S2, s_patience);
        LabClock.Pause(cut);
        // Before the program that heals is started: some milliseconds of what is counted are its own.
        var healed = LabClock.Now;
        Lab.Switch.Heal();
        Settle(probe);
        return new Heal(
            Lab.Vip.Ownership.WithSeveralOwners(healed, LabClock.Now)
                .Select(one => LabClock.Milliseconds(healed, one.To)).DefaultIfEmpty(0).Max(),
            probe.Recording.LongestOutage(healed)?.Milliseconds);
    }

    /// <summary>Resident memory, MB, and CPU, per cent of one core, of the software on a node over some time.</summary>
    internal (double Rss, double Cpu) Cost(LabNode node, TimeSpan time)
    {
        var before = CpuTicks(node);
        var from = LabClock.Now;
        LabClock.Pause(time);
        var cpu = (CpuTicks(node) - before) / 100.0 / (LabClock.Milliseconds(from, LabClock.Now) / 1000) * 100;
        var rss = node.Processes(Software.Process).Sum(pid => File.ReadLines($"/proc/{pid}/status")
            .Where(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Sum(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])));
        return (rss / 1024.0, cpu);
    }

    public void Dispose() => Lab.Dispose();

    /// <summary>s1 serves and the cluster is at rest; the probe runs.</summary>
    private Probe Ready()
    {
        var probe = new Probe(Lab, _pace);
        Settle(probe);
        return probe;
    }

    private void Settle(Probe probe)
    {
        probe.WaitUntilServedBy(Lab.S1, s_patience, TimeSpan.FromSeconds(1));
        LabClock.WaitUntil(() => Software.IsSettled(Lab), s_patience, () => $"{Software.Name} does not come to rest");
        // Deadtime is announced longer for the first seconds of a node's life.
        LabClock.Pause(TimeSpan.FromSeconds(6));
    }

    /// <summary>User and system time of the software's processes, in hundredths of a second.</summary>
    private double CpuTicks(LabNode node) => node.Processes(Software.Process).Sum(pid =>
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return double.Parse(fields[11]) + double.Parse(fields[12]);
    });
}

/// <summary>What one node death cost.</summary>
/// <param name="At">When the node died.</param>
/// <param name="OutageMs">The client's outage; null when the service did not come back.</param>
/// <param name="AnnouncedAt">When the survivor's first gratuitous ARP was on the wire.</param>
/// <param name="FailbackMs">The client's outage when the node took back.</param>
internal sealed record Failover(long At, double? OutageMs, long? AnnouncedAt, double? FailbackMs = null);

/// <summary>What the end of a cut cost.</summary>
/// <param name="TwoOwnersMs">From the end of the cut until one node held the address, and only one ever
/// since.</param>
/// <param name="OutageMs">The client's longest outage that ended after it; null when the service did not come
/// back.</param>
internal sealed record Heal(double TwoOwnersMs, double? OutageMs);
