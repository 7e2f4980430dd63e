using Ha.Lab.Clusters;

namespace Ha.Lab.Benchmarks;

/// <summary>
/// <c>bench failover</c>: this project and Heartbeat 3.0.6 from Debian's package, measured turn by turn by the same
/// client on the same machine.
/// </summary>
internal static class FailoverBenchmark
{
    internal static void Run(int runs, Results results)
    {
        var ours = new HaApplianceSoftware();
        using var appliance = new Contestant(ours, TimerProfile.Fast);
        using var heartbeat = new Contestant(new HeartbeatSoftware(), TimerProfile.Fast);
        Contestant[] contestants = [appliance, heartbeat];
        for (var run = 0; run < runs; run++)
        {
            Console.Error.WriteLine($"run {run + 1} of {runs}, load {File.ReadAllText("/proc/loadavg").Trim()}");
            foreach (var contestant in contestants)
            {
                var name = contestant.Software.Name;
                results.Add("cold start to service, ms", name, contestant.ColdStart());
                var failover = contestant.Death();
                results.Add("node death: outage, ms", name, failover.OutageMs);
                results.Add("node death: to first gratuitous ARP, ms", name,
                    failover.AnnouncedAt is { } at ? LabClock.Milliseconds(failover.At, at) : null);
                results.Add("return of the node: outage, ms", name, failover.FailbackMs);
                results.Add("planned standby: outage, ms", name, contestant.Standby());
                results.Add("graceful stop: outage, ms", name, contestant.GracefulStop());
            }
        }
    }

    /// <summary>
    /// This project with HAProxy under its own control, watched each second: running on both nodes (warm), or started
    /// where the address goes (cold). The client asks each 3 ms, as the one did by which keepalived was measured.
    /// </summary>
    internal static void RunHaproxy(ReferenceHaproxy haproxy, int runs, Results results)
    {
        var software = new HaApplianceSoftware(haproxy);
        using var contestant = new Contestant(software, TimerProfile.Fast, TimeSpan.FromMilliseconds(3));
        contestant.ColdStart();
        void Add(string what, double? value) => results.Add(what + ", ms", software.Name, value);
        for (var run = 0; run < runs; run++)
        {
            Console.Error.WriteLine($"run {run + 1} of {runs}, load {File.ReadAllText("/proc/loadavg").Trim()}");
            var failover = contestant.Death();
            Add("node death: outage", failover.OutageMs);
            Add("node death: from the decision to the first gratuitous ARP",
                software.DeathDecided(contestant.Lab.S2, failover.At) is { } from && failover.AnnouncedAt is { } to
                    ? LabClock.Milliseconds(from, to) : null);
            Add("return of the node: outage", failover.FailbackMs);
            var (atChange, longest) = contestant.PlannedMove(software.Group);
            Add("planned move: outage", atChange);
            Add("planned move: longest hole of the second", longest);
            Add("planned standby: outage", contestant.Standby());
            Add("graceful stop: outage", contestant.GracefulStop());
            Add("HAProxy killed: outage", contestant.HaproxyKilled());
            var (noticed, outage) = contestant.HaproxyFrozen(run);
            Add("HAProxy stopped (SIGSTOP): until noticed", noticed);
            Add("HAProxy stopped (SIGSTOP): outage", outage);
        }
    }

    /// <summary>The agent of the active node is killed or frozen for good: the kernel takes its address away.</summary>
    internal static void RunLease(int runs, Results results)
    {
        var software = new HaApplianceSoftware(ReferenceHaproxy.Warm);
        using var contestant = new Contestant(software, TimerProfile.BeyondLease);
        contestant.ColdStart();
        for (var run = 0; run < runs; run++)
        {
            foreach (var frozen in (bool[])[false, true])
            {
                var what = frozen ? "agent frozen for good" : "agent killed for good";
                var loss = contestant.AgentLost(frozen);
                results.Add(what + ": last renewal to address gone, ms", software.Name, loss.HeldMs);
                results.Add(what + ": address on both nodes, ms", software.Name, loss.TwoOwnersMs);
                results.Add(what + ": outage, ms", software.Name, loss.OutageMs);
            }
        }
    }

    /// <summary>
    /// From the decision that the peer is dead to the first gratuitous ARP, group of a virtual address only.
    /// </summary>
    internal static void RunDecisionToArp(int runs, Results results)
    {
        var software = new HaApplianceSoftware();
        using var contestant = new Contestant(software, TimerProfile.Fast);
        foreach (var node in contestant.Lab.Nodes)
        {
            node.Write("/etc/ha.d/haresources", "s1 192.168.1.100/24/eth0:0\n");
            // Nothing in the cluster starts it: it runs on both nodes all the time.
            node.Run("/etc/ha.d/resource.d/haproxy", "start");
        }
        foreach (var node in contestant.Lab.Nodes)
        {
            software.Start(node);
        }
        for (var run = 0; run < runs; run++)
        {
            var failover = contestant.Death(rebooted => rebooted.Run("/etc/ha.d/resource.d/haproxy", "start"));
            var decided = software.DeathDecided(contestant.Lab.S2, failover.At);
            results.Add("decision to first gratuitous ARP, VIP only, ms", software.Name,
                decided is { } from && failover.AnnouncedAt is { } to ? LabClock.Milliseconds(from, to) : null);
            results.Add("node death: outage, HAProxy already running, ms", software.Name, failover.OutageMs);
        }
    }

    /// <summary>A node dies with the reference cluster's own times: 2 s between heartbeats, dead after 30 s.</summary>
    internal static void RunReferenceTimes(int runs, Results results)
    {
        foreach (var software in (IClusterSoftware[])[new HaApplianceSoftware(), new HeartbeatSoftware()])
        {
            using var contestant = new Contestant(software, TimerProfile.Seed);
            contestant.ColdStart();
            for (var run = 0; run < runs; run++)
            {
                results.Add("node death, reference times: outage, ms", software.Name, contestant.Death().OutageMs);
            }
        }
    }

    /// <summary>Memory and CPU at rest with the reference cluster's own times.</summary>
    internal static void RunIdle(TimeSpan time, Results results)
    {
        foreach (var software in (IClusterSoftware[])[new HaApplianceSoftware(), new HeartbeatSoftware()])
        {
            using var contestant = new Contestant(software, TimerProfile.Seed);
            Console.Error.WriteLine($"idle {software.Name}");
            results.Add("cold start to service, reference times, ms", software.Name, contestant.ColdStart());
            foreach (var node in contestant.Lab.Nodes)
            {
                var (rss, cpu) = contestant.Cost(node, time);
                results.Add("idle, reference times: memory (RSS), MB", software.Name, rss);
                results.Add("idle, reference times: CPU, % of one core", software.Name, cpu);
            }
        }
    }
}
