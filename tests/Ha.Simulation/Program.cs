using System.Text.Json;
using Ha.Simulation;

var line = CommandLine.Parse(args, out var error);
if (error is not null)
{
    Console.Error.WriteLine(error);
    return 2;
}

if (line.Help)
{
    Console.Out.WriteLine(CommandLine.HelpText);
    return 0;
}

var report = new Report(Console.Out);
if (line.Replay is { } seed)
{
    var result = SimulationRun.Seed(seed, line.Options, line.Trace ? Console.Out : null);
    report.Plan(result);
    return report.Outcome(result, line) ? 0 : 1;
}

if (line.Plan is { } path)
{
    SimulationResult run;
    try
    {
        run = PlanFile.Read(path).Run(line.Trace ? Console.Out : null);
    }
    catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
    {
        Console.Error.WriteLine($"--plan {path}: {unreadable.Message}");
        return 2;
    }

    report.Plan(run);
    return report.Outcome(run, line) ? 0 : 1;
}

var batch = new SeedBatch();
batch.Run(
    line.First, line.Seeds, line.Options, line.Jobs,
    soFar => Console.Error.WriteLine(Report.Progress(soFar, line)));
return report.Batch(batch, line) ? 0 : 1;
