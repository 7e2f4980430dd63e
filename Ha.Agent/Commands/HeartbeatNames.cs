using Ha.Agent.Control;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>
/// This program under Heartbeat's own names (<c>hb_standby</c>, <c>hb_takeover</c>, <c>cl_status</c>): the words and
/// exit codes that operators and their scripts know (PROTOCOL.md sections 11 and 13).
/// </summary>
internal static class HeartbeatNames
{
    private const int Bad = 1;
    private const int UnknownSubCommand = 11;

    private const string StatusUsage = """
        Usage: cl_status <sub-command> [<parameters>]

        Sub-commands:
        hbstatus                              whether this node's agent runs
        listnodes                             the nodes of the cluster
        nodestatus <node-name>                active, dead, up or init
        nodetype <node-name>                  normal
        listhblinks <node-name>               the links by which a node is heard
        hblinkstatus <node-name> <link-name>  up or dead
        rscstatus                             none, local, foreign, all or transition
        """;

    /// <summary>Runs the program of that name; null when the name is none of Heartbeat's.</summary>
    public static int? Run(string name, string[] arguments, AgentPaths paths)
    {
        if (arguments is ["--runtime-dir", var directory, .. var rest])
            (arguments, paths) = (rest, paths with { RuntimeDirectory = directory });
        return name switch
        {
            "hb_standby" => Move(name, CommandKind.Standby, arguments, paths),
            "hb_takeover" => Move(name, CommandKind.Takeover, arguments, paths),
            "cl_status" => Status(arguments, paths),
            _ => null,
        };
    }

    private static int Move(string name, CommandKind kind, string[] arguments, AgentPaths paths)
    {
        GroupSet? set = arguments switch
        {
            [] or ["all"] => GroupSet.All,
            ["local"] => GroupSet.Local,
            ["foreign"] => GroupSet.Foreign,
            ["failback"] => GroupSet.Failback,
            _ => null,
        };
        if (set is not { } groups)
        {
            Console.Error.WriteLine($"usage:\n{name} [all|foreign|local|failback]");
            return Bad;
        }

        try
        {
            var code = OperatorCommands.Run(paths, OperatorCommands.New(kind) with { Set = groups }, wait: null);
            return code == ExitCode.Done ? code : Bad;
        }
        catch (Exception e) when (e is NotRunningException or RequestFailedException)
        {
            Console.Error.WriteLine($"{name}: {e.Message}");
            return Bad;
        }
    }

    private static int Status(string[] arguments, AgentPaths paths)
    {
        if (arguments.Length == 0)
        {
            Console.Out.WriteLine(StatusUsage);
            return ExitCode.Done;
        }

        try
        {
            return Answer(arguments, () =>
            {
                using var agent = ControlClient.Connect(paths.RuntimeDirectory);
                return ReportCommands.Snapshot(agent);
            });
        }
        catch (Exception e) when (e is NotRunningException or RequestFailedException)
        {
            if (arguments[0] == "hbstatus") Console.Out.WriteLine("Heartbeat is stopped on this machine.");
            else Console.Error.WriteLine($"cl_status: ERROR: {e.Message}");
            return Bad;
        }
    }

    private static int Answer(string[] arguments, Func<ClusterSnapshot> ask)
    {
        switch (arguments)
        {
            case ["hbstatus"]:
                ask();
                return Print("Heartbeat is running on this machine.");
            case ["listnodes"]:
                return Print([.. ask().Nodes.Select(static node => node.Name)]);
            case ["nodestatus", var name]:
                return OfNode(ask(), name, static node => [node.HeartbeatStatus]);
            case ["nodetype", var name]:
                return OfNode(ask(), name, static _ => ["normal"]);
            case ["listhblinks", var name]:
                return OfNode(ask(), name, static node => [.. node.Links.Select(static link => $"\t{link.Medium}")]);
            case ["hblinkstatus", var name, var link]:
                return OfNode(ask(), name, node =>
                    [.. node.Links.Where(known => known.Medium == link).Select(static known => LinkWord(known.State))]);
            case ["rscstatus"]:
                return Print(ResourceWord(ask()));
            case ["nodestatus" or "nodetype" or "listhblinks" or "hblinkstatus", ..]:
                Console.Error.WriteLine(StatusUsage);
                return Bad;
            default:
                Console.Error.WriteLine($"cl_status: ERROR: {arguments[0]}: invalid sub-command.");
                return UnknownSubCommand;
        }
    }

    private static int OfNode(ClusterSnapshot cluster, string name, Func<NodeSnapshot, string[]> lines)
    {
        var node = cluster.Nodes.FirstOrDefault(node => node.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (node is not null && lines(node) is { Length: > 0 } found) return Print(found);
        Console.Error.WriteLine("Error. May be due to incorrect node name");
        return Bad;
    }

    private static int Print(params string[] lines)
    {
        foreach (var line in lines) Console.Out.WriteLine(line);
        return ExitCode.Done;
    }

    private static string LinkWord(LinkState state) => state switch
    {
        LinkState.Up or LinkState.Late => "up",
        LinkState.Unknown or LinkState.Dead or LinkState.OneWay => "dead",
    };

    /// <summary>
    /// What this node holds: its own share (local), that of another node (foreign), or both (all). A share without a
    /// group is held by its node while that is up, as in Heartbeat.
    /// </summary>
    private static string ResourceWord(ClusterSnapshot cluster)
    {
        if (cluster.Transition is not null || cluster.Groups.Any(static group => group.State == GroupState.Moving))
            return "transition";
        var local = cluster.Nodes.Any(node => node.IsLocal && Holds(cluster, node));
        var foreign = cluster.Nodes.Any(node => !node.IsLocal && Holds(cluster, node));
        return (local, foreign) switch
        {
            (true, true) => "all",
            (true, false) => "local",
            (false, true) => "foreign",
            (false, false) => "none",
        };
    }

    private static bool Holds(ClusterSnapshot cluster, NodeSnapshot owner)
    {
        var share = cluster.Groups.Where(group => group.PreferredNode == owner.Name).ToArray();
        return share.Length > 0
            ? share.All(group => group.ActiveOn.Contains(cluster.Node))
            : owner.IsLocal == (owner.State == NodeState.Online);
    }
}
