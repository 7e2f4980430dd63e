using Ha.Lab.Hosts;
using Ha.Lab.Probing;

return args switch
{
    ["host-init", .. var rest] => HostInit.Run(rest),
    ["hello-server"] => HelloServer.Run(),
    ["probe", .. var rest] => RunProbe(rest),
    _ => Usage(),
};

static int RunProbe(string[] arguments)
{
    using var probe = new ProbeLoop(arguments);
    return probe.Run();
}

static int Usage()
{
    Console.Error.WriteLine("usage: see docs/lab.md");
    return 2;
}
