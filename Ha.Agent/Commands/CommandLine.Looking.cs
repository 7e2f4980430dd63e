using System.CommandLine;

namespace Ha.Agent.Commands;

/// <summary>The verbs that look and change nothing.</summary>
internal static partial class CommandLine
{
    private static IEnumerable<Command> Looking()
    {
        yield return Verb("status", "Show what serves where, the nodes, and what is going on",
            static (paths, line) => ReportCommands.Status(paths, line.GetValue(AsJson)), AsJson);
        yield return Verb("nodes", "Show the nodes and their links",
            static (paths, line) => ReportCommands.Nodes(paths, line.GetValue(AsJson)), AsJson);
        yield return Verb("resources", "Show the resource groups",
            static (paths, line) => ReportCommands.Resources(paths, line.GetValue(AsJson)), AsJson);
        yield return Results();
        yield return Haproxy();
        yield return Verb("checks", "Show the health checks: what each finds on each node",
            static (paths, line) => ReportCommands.Checks(paths, line.GetValue(AsJson)), AsJson);
        yield return Look();
        yield return SimulateVerb.Make();
        yield return Import();
        var follow = new Option<bool>("--follow") { Description = "Go on printing new events as they come" };
        var limit = new Option<int>("--limit")
        {
            Description = "How many of the newest events to print (default 50)", HelpName = "N",
            DefaultValueFactory = static _ => 50,
        };
        AtLeast(limit, 0);
        yield return Agents();
        yield return Verb("events", "Show what happened, oldest first", (paths, line) =>
            ReportCommands.Events(paths, line.GetValue(follow), line.GetValue(limit), line.GetValue(AsJson)),
            follow, limit, AsJson);
    }

    private static Command Results()
    {
        var resource = new Argument<string?>("RESOURCE")
        {
            Description = "Id of the resource; the last result of each when left out", Arity = ArgumentArity.ZeroOrOne,
        };
        var command = Verb("results", "Show how the last operations on resources of this node ended",
            (paths, line) => ResultsCommand.Run(paths, line.GetValue(resource), line.GetValue(AsJson)), AsJson);
        command.Arguments.Add(resource);
        return command;
    }

    private static Command Agents()
    {
        var type = new Argument<string?>("TYPE")
        {
            Description = "ocf:PROVIDER:TYPE; all are listed when left out", Arity = ArgumentArity.ZeroOrOne,
        };
        var set = new Option<string[]>("--set")
        {
            Description = "A parameter to check against what the agent knows; may be repeated", HelpName = "NAME=VALUE",
            DefaultValueFactory = static _ => [],
        };
        var command = Verb("agents", "Show the OCF resource agents of this node, or what one of them can be told",
            (paths, line) => AgentsCommand.Run(paths, line.GetValue(type), line.GetValue(set)!, line.GetValue(AsJson),
                Console.Out, Console.Error),
            set, AsJson);
        command.Arguments.Add(type);
        return command;
    }

    // Called by the agent itself (HttpCheck); useful to try a URL by hand as well.
    private static Command Look()
    {
        var set = new Option<string[]>("--set")
        {
            Description = "A parameter of the check; may be repeated", HelpName = "NAME=VALUE",
            DefaultValueFactory = static _ => [],
        };
        var within = new Option<int>("--within")
        {
            Description = "How many milliseconds it may take (default 2000)", HelpName = "MS",
            DefaultValueFactory = static _ => 2000,
        };
        AtLeast(within, 1);
        return Verb("look", "Look at an http or https URL once, as a health check does", (_, line) =>
            LookCommand.Run(line.GetValue(set)!, TimeSpan.FromMilliseconds(line.GetValue(within)), Console.Out,
                Console.Error), set, within);
    }

    private static Command Import()
    {
        var cib = new Option<string>("--cib")
        {
            Description = "A Pacemaker CIB, as cibadmin --query prints it", HelpName = "FILE", Required = true,
        };
        var target = new Option<string?>("--output")
        {
            Description = "Write the document to this new file; printed when left out", HelpName = "FILE",
        };
        return Verb("import", "Turn another cluster's configuration into one of this product, and say what became of "
            + "each line; change nothing", (_, line) => ImportCib.Run(line.GetRequiredValue(cib), line.GetValue(target),
                Console.Out, Console.Error), cib, target);
    }
}
