using Ha.Core.Contracts;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;

namespace Ha.Lab.Benchmarks;

/// <summary><c>bench soak</c>: this project on s1 and a real Heartbeat on s2, side by side for a long time.</summary>
internal static class InteropSoak
{
    internal static void Run(TimeSpan time, Results results)
    {
        using var pair = new InteropPair(TimerProfile.Seed, authkeys: null, medium: null);
        pair.Start();
        pair.WaitUntilBothAreActive(TimeSpan.FromSeconds(120));
        var from = LabClock.Now;
        var wrong = 0;
        var looks = 0;
        while (LabClock.Milliseconds(from, LabClock.Now) < time.TotalMilliseconds)
        {
            LabClock.Pause(TimeSpan.FromSeconds(2));
            looks++;
            if (pair.Heartbeat.StatusOf("s1") != "active" || pair.Ours.View("s2")?.State != NodeState.Online)
            {
                wrong++;
            }
        }
        const string Both = "HaAppliance with Heartbeat 3.0.6";
        results.Add("soak: looks at both nodes", Both, looks);
        results.Add("soak: looks at which one was not active", Both, wrong);
        results.Add("soak: warnings and errors of Heartbeat", Both, pair.HeartbeatComplaints.Count);
        foreach (var line in pair.HeartbeatComplaints.Take(20))
        {
            Console.Error.WriteLine("  " + line);
        }
    }
}
