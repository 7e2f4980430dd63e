using System.CommandLine;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>The verbs that look at the cluster configuration and change it, and maintenance mode.</summary>
internal static partial class CommandLine
{
    private static IEnumerable<Command> Configuring()
    {
        var state = new Argument<string>("on|off") { Description = "Whether maintenance mode shall be on" };
        state.AcceptOnlyFromAmong("on", "off");
        var maintenance = Operation("maintenance",
            "With on, nothing is started, stopped or watched anywhere until it is off", CommandKind.Maintenance,
            (command, line) => command with { Enabled = line.GetRequiredValue(state) == "on" });
        maintenance.Arguments.Add(state);
        yield return maintenance;

        var config = new Command("config", "Look at the cluster configuration, check and change it");
        foreach (var verb in LookingAtConfiguration().Concat(ChangingConfiguration())) config.Subcommands.Add(verb);
        yield return config;
    }

    private static IEnumerable<Command> LookingAtConfiguration()
    {
        var version = new Option<string?>("--version")
        {
            Description = "An earlier version; the present one when left out", HelpName = "VERSION",
        };
        yield return Verb("show", "Print the cluster configuration as this node runs it",
            (paths, line) => ConfigurationCommands.Show(paths, line.GetValue(version), line.GetValue(AsJson)),
            version, AsJson);
        yield return Verb("history", "Show the versions that are kept, newest first: when, who and why",
            static (paths, line) => ConfigurationCommands.History(paths, line.GetValue(AsJson)), AsJson);
        var from = new Argument<string>("A") { Description = "A version, for example 3.0" };
        var to = new Argument<string?>("B")
        {
            Description = "Another; the present one when left out", Arity = ArgumentArity.ZeroOrOne,
        };
        var diff = Verb("diff", "Show what differs between two versions",
            (paths, line) => ConfigurationCommands.Diff(
                paths, line.GetRequiredValue(from), line.GetValue(to), line.GetValue(AsJson)),
            AsJson);
        diff.Arguments.Add(from);
        diff.Arguments.Add(to);
        yield return diff;
    }

    private static IEnumerable<Command> ChangingConfiguration()
    {
        var file = new Argument<string>("FILE") { Description = "A cluster configuration, JSON" };
        var check = Verb("check", "Print every mistake in a file; needs no running agent and changes nothing",
            (paths, line) => ConfigurationCommands.Check(
                paths, line.GetRequiredValue(file), line.GetValue(AsJson), Console.Out, Console.Error),
            AsJson);
        check.Arguments.Add(file);
        yield return check;

        var expected = new Option<string?>("--expect")
        {
            Description = "The version that the file was made from; what the file says when left out",
            HelpName = "VERSION",
        };
        var force = new Option<bool>("--force")
        {
            Description = "Although agents of this node do not accept a parameter",
        };
        var set = Verb("set", "Let a file take the place of the present cluster configuration",
            (paths, line) => ConfigurationCommands.Set(paths, line.GetRequiredValue(file), line.GetValue(expected),
                line.GetValue(Reason) ?? "", line.GetValue(force), Limit(line)),
            expected, force, Reason, Wait, Timeout);
        set.Arguments.Add(file);
        yield return set;

        var version = new Argument<string>("VERSION") { Description = "The version to go back to, for example 3.0" };
        var rollBack = Operation("rollback", "Bring an earlier version back, as a new one", CommandKind.RollBack,
            (command, line) => command with { ToVersion = line.GetRequiredValue(version) });
        rollBack.Arguments.Add(version);
        yield return rollBack;
    }

    private static TimeSpan? Limit(ParseResult line) =>
        line.GetValue(Wait) ? TimeSpan.FromSeconds(line.GetValue(Timeout)) : null;
}
