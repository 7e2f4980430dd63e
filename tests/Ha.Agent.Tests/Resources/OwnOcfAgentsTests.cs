using Ha.Agent.Ocf;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary>This product's own resources as OCF agents, for other cluster managers.</summary>
public sealed class OwnOcfAgentsTests : IDisposable
{
    private readonly TestHost host = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("10.77.1.100", "", "")]
    [InlineData("fd00:77::100", "64", "ve0")]
    public void Vip_PassesOcfTester(string ip, string mask, string nic)
    {
        AddNetwork();
        var script = Install();
        List<string> words = ["-n", "vip", "-o", $"ip={ip}"];
        if (mask.Length > 0) words.AddRange(["-o", $"cidr_netmask={mask}"]);
        if (nic.Length > 0) words.AddRange(["-o", $"nic={nic}"]);

        var exit = host.Run(() =>
        {
            string[] environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", $"HA_AGENT={folder.File("bin/ha-agent")}"];
            Assert.Equal(0, ChildProcess.Start("/usr/sbin/ocf-tester", [.. words, script], environment, out var child));
            using (child) return child!.Wait(TimeSpan.FromMinutes(4));
        });

        Assert.Contains($"{script} passed all tests", exit.Output, StringComparison.Ordinal);
        Assert.Equal((ChildEnd.Exited, 0), (exit.End, exit.Code));
        Assert.DoesNotContain(ip, host.Execute("ip", "addr"), StringComparison.Ordinal);
    }

    [Fact]
    public void Haproxy_PassesOcfTester_AndReloads()
    {
        var script = Install("haproxy");
        var config = folder.File("haproxy.cfg");
        File.WriteAllText(config, """
            defaults
              mode http
              timeout connect 1s
              timeout client 5s
              timeout server 5s
            frontend web
              bind 127.0.0.1:8080
              monitor-uri /health
              http-request return status 200

            """);
        (string Name, string Value)[] parameters =
        [
            ("config", config), ("socket", folder.File("master.sock")), ("check_url", "http://127.0.0.1:8080/health"),
            ("check_timeout", "20000"),
        ];
        string[] environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", $"HA_AGENT={folder.File("bin/ha-agent")}"];
        ChildExit Execute(string program, IEnumerable<string> words, IEnumerable<string> more) => host.Run(() =>
        {
            Assert.Equal(0, ChildProcess.Start(program, words, [.. environment, .. more], out var child));
            using (child) return child!.Wait(TimeSpan.FromSeconds(55));
        });

        var exit = Execute("/usr/sbin/ocf-tester",
            ["-n", "haproxy", .. parameters.SelectMany(static one => new[] { "-o", $"{one.Name}={one.Value}" }), script], []);
        Assert.Contains($"{script} passed all tests", exit.Output, StringComparison.Ordinal);
        Assert.Equal((ChildEnd.Exited, 0), (exit.End, exit.Code));

        string[] values = [.. parameters.Select(static one => $"OCF_RESKEY_{one.Name}={one.Value}")];
        int Act(string action) => Execute(script, [action], values).Code;
        Assert.Equal((7, 0, 0, 0), (Act("monitor"), Act("start"), Act("reload"), Act("monitor")));
        File.AppendAllText(config, "nonsense\n");
        Assert.Equal((1, 6, 0, 0, 7), (Act("reload"), Act("validate-all"), Act("monitor"), Act("stop"), Act("monitor")));
    }

    [Fact]
    public void MetaDataOfHaproxy_IsReadByOurOwnReader() =>
        Assert.Equal(["config", "binary", "socket", "check_url", "check_timeout", "stop_grace"],
            AgentMetaDataReader.Read(HaproxyAgent.MetaData).MetaData!.Parameters.Select(static p => p.Name));

    [Fact]
    public void MetaDataOfVip_IsReadByOurOwnReader()
    {
        var agent = AgentMetaDataReader.Read(VipAgent.MetaData).MetaData!;

        Assert.Equal(
            ["ip", "cidr_netmask", "nic", "iflabel", "broadcast"], agent.Parameters.Select(static p => p.Name));
        Assert.Equal(["ip"], agent.Parameters.Where(static p => p.IsRequired).Select(static p => p.Name));
    }

    [Theory]
    [InlineData("", "", "", "", "", "ip is required")]
    [InlineData("192.168.1.300", "", "", "", "", "is no IPv4 or IPv6 address")]
    [InlineData("10.0.0.1", "255.255.255.0", "", "", "", "write 24, not a dotted mask")]
    [InlineData("10.0.0.1", "33", "", "", "", "is no prefix length")]
    [InlineData("10.0.0.1", "24", "", "0", "", "iflabel needs nic")]
    [InlineData("fd00::1", "64", "eth0", "0", "", "iflabel needs nic as well, and an IPv4 address")]
    [InlineData("10.0.0.1", "24", "enp0s31f6", "service", "", "longer than 15 characters")]
    [InlineData("10.0.0.1", "24", "eth0", "0", "x", "broadcast 'x' is no IPv4 address")]
    public void WrongParameters_AreRefusedBeforeAnythingIsTouched(
        string ip, string mask, string nic, string label, string broadcast, string reason)
    {
        var values = new Dictionary<string, string>
        {
            ["ip"] = ip, ["cidr_netmask"] = mask, ["nic"] = nic, ["iflabel"] = label, ["broadcast"] = broadcast,
        };

        foreach (OperationKind? kind in new OperationKind?[] { null, OperationKind.Start, OperationKind.Stop })
        {
            var result = VipAgent.Run(name => values[name], kind);
            Assert.Equal(OperationOutcome.NotConfigured, result.Outcome);
            Assert.Contains(reason, result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void UnknownActionsAndTypes_HaveTheCodesOfTheApi()
    {
        Assert.Equal(3, Run("ocf", "vip", "promote"));
        Assert.Equal(5, Run("ocf", "other", "start"));
        Assert.Equal(2, Run("ocf", "vip"));
        Assert.Equal(0, Run("ocf", "vip", "meta-data", "ignored"));
        Assert.Equal(6, Run("ocf", "vip", "validate-all"));
    }

    private static int Run(params string[] words)
    {
        using var process = AgentProgram.Start(AgentProgram.Path, words);
        process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "the agent ends");
        return process.ExitCode;
    }

    private void AddNetwork()
    {
        host.Execute("ip", "link", "add", "ve0", "type", "veth", "peer", "name", "ve1");
        host.Execute("ip", "addr", "add", "10.77.1.1/24", "dev", "ve0");
        host.Execute("ip", "link", "set", "ve0", "up");
        host.Execute("ip", "link", "set", "ve1", "up");
    }

    /// <summary>
    /// Script and program where everybody may read them: ocf-tester asks for meta-data as the user nobody.
    /// </summary>
    private string Install(string type = "vip")
    {
        var bin = Directory.CreateDirectory(folder.File("bin")).FullName;
        string[] names =
            ["ha-agent", "ha-agent.dll", "ha-agent.runtimeconfig.json", "Ha.Core.dll", "System.CommandLine.dll"];
        foreach (var name in names)
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), Path.Combine(bin, name));
        var script = folder.File(type);
        File.Copy(Path.Combine(AppContext.BaseDirectory, $"ocf/haappliance/{type}"), script);
        const UnixFileMode everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        foreach (var path in Directory.GetFiles(bin).Append(script).Append(bin).Append(folder.Path))
            File.SetUnixFileMode(path, everybody);
        return script;
    }
}
