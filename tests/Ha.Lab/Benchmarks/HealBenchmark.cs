using Ha.Lab.Clusters;

namespace Ha.Lab.Benchmarks;

/// <summary>
/// <c>bench heal</c>: the serving node is cut off for 8 s, so that both serve, and the cut heals: how long both hold
/// the address, and what the client loses.
/// </summary>
internal static class HealBenchmark
{
    private static readonly TimeSpan s_cut = TimeSpan.FromSeconds(8);

    internal static void Run(int runs, Results results)
    {
        var software = new HaApplianceSoftware();
        using var contestant = new Contestant(software, TimerProfile.Fast);
        contestant.ColdStart();
        for (var run = 0; run < runs; run++)
        {
            Console.Error.WriteLine($"run {run + 1} of {runs}, load {File.ReadAllText("/proc/loadavg").Trim()}");
            var heal = contestant.CutAndHeal(s_cut);
            results.Add("cut of 8 s healed: until one owner, ms", software.Name, heal.TwoOwnersMs);
            results.Add("cut of 8 s healed: outage, ms", software.Name, heal.OutageMs);
        }
    }
}
