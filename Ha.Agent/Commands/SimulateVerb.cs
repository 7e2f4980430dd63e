using System.CommandLine;

namespace Ha.Agent.Commands;

/// <summary>The options of <c>ha-agent simulate</c>.</summary>
internal static class SimulateVerb
{
    private static readonly Option<string[]> FailNode = Many("--fail-node", "NODE", "Suppose that a node dies");

    private static readonly Option<string[]> FailResource = Many("--fail-resource", "ID[@NODE]",
        "Suppose that the monitor of a resource finds it not running; three times: write it three times");

    private static readonly Option<string[]> Standby =
        Many("--standby", "NODE", "Suppose that a node is put in standby");

    private static readonly Option<string[]> Online =
        Many("--online", "NODE", "Suppose that the standby of a node is ended");

    private static readonly Option<string?> Configuration = File("--config",
        "Suppose that this configuration document is the active one");

    private static readonly Option<string?> State = File("--state",
        "Begin from a state that --save-state wrote; no agent is asked");

    private static readonly Option<string?> SaveState = File("--save-state",
        "Write the state from which it begins to a file");

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON for programs" };

    private static readonly Option<bool> Scores = new("--scores")
    {
        Description = "Tell the score of every resource on every node, and what made it",
    };

    private static readonly Option<string?> Cib = File("--cib",
        "Plan for a Pacemaker CIB with its status section, as cibadmin --query prints it; stands alone");

    /// <summary>Makes the verb.</summary>
    public static Command Make()
    {
        Option[] suppositions =
            [FailNode, FailResource, Standby, Online, Configuration, State, SaveState, Json, Scores];
        var command = CommandLine.Verb("simulate",
            "Show what the cluster would do if something happened, and why; change nothing",
            static (paths, line) => line.GetValue(Cib) is { } cib
                ? SimulateCib.Run(cib, DateTimeOffset.UtcNow, Console.Out, Console.Error)
                : new SimulateCommand(Options(line), Console.Out, Console.Error).Run(paths),
            [.. suppositions, Cib]);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Cib) is not null && suppositions.FirstOrDefault(one =>
                result.GetResult(one) is { Implicit: false }) is { } other)
                result.AddError($"--cib and {other.Name} do not go together: a CIB brings its own state.");
        });
        return command;
    }

    private static SimulateOptions Options(ParseResult line) => new()
    {
        FailedNodes = [.. (line.GetValue(FailNode) ?? []).Select(static node => node.ToLowerInvariant())],
        FailedResources = [.. line.GetValue(FailResource) ?? []],
        Standby = [.. (line.GetValue(Standby) ?? []).Select(static node => node.ToLowerInvariant())],
        Online = [.. (line.GetValue(Online) ?? []).Select(static node => node.ToLowerInvariant())],
        Configuration = line.GetValue(Configuration),
        State = line.GetValue(State),
        SaveState = line.GetValue(SaveState),
        Json = line.GetValue(Json),
        Scores = line.GetValue(Scores),
    };

    private static Option<string[]> Many(string name, string value, string description) => new(name)
    {
        Description = description + "; may be repeated", HelpName = value, DefaultValueFactory = static _ => [],
    };

    private static Option<string?> File(string name, string description) => new(name)
    {
        Description = description, HelpName = "FILE",
    };
}
