using Ha.Lab.Benchmarks;
using Ha.Lab.Hosts;
using Ha.Lab.Probing;
using Ha.Lab.Running;

return args switch
{
    ["up", .. var options] when NodesOf(options) is { } nodes =>
        ReferenceRun.Run(options.Contains("--fast"), options.Contains("--warm"), nodes),
    ["exec", var node, .. var command] when command.Length > 0 => Exec.Run(node, command),
    ["kill" or "start" or "cut", var node] => RunControl.Send($"{args[0]} {node}"),
    ["heal" or "stop"] => RunControl.Send(args[0]),
    ["bench", .. var rest] => BenchmarkCommand.Run(rest),
    ["host-init", .. var rest] => HostInit.Run(rest),
    ["hello-server"] => HelloServer.Run(),
    ["probe", .. var rest] => RunProbe(rest),
    _ => Usage(),
};

// How many nodes the options of up ask for; null when they are wrong.
static int? NodesOf(string[] options) => options.Where(option => option is not ("--fast" or "--warm")).ToArray() switch
{
    [] => 2,
    ["--nodes", "2" or "3" or "4"] => int.Parse(options[Array.IndexOf(options, "--nodes") + 1]),
    _ => null,
};

static int RunProbe(string[] arguments)
{
    using var probe = new ProbeLoop(arguments);
    return probe.Run();
}

static int Usage()
{
    Console.Error.WriteLine("""
        usage: ./run.sh [--fast] [--warm] [--nodes N]  the reference scenario with 2 (or 3, 4) nodes, until Ctrl-C;
                                              --warm: HAProxy runs on every node, only the address moves
               ./run.sh exec NODE COMMAND…    run a command on a node
               ./run.sh kill|start|cut NODE   a node dies, comes back, loses its network
               ./run.sh heal                  every link works again
               ./run.sh stop                  end the scenario and remove everything
               ./bench.sh failover|warm|arp|reference|idle|lateness|soak …   (docs/lab.md)
        """);
    return 2;
}
