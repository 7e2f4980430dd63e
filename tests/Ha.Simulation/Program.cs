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
    var result = SimulationRun.Seed(seed, line.Nodes, line.Length, line.Trace ? Console.Out : null);
    report.Plan(result);
    return report.Outcome(result, line) ? 0 : 1;
}

var batch = new SeedBatch();
batch.Run(line.First, line.Seeds, line.Nodes, line.Length);
return report.Batch(batch, line) ? 0 : 1;
