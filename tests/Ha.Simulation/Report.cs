namespace Ha.Simulation;

/// <summary>Prints runs for the person at the terminal.</summary>
public sealed class Report(TextWriter output)
{
    /// <summary>Cluster and fault plan of a run.</summary>
    public void Plan(SimulationResult result)
    {
        var profile = result.Profile;
        output.WriteLine(
            $"seed {result.Seed}: {profile.Nodes} nodes, {profile.Media} media, "
            + $"keepalive {profile.Keepalive.TotalSeconds} s, deadtime {profile.Deadtime.TotalSeconds} s, "
            + $"initdead {profile.Initdead.TotalSeconds} s, auto_failback {profile.AutoFailback}, {profile.Method}"
            + (profile.Lies ? ", lies" : ""));
        foreach (var group in profile.Groups)
        {
            var resources = string.Join(' ', group.Resources.Select(resource => resource.Id));
            output.WriteLine($"  {group.PreferredNode} {resources}");
        }

        foreach (var fault in result.Plan.Faults) output.WriteLine($"  {fault}");
        foreach (var calm in result.Plan.Calms)
        {
            var restore = calm.Restore < 0 ? "" : $", restore {Micros.Text(calm.Restore)}";
            output.WriteLine($"  calm {Micros.Text(calm.Begins)} to {Micros.Text(calm.Ends)}{restore}");
        }
    }

    /// <summary>How a run ended; its failure with the last lines.</summary>
    /// <returns>True when every promise was kept.</returns>
    public bool Outcome(SimulationResult result, CommandLine line)
    {
        if (result.Violation is null)
        {
            output.WriteLine($"seed {result.Seed}: every promise kept, trace {result.TraceHash:x16}");
            return true;
        }

        var failed = result;
        if (line.Shrink)
        {
            var shrinker = new Shrinker();
            failed = shrinker.Shrink(result);
            output.WriteLine($"shrunk from {result.Plan.Faults.Length} to {failed.Plan.Faults.Length} faults "
                + $"in {shrinker.Runs} runs and {shrinker.Elapsed.TotalSeconds:0.0} s");
            Plan(failed);
        }

        if (line.Save is not null) PlanFile.Of(failed).Write(line.Save);
        output.WriteLine(Failure(failed, line.Options));
        return false;
    }

    /// <summary>A batch: failures, coverage, speed.</summary>
    /// <returns>True when every promise was kept.</returns>
    public bool Batch(SeedBatch batch, CommandLine line)
    {
        foreach (var failed in batch.Failures)
        {
            output.WriteLine($"seed {failed.Seed}: {failed.Violation}");
        }

        if (batch.Failures.Count > 0 && line.Shrink) Outcome(batch.Failures[0], line);
        Coverage(batch);
        var hours = batch.Simulated / (double)Micros.Hour;
        output.WriteLine(
            $"{line.Seeds} seeds, {batch.Failed} failed; {hours:0} simulated hours "
            + $"in {batch.Elapsed.TotalSeconds:0.0} s and {batch.Processor.TotalSeconds:0.0} CPU-seconds "
            + $"({hours / batch.Processor.TotalSeconds:0.0} simulated hours per CPU-second), hash {batch.Hash:x16}");
        return batch.Failed == 0;
    }

    /// <summary>One line while a batch runs.</summary>
    public static string Progress(SeedBatch batch, CommandLine line)
    {
        var rate = batch.Done / batch.Elapsed.TotalSeconds;
        return $"{batch.Done} of {line.Seeds} seeds, {batch.Failed} failed, {rate:0.0} seeds per second, "
            + $"{(line.Seeds - batch.Done) / rate:0} s to go"
            + (batch.Failures is [.., var last] ? $"; seed {last.Seed}: {last.Violation?.Rule}" : "");
    }

    /// <summary>What a failed run says: seed, how to see it again, what broke, what came before.</summary>
    public static string Failure(SimulationResult failed, SeedOptions options)
    {
        return $"""
            seed {failed.Seed}: {failed.Violation}
            replay: dotnet run --project tests/Ha.Simulation -- --replay {failed.Seed} {options} --shrink
            last lines:
              {string.Join("\n  ", failed.LastLines)}
            """;
    }

    private void Coverage(SeedBatch batch)
    {
        var coverage = batch.Coverage;
        output.WriteLine("reached:");
        foreach (var mark in Enum.GetValues<CoverageMark>()) output.WriteLine($"  {mark,-24} {coverage[mark],10}");
        output.WriteLine("events:");
        foreach (var (kind, count) in coverage.Events) output.WriteLine($"  {kind,-24} {count,10}");
        output.WriteLine($"two connected idle owners: at most {Seconds(coverage.LongestOverlap)} "
            + $"(seed {batch.Worst.Overlap} at {Micros.Text(coverage.LongestAt.Overlap)})");
        output.WriteLine($"a group nowhere without a reason: at most {Seconds(coverage.LongestOutage)} "
            + $"(seed {batch.Worst.Outage} at {Micros.Text(coverage.LongestAt.Outage)})");
        output.WriteLine($"convergence after healing: at most {Seconds(coverage.LongestConvergence)}");
    }

    private static string Seconds(long microseconds) => $"{microseconds / (double)Micros.Second:0.0} s";
}
