using System.CommandLine;
using Ha.Agent.Configuration;
using Ha.Agent.Control;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>The verbs of <c>ha-agent</c> and their options (DESIGN section 14, docs/commands.md).</summary>
internal static partial class CommandLine
{
    private static readonly Option<string> ConfigDirectory = Directory(
        "--config-dir", AgentPaths.DefaultConfigDirectory, "Directory of ha.cf, authkeys and haresources");

    private static readonly Option<string> StateDirectory = Directory(
        "--state-dir", AgentPaths.DefaultStateDirectory,
        "Directory of the cluster configuration, generation, uuid and journal");

    private static readonly Option<string> RuntimeDirectory = Directory(
        "--runtime-dir", AgentPaths.DefaultRuntimeDirectory, "Directory of the control socket and the lock");

    private static readonly Option<string?> Node = new("--node")
    {
        Description = "Name of this node in ha.cf; the host's name when left out", Recursive = true, HelpName = "NAME",
    };

    private static readonly Option<bool> AsJson = new("--json") { Description = "Print JSON for programs" };

    private static readonly Option<GroupSet> Kind = new("--kind")
    {
        Description = "Which groups, relative to the node (default all)", HelpName = "all|local|foreign|failback",
        CustomParser = static result => Set(result),
    };

    private static readonly Option<string> Reason = new("--reason")
    {
        Description = "Why; shown in events", HelpName = "TEXT", DefaultValueFactory = static _ => "",
    };

    private static readonly Option<bool> Wait = new("--wait")
    {
        Description = "Return when the operation has really ended, and print its steps",
    };

    private static readonly Option<int> Timeout = new("--timeout")
    {
        Description = "With --wait: how many seconds to wait at most", HelpName = "SECONDS",
        DefaultValueFactory = static _ => 120,
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Do it although the node that would serve has another configuration of the service",
    };

    /// <summary>Runs one command line; the result is the exit code.</summary>
    public static int Run(string[] arguments)
    {
        var parsed = Tree().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"ha-agent: {error.Message}");
            var verb = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
            Console.Error.WriteLine($"'ha-agent{verb} --help' shows what is possible");
            return ExitCode.Usage;
        }

        return parsed.Invoke(new InvocationConfiguration
        {
            // The agent decides itself what its signals mean; a crash must look like one.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        });
    }

    private static RootCommand Tree()
    {
        var root = new RootCommand("The cluster agent of HaAppliance, and the command line to it");
        foreach (var option in new Option[] { ConfigDirectory, StateDirectory, RuntimeDirectory, Node })
            root.Options.Add(option);
        foreach (var command in Running().Concat(Looking()).Concat(Acting()).Concat(Configuring())) root.Subcommands.Add(command);
        return root;
    }

    private static IEnumerable<Command> Running()
    {
        var foreground = new Option<bool>("--foreground") { Description = "Copy the log to stderr as well" };
        yield return Verb("run", "Run the agent of this node until it is told to stop (SIGTERM)",
            (paths, line) => RunCommand.Run(paths, line.GetValue(foreground)), foreground);
        yield return Verb("check-config", "Read the configuration and print every mistake in it; change nothing",
            static (paths, line) => CheckConfig.Run(
                new CheckConfigOptions
                {
                    ConfigDirectory = paths.ConfigDirectory, StateDirectory = paths.StateDirectory,
                    Node = paths.Node, Json = line.GetValue(AsJson),
                },
                Console.Out, Console.Error),
            AsJson);
        var words = new Argument<string[]>("TYPE ACTION") { Description = "vip, and what to do with it" };
        var ocf = Verb("ocf", "Be an OCF resource agent: called by other cluster managers",
            (_, line) => OcfCommand.Run(line.GetValue(words) ?? [], Console.Out, Console.Error));
        ocf.Arguments.Add(words);
        yield return ocf;
        yield return Verb("version", "Print the version", static (_, _) =>
        {
            Console.Out.WriteLine($"ha-agent {typeof(CommandLine).Assembly.GetName().Version?.ToString(3)}");
            return ExitCode.Done;
        });
    }

    private static IEnumerable<Command> Acting()
    {
        AtLeast(Timeout, 1);
        var node = new Argument<string?>("NODE")
        {
            Description = "The node; this one when left out", Arity = ArgumentArity.ZeroOrOne,
        };
        var group = new Argument<string>("GROUP") { Description = "The group's id, as 'ha-agent resources' shows it" };
        var anyGroup = new Argument<string?>("GROUP")
        {
            Description = "The group's id; every group when left out", Arity = ArgumentArity.ZeroOrOne,
        };
        var to = new Option<string>("--to")
        {
            Description = "The node that shall run it", HelpName = "NODE", Required = true,
        };

        var standby = Operation(
            "standby", "Let a node give up groups; with all, keep it free of them", CommandKind.Standby,
            (command, line) => command with
            {
                Node = line.GetValue(node), Set = line.GetValue(Kind), Force = line.GetValue(Force),
            }, Kind, Force);
        standby.Arguments.Add(node);
        yield return standby;
        var online = Operation("online", "Let a node run groups again", CommandKind.Online,
            (command, line) => command with { Node = line.GetValue(node), Force = line.GetValue(Force) }, Force);
        online.Arguments.Add(node);
        yield return online;
        yield return Operation("takeover", "Let this node take groups over", CommandKind.Takeover,
            static (command, line) => command with { Set = line.GetValue(Kind), Force = line.GetValue(Force) },
            Kind, Force);
        var move = Operation("move", "Move one group to one node", CommandKind.Move,
            (command, line) => command with
            {
                Group = line.GetValue(group), To = line.GetValue(to), Force = line.GetValue(Force),
            }, to, Force);
        move.Arguments.Add(group);
        yield return move;
        var cleanup = Operation("cleanup", "Forget failures of a group and look again what runs", CommandKind.Cleanup,
            (command, line) => command with { Group = line.GetValue(anyGroup) });
        cleanup.Arguments.Add(anyGroup);
        yield return cleanup;
        var generation = new Option<uint>("--generation")
        {
            Description = "The life of it that was heard last, as `status --json` shows it", HelpName = "N", Required = true,
        };
        var lost = new Argument<string>("NODE") { Description = "The lost node" };
        var confirm = Operation("confirm-off",
            "Say that a lost node is powered off or cannot touch the resources, where no fence device can",
            CommandKind.ConfirmOff,
            (command, line) => command with { Node = line.GetValue(lost), Generation = line.GetValue(generation) },
            generation);
        confirm.Arguments.Add(lost);
        yield return confirm;
    }

    private static Command Operation(string name, string description, CommandKind kind,
        Func<OperatorCommand, ParseResult, OperatorCommand> fill, params Option[] options) =>
        Verb(name, description, (paths, line) =>
        {
            var command = fill(OperatorCommands.New(kind) with { Reason = line.GetValue(Reason) ?? "" }, line);
            return OperatorCommands.Run(paths, command, Limit(line));
        }, [.. options, Reason, Wait, Timeout]);

    internal static Command Verb(
        string name, string description, Func<AgentPaths, ParseResult, int> run, params Option[] options)
    {
        var command = new Command(name, description);
        foreach (var option in options) command.Options.Add(option);
        command.SetAction(line =>
        {
            try
            {
                return run(Paths(line), line);
            }
            catch (NotRunningException e)
            {
                Console.Error.WriteLine($"ha-agent: {e.Message}");
                return ExitCode.NotRunning;
            }
            catch (RequestFailedException e)
            {
                Console.Error.WriteLine($"ha-agent: {e.Message}");
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static AgentPaths Paths(ParseResult line) => new(line.GetValue(ConfigDirectory)!,
        line.GetValue(StateDirectory)!, line.GetValue(RuntimeDirectory)!, line.GetValue(Node)?.ToLowerInvariant());

    private static Option<string> Directory(string name, string preset, string description) => new(name)
    {
        Description = description, HelpName = "DIR", Recursive = true, DefaultValueFactory = _ => preset,
    };

    private static void AtLeast(Option<int> option, int least) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value < least)
            result.AddError($"{option.Name} {value} is less than {least}.");
    });

    private static GroupSet Set(System.CommandLine.Parsing.ArgumentResult result)
    {
        switch (result.Tokens)
        {
            case []:
            case [{ Value: "all" }]:
                return GroupSet.All;
            case [{ Value: "local" }]:
                return GroupSet.Local;
            case [{ Value: "foreign" }]:
                return GroupSet.Foreign;
            case [{ Value: "failback" }]:
                return GroupSet.Failback;
            default:
                result.AddError("--kind is one of all, local, foreign, failback.");
                return GroupSet.All;
        }
    }
}
