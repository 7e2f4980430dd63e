using System.Globalization;
using Ha.Lab.Clusters;

namespace Ha.Lab.Benchmarks;

/// <summary><c>bench KIND [--runs N] [--minutes N] [--out FILE] [--shield]</c>.</summary>
internal static class BenchmarkCommand
{
    internal static int Run(ReadOnlySpan<string> arguments)
    {
        var shielded = !arguments.IsEmpty && arguments[^1] == "--shield";
        if (shielded)
        {
            arguments = arguments[..^1];
        }
        if (arguments.IsEmpty || !TryOptions(arguments[1..], out var runs, out var minutes, out var file))
        {
            Console.Error.WriteLine("usage: ./bench.sh "
                + "failover|warm|cold|move|lease|arp|heal|reference|idle|lateness|monitors|transitions|soak "
                + "[--runs N] [--minutes N] [--out FILE] [--shield]");
            return 2;
        }
        using var share = shielded ? new CpuShare() : null;
        var results = new Results();
        switch (arguments[0])
        {
            case "failover":
                FailoverBenchmark.Run(runs, results);
                break;
            case "warm":
                FailoverBenchmark.RunHaproxy(ReferenceHaproxy.Warm, runs, results);
                break;
            case "cold":
                FailoverBenchmark.RunHaproxy(ReferenceHaproxy.Cold, runs, results);
                break;
            case "lease":
                FailoverBenchmark.RunLease(runs, results);
                break;
            case "move":
                MoveBenchmark.Run(runs, TimeSpan.FromMilliseconds(3), results);
                break;
            case "arp":
                FailoverBenchmark.RunDecisionToArp(runs, results);
                break;
            case "heal":
                HealBenchmark.Run(runs, results);
                break;
            case "reference":
                FailoverBenchmark.RunReferenceTimes(runs, results);
                break;
            case "idle":
                FailoverBenchmark.RunIdle(TimeSpan.FromMinutes(minutes), results);
                break;
            case "lateness":
                LatenessBenchmark.Run(TimeSpan.FromMinutes(minutes), loops: 4, results);
                break;
            case "monitors":
                MonitorBenchmark.Run(TimeSpan.FromMinutes(minutes), resources: 200, results);
                break;
            case "transitions":
                TransitionSoak.Run(runs, results);
                break;
            case "soak":
                InteropSoak.Run(TimeSpan.FromMinutes(minutes), results);
                break;
            default:
                Console.Error.WriteLine($"no benchmark '{arguments[0]}': "
                    + "failover, warm, cold, move, lease, arp, heal, reference, idle, lateness, monitors, transitions, soak");
                return 2;
        }
        Console.WriteLine(results.Markdown);
        if (file is not null)
        {
            File.WriteAllText(file, results.Markdown + "\n");
        }
        return 0;
    }

    private static bool TryOptions(ReadOnlySpan<string> arguments, out int runs, out double minutes, out string? file)
    {
        (runs, minutes, file) = (11, 1, null);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            var understood = arguments[i] switch
            {
                "--runs" => int.TryParse(value, out runs) && runs > 0,
                "--minutes" => double.TryParse(value, CultureInfo.InvariantCulture, out minutes) && minutes > 0,
                "--out" => (file = value) != "",
                _ => false,
            };
            if (!understood)
            {
                return false;
            }
        }
        return true;
    }
}
