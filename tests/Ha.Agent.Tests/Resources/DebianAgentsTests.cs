using System.Collections.Immutable;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary>Agents of Debian's package resource-agents, run for real on a host of their own.</summary>
public sealed class DebianAgentsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly ScriptFolder folder = new();
    private readonly TestHost host = new();

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Dummy_IsStartedWatchedAndStopped_AndItsStateIsInTheDirectoryOfThisAgent()
    {
        var dummy = Resource("Dummy");

        Assert.Equal(OperationOutcome.NotRunning, Run(dummy, OperationKind.Probe).Outcome);
        Succeeds(dummy, OperationKind.Start, OperationKind.Start, OperationKind.Monitor);
        Assert.Equal(["Dummy-Dummy.state"],
            Directory.GetFiles(folder.File("resource-agents")).Select(static file => Path.GetFileName(file)));
        Succeeds(dummy, OperationKind.Stop, OperationKind.Stop);
        Assert.Equal(OperationOutcome.NotRunning, Run(dummy, OperationKind.Monitor).Outcome);
    }

    [Fact]
    public void AddressServiceAndFileSystem_ServeTogether_AndTheirLossIsSeen()
    {
        using var disk = new LoopDisk(folder.File("disk"));
        var mountPoint = Directory.CreateDirectory(folder.File("srv")).FullName;
        AddNetwork();
        var filesystem = Resource("Filesystem",
            ("device", disk.Device), ("directory", mountPoint), ("fstype", "ext4"));
        var address = Resource("IPaddr2", ("ip", "10.77.0.100"), ("cidr_netmask", "24"), ("nic", "ve0"));
        var web = Resource("nginx", ("configfile", NginxConfiguration(mountPoint)));
        ResourceDefinition[] group = [filesystem, address, web];
        foreach (var resource in group) NotRunning(resource, OperationKind.Probe);

        Succeeds(filesystem, OperationKind.Start);
        host.Run(() => File.WriteAllText(Path.Combine(mountPoint, "index.html"), "served from the disk"));
        Succeeds(address, OperationKind.Start);
        Succeeds(web, OperationKind.Start);
        foreach (var resource in group) Succeeds(resource, OperationKind.Monitor, OperationKind.Probe);
        Succeeds(filesystem with { Monitors = [new(default, default, 20)] }, 20, OperationKind.Monitor);
        Assert.Equal("served from the disk", host.Execute("curl", "-sS", "-m", "60", "http://10.77.0.100:8077/"));

        // What is taken away by hand is found, not believed.
        host.Execute("ip", "addr", "del", "10.77.0.100/24", "dev", "ve0");
        Assert.Equal(OperationOutcome.NotRunning, Run(address, OperationKind.Monitor).Outcome);
        Succeeds(address, OperationKind.Start, OperationKind.Monitor);
        host.Execute("kill", "-TERM", File.ReadAllText(folder.File("nginx.pid")).Trim());
        Await(web, OperationOutcome.NotRunning);
        Succeeds(web, OperationKind.Start, OperationKind.Monitor);

        Succeeds(web, OperationKind.Stop);
        Succeeds(address, OperationKind.Stop);
        Succeeds(filesystem, OperationKind.Stop);
        foreach (var resource in group) NotRunning(resource, OperationKind.Monitor);
    }

    [Fact]
    public void FileSystemInUse_IsUnmountedAllTheSame()
    {
        using var disk = new LoopDisk(folder.File("disk"));
        var mountPoint = Directory.CreateDirectory(folder.File("srv")).FullName;
        var filesystem = Resource("Filesystem",
            ("device", disk.Device), ("directory", mountPoint), ("fstype", "ext4"));
        Succeeds(filesystem, OperationKind.Start);
        var user = folder.Add("user",
            $"(cd {mountPoint} && touch {folder.File("in")} && exec sleep 300) >/dev/null 2>&1 &");
        host.Run(() => new HeartbeatScript(folder.Environment, folder.Programs).Run(Call(user, OperationKind.Start)));
        Wait.Until(() => File.Exists(folder.File("in")), "it is used");

        Succeeds(filesystem, OperationKind.Stop);

        Assert.Equal(OperationOutcome.NotRunning, Run(filesystem, OperationKind.Monitor).Outcome);
    }

    [Fact]
    public void AnyProgram_BecomesAServiceByTheAgentAnything()
    {
        var pidFile = folder.File("pid");
        var anything = Resource("anything",
            ("binfile", "/usr/bin/sleep"), ("cmdline_options", "1000"), ("pidfile", pidFile));

        Assert.Equal(OperationOutcome.NotRunning, Run(anything, OperationKind.Probe).Outcome);
        Succeeds(anything, OperationKind.Start, OperationKind.Monitor);
        host.Execute("kill", "-KILL", File.ReadAllText(pidFile).Trim());
        // A pid file without its process is a failure for this agent, not a service that was stopped.
        Await(anything, OperationOutcome.Failed);
        Succeeds(anything, OperationKind.Start, OperationKind.Stop);
        Assert.Equal(OperationOutcome.NotRunning, Run(anything, OperationKind.Monitor).Outcome);
    }

    [Fact]
    public void MailTo_TellsOfTakeoverAndRelease()
    {
        var mails = folder.File("mails");
        folder.Add("mail", $"echo \"$@\" >> {mails}; cat > /dev/null");
        var path = $"PATH={folder.File("resource.d")}:/usr/sbin:/usr/bin:/sbin:/bin";
        var environment = folder.Environment with
        {
            Variables = [path, .. folder.Environment.Variables.Skip(1)],
        };
        var mail = Resource("MailTo", ("email", "root@localhost"), ("subject", "cluster; $(touch x)"));
        var agent = new OcfAgent(environment, folder.Programs);

        Assert.Equal(OperationOutcome.Succeeded, host.Run(() => agent.Run(Call(mail, OperationKind.Start))).Outcome);
        Assert.Equal(OperationOutcome.Succeeded, host.Run(() => agent.Run(Call(mail, OperationKind.Stop))).Outcome);

        var sent = File.ReadAllLines(mails);
        Assert.Equal(2, sent.Length);
        Assert.StartsWith("-s cluster; $(touch x) Takeover in progress", sent[0], StringComparison.Ordinal);
        Assert.EndsWith("root@localhost", sent[0], StringComparison.Ordinal);
        Assert.Contains("Migrating resource away", sent[1], StringComparison.Ordinal);
    }

    [Fact]
    public void NfsServer_IsValidatedAsFarAsThisKernelGoes()
    {
        var export = Resource("exportfs",
            ("directory", Directory.CreateDirectory(folder.File("export")).FullName), ("clientspec", "10.77.0.0/24"),
            ("options", "rw,sync"), ("fsid", "1"));

        Assert.Equal(OperationOutcome.Succeeded, Validate(export).Outcome);
        Assert.Equal(OperationOutcome.NotConfigured,
            Validate(export with { Parameters = export.Parameters.Remove("fsid").Remove("clientspec") }).Outcome);
        Assert.Equal(OperationOutcome.Succeeded, Validate(Resource("nfsserver",
            ("nfs_shared_infodir", Directory.CreateDirectory(folder.File("info")).FullName))).Outcome);
        // Without a server in the kernel an export does not run, and says so.
        Assert.NotEqual(OperationOutcome.Succeeded, Run(export, OperationKind.Probe).Outcome);
    }

    [Fact]
    public void BlockDeviceThatIsNotThere_IsRefusedWithTheAgentsOwnReason()
    {
        var filesystem = Resource("Filesystem",
            ("device", "/dev/no-such"), ("directory", folder.Directory), ("fstype", "ext4"));

        var result = Run(filesystem, OperationKind.Start);

        Assert.Equal(OperationOutcome.NotInstalled, result.Outcome);
        Assert.Contains("/dev/no-such", result.Output, StringComparison.Ordinal);
    }

    private static ResourceDefinition Resource(string type, params (string Name, string Value)[] parameters) => new()
    {
        Id = type, Class = "ocf", Provider = "heartbeat", Type = type,
        Parameters = parameters.ToImmutableSortedDictionary(
            static p => p.Name, static p => p.Value, StringComparer.Ordinal),
    };

    private static AgentCall Call(ResourceDefinition resource, OperationKind kind, int depth = 0) =>
        new(resource, kind, Limit, depth, static _ => { });

    private OperationResult Run(ResourceDefinition resource, OperationKind kind, int depth = 0) =>
        host.Run(() => new OcfAgent(folder.Environment, folder.Programs).Run(Call(resource, kind, depth)));

    private OperationResult Validate(ResourceDefinition resource) =>
        host.Run(() => new OcfAgent(folder.Environment, folder.Programs).Validate(resource, Limit));

    private void Succeeds(ResourceDefinition resource, params OperationKind[] kinds) => Succeeds(resource, 0, kinds);

    private void Succeeds(ResourceDefinition resource, int depth, params OperationKind[] kinds)
    {
        foreach (var kind in kinds)
        {
            var result = Run(resource, kind, depth);
            Assert.True(result.Outcome == OperationOutcome.Succeeded, $"{resource.Id} {kind}: {result}");
        }
    }

    private void NotRunning(ResourceDefinition resource, OperationKind kind) =>
        Assert.Equal(OperationOutcome.NotRunning, Run(resource, kind).Outcome);

    private void Await(ResourceDefinition resource, OperationOutcome outcome) => Wait.Until(
        () => Run(resource, OperationKind.Monitor).Outcome == outcome, $"the end of {resource.Id} is seen");

    private void AddNetwork()
    {
        host.Execute("ip", "link", "add", "ve0", "type", "veth", "peer", "name", "ve1");
        host.Execute("ip", "addr", "add", "10.77.0.1/24", "dev", "ve0");
        host.Execute("ip", "link", "set", "ve0", "up");
        host.Execute("ip", "link", "set", "ve1", "up");
    }

    private string NginxConfiguration(string root)
    {
        File.WriteAllText(folder.File("nginx.conf"), $$"""
            pid {{folder.File("nginx.pid")}};
            user root;
            worker_processes 1;
            error_log {{folder.File("error.log")}};
            events { worker_connections 64; }
            http {
                access_log off;
                client_body_temp_path {{folder.File("t1")}};
                proxy_temp_path {{folder.File("t2")}};
                fastcgi_temp_path {{folder.File("t3")}};
                uwsgi_temp_path {{folder.File("t4")}};
                scgi_temp_path {{folder.File("t5")}};
                server { listen 8077; root {{root}}; }
            }
            """);
        return folder.File("nginx.conf");
    }
}
