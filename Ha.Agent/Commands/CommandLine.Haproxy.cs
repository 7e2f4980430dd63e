using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>The verbs about HAProxies and the servers behind them.</summary>
internal static partial class CommandLine
{
    private const string Configured = "configured";

    private static readonly Option<string?> HaproxyResource = new("--resource")
    {
        Description = "The resource of type builtin:haproxy; needed when there are several", HelpName = "ID",
    };

    private static readonly Option<TimeSpan?> For = new("--for")
    {
        Description = "For how long; until it is taken back when left out", HelpName = "TIME, for example 10m",
        CustomParser = static result => Time(result),
    };

    private static Command Haproxy()
    {
        var haproxy = Verb("haproxy", "Show HAProxy: frontends, backends, servers, and its configuration on each node",
            static (paths, line) => HaproxyCommand.Show(
                paths, line.GetValue(HaproxyResource), line.GetValue(AsJson)),
            HaproxyResource, AsJson);
        haproxy.Subcommands.Add(SetServer("drain", "Give a server no new traffic; what it has goes on",
            HaproxyServerAdmin.Drain, For));
        haproxy.Subcommands.Add(SetServer("maint", "Take a server out of service, its checks included",
            HaproxyServerAdmin.Maintenance, For));
        haproxy.Subcommands.Add(SetServer("ready", "Put a server back into traffic", HaproxyServerAdmin.Ready));
        haproxy.Subcommands.Add(Weight());
        haproxy.Subcommands.Add(Verb("reload", "Have HAProxy of this node read its configuration anew, without a cut",
            static (paths, line) => HaproxyCommand.Reload(paths, line.GetValue(HaproxyResource)), HaproxyResource));
        return haproxy;
    }

    private static Command SetServer(
        string name, string description, HaproxyServerAdmin state, params Option[] options)
    {
        var server = Server();
        var verb = Operation(name, description, CommandKind.SetServer, (command, line) => command with
        {
            Server = Change(line, server) with { State = state },
        }, [HaproxyResource, .. options]);
        verb.Arguments.Add(server);
        return verb;
    }

    private static Command Weight()
    {
        var server = Server();
        var weight = new Argument<string>("WEIGHT")
        {
            Description = $"0 to {ServerIntent.MaxWeight}, or 'configured': what haproxy.cfg says",
        };
        weight.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && token.Value != Configured && WeightOf(token.Value) is null)
                result.AddError($"The weight is a whole number from 0 to {ServerIntent.MaxWeight}, or '{Configured}'.");
        });
        var verb = Operation("weight", "Give a server another weight", CommandKind.SetServer,
            (command, line) => command with
            {
                Server = Change(line, server) with
                {
                    Weight = WeightOf(line.GetRequiredValue(weight)),
                    ConfiguredWeight = line.GetRequiredValue(weight) == Configured,
                },
            }, HaproxyResource, For);
        verb.Arguments.Add(server);
        verb.Arguments.Add(weight);
        return verb;
    }

    private static Argument<string> Server()
    {
        var server = new Argument<string>("BACKEND/SERVER") { Description = "The server, as 'ha-agent haproxy' shows it" };
        server.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && token.Value.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
                result.AddError($"'{token.Value}' names no server: write BACKEND/SERVER, for example app/web1.");
        });
        return server;
    }

    private static ServerChange Change(ParseResult line, Argument<string> server)
    {
        var names = line.GetRequiredValue(server).Split('/');
        return new ServerChange
        {
            Resource = line.GetValue(HaproxyResource), Backend = names[0], Server = names[1],
            Until = line.CommandResult.Command.Options.Contains(For) && line.GetValue(For) is { } time
                ? DateTimeOffset.UtcNow + time : null,
        };
    }

    private static int? WeightOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight)
            && weight <= ServerIntent.MaxWeight ? weight : null;

    private static TimeSpan? Time(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        if (int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0)
        {
            switch (text[digits..])
            {
                case "s": return TimeSpan.FromSeconds(number);
                case "m" or "min": return TimeSpan.FromMinutes(number);
                case "h": return TimeSpan.FromHours(number);
                case "d" when number <= 3650: return TimeSpan.FromDays(number);
            }
        }

        result.AddError($"'{text}' is no time: write a whole number with s, m, h or d, for example 10m.");
        return null;
    }
}
