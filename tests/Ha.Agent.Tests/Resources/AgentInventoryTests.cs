using System.Collections.Immutable;
using System.Text;
using Ha.Agent.Commands;
using Ha.Agent.Resources;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

public sealed class AgentInventoryTests : IDisposable
{
    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EveryAgentOfThePackage_TellsItsParameters()
    {
        var inventory = new AgentInventory(folder.Environment, folder.Groups);
        var types = inventory.Types
            .Where(static type => type.StartsWith("ocf:heartbeat:", StringComparison.Ordinal)).ToList();
        Assert.True(types.Count >= 141, $"{types.Count} agents: is the package resource-agents installed?");
        var problems = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var read = new System.Collections.Concurrent.ConcurrentBag<AgentMetaData>();

        Parallel.ForEach(types, new ParallelOptions { MaxDegreeOfParallelism = 4 }, type =>
        {
            var reading = inventory.Read("heartbeat", type.Split(':')[2]);
            if (reading.MetaData is { } agent) read.Add(agent);
            else problems.Enqueue($"{type}: {reading.Problem}");
        });

        Assert.Empty(problems);
        Assert.All(read, static agent =>
        {
            Assert.NotEmpty(agent.ShortDescription);
            // What the API makes every agent have.
            Assert.NotNull(agent.AdvisedTimeout("start"));
            Assert.NotNull(agent.AdvisedTimeout("stop"));
        });
        Assert.True(read.Sum(static agent => agent.Parameters.Length) > 1000);
        var filesystem = read.Single(static agent => agent.Name == "Filesystem");
        Assert.Equal(["device", "directory", "fstype"],
            filesystem.Parameters.Where(static p => p.IsRequired).Select(static p => p.Name));
    }

    [Fact]
    public void Agent_IsAskedOnce_AndAgainWhenItsFileHasChanged()
    {
        var inventory = new AgentInventory(Own, folder.Groups);
        Write("one", Describe("one", "first"));

        Assert.Equal("first", inventory.Read("test", "one").MetaData!.ShortDescription);
        Assert.Equal("first", inventory.Read("test", "one").MetaData!.ShortDescription);
        Assert.Single(File.ReadAllLines(folder.File("asked")));

        Write("one", Describe("one", "second"));
        File.SetLastWriteTimeUtc(folder.File("ocf/resource.d/test/one"), DateTime.UtcNow.AddSeconds(5));
        Assert.Equal("second", inventory.Read("test", "one").MetaData!.ShortDescription);
        Assert.Equal(2, File.ReadAllLines(folder.File("asked")).Length);
    }

    [Theory]
    [InlineData("exit 3", "meta-data failed (Exited, 3).")]
    [InlineData("echo hello", "meta-data cannot be understood: it holds no element 'resource-agent'.")]
    [InlineData("head -c 3000000 /dev/zero | tr '\\0' x", "meta-data cannot be understood: it is longer than")]
    public void AgentWithoutMetaData_HasAReason(string body, string reason)
    {
        Write("odd", body);

        var reading = new AgentInventory(Own, folder.Groups).Read("test", "odd");

        Assert.Null(reading.MetaData);
        Assert.Contains(reason, reading.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ResourcesOfAllClasses_AreCheckedBeforeTheyAreStarted()
    {
        Write("one", Describe("one", "first"));
        folder.Add("script", "exit 0");
        folder.Add("init", "exit 0", folder: "init.d");
        var check = new ResourceCheck(Own, new AgentInventory(Own, folder.Groups));
        ImmutableArray<ParameterFinding> Check(
            string agentClass, string type, string provider = "", string? parameter = null)
        {
            var none = ImmutableSortedDictionary<string, string>.Empty;
            return check.Check(new ResourceDefinition
            {
                Id = "res", Class = agentClass, Provider = provider, Type = type,
                Parameters = parameter is null ? none : none.Add(parameter, "1"),
            });
        }

        Assert.Empty(Check("ocf", "one", "test", "needed"));
        Assert.Equal(["neded", "needed"], Check("ocf", "one", "test", "neded").Select(static f => f.Parameter));
        Assert.Contains("did you mean ocf:test:one?", Assert.Single(Check("ocf", "ONE", "test")).ToString(),
            StringComparison.Ordinal);
        Assert.Empty(Check("heartbeat", "script"));
        Assert.Empty(Check("lsb", "init"));
        Assert.Empty(Check("exec", folder.File("resource.d/script")));
        Assert.Empty(Check("systemd", "nginx"));
        Assert.Empty(Check("builtin", "vip"));
        foreach (var agentClass in new[] { "heartbeat", "lsb", "exec", "upstart" })
            Assert.Equal(FindingSeverity.Error, Assert.Single(Check(agentClass, "absent")).Severity);
    }

    [Fact]
    public async Task Configuration_IsHeldAgainstTheAgents_WhereItIsNew()
    {
        Write("one", Describe("one", "first"));
        var facts = new ClusterFacts(["s1", "s2"], TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(2));
        var resources = new ResourceCheck(Own, new AgentInventory(Own, folder.Groups));
        ConfigurationDocument? present = null;
        var check = new DocumentCheck(facts, resources, () => present);
        var text = Encoding.UTF8.GetBytes("""
            { "version": { "epoch": 1, "update": 0 }, "resources": [
              { "id": "good", "type": "ocf:test:one", "parameters": { "needed": "1" } },
              { "id": "odd", "type": "ocf:test:one", "parameters": { "neded": "1" } },
              { "id": "elsewhere", "type": "ocf:test:absent" } ] }
            """);

        var findings = await check.FindAsync(text);
        Assert.Equal([(FindingSeverity.Error, "/resources/1/parameters/neded"),
            (FindingSeverity.Error, "/resources/1/parameters/needed"), (FindingSeverity.Warning, "/resources/2")],
            findings.Select(static one => (one.Severity, one.Pointer)));

        // What holds already is not judged again, and what is no configuration is told by its reader.
        present = ConfigurationReader.Read(text, facts).Document;
        Assert.Empty(await check.FindAsync(text));
        Assert.Empty(await check.FindAsync("{"u8.ToArray()));
    }

    [Fact]
    public void CommandLine_ListsDescribesAndChecks()
    {
        var (code, list, _) = Run("agents");
        Assert.Equal(0, code);
        Assert.Contains("\nocf:heartbeat:IPaddr2\n", list, StringComparison.Ordinal);

        (code, var described, _) = Run("agents", "ocf:heartbeat:Dummy");
        Assert.Equal(0, code);
        Assert.StartsWith(
            "ocf:heartbeat:Dummy - Example stateless resource agent", described, StringComparison.Ordinal);
        Assert.Contains("\n  state (text, default", described, StringComparison.Ordinal);
        Assert.Contains("\n  monitor: timeout 20 s, every 10 s\n", described, StringComparison.Ordinal);

        (code, var json, _) = Run("agents", "ocf:heartbeat:Dummy", "--json");
        Assert.Equal(0, code);
        Assert.Contains("\"isRequired\": false", json, StringComparison.Ordinal);

        (code, var accepted, _) = Run("agents", "ocf:heartbeat:Dummy", "--set", "state=/run/x");
        Assert.Equal((0, "ocf:heartbeat:Dummy accepts these parameters on this node\n"), (code, accepted));
        (code, var refused, _) = Run(
            "agents", "ocf:heartbeat:IPaddr2", "--set", "ip=300.1.1.1", "--set", "nic=nosuch0");
        Assert.Equal(6, code);
        Assert.Contains("error: /usr/lib/ocf/resource.d/heartbeat/IPaddr2 validate-all exited with", refused,
            StringComparison.Ordinal);
        (code, var wrong, _) = Run(
            "agents", "ocf:heartbeat:Filesystem", "--set", "device=/dev/sda1", "--set", "fstpe=ext4");
        Assert.Equal(6, code);
        Assert.Contains("error: fstpe: the agent Filesystem knows no such parameter; did you mean fstype?", wrong,
            StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, Run("agents", "ocf:heartbeat:Absent").Code);
        Assert.Equal(ExitCode.Usage, Run("agents", "Dummy").Code);
        Assert.Equal(ExitCode.Usage, Run("agents", "ocf:heartbeat:Dummy", "--set", "state").Code);
    }

    private ScriptEnvironment Own => folder.Environment with { OcfRoot = folder.File("ocf") };

    private static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        using var process = AgentProgram.Start(AgentProgram.Path, arguments);
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "the command ends");
        return (process.ExitCode, output, errors);
    }

    private string Describe(string name, string description) => $"""
        echo asked >> {folder.File("asked")}
        echo "a warning" >&2
        cat <<END
        <resource-agent name="{name}"><shortdesc lang="en">{description}</shortdesc>
        <parameters><parameter name="needed" required="1"><content type="string"/></parameter></parameters>
        </resource-agent>
        END
        """;

    private void Write(string name, string body)
    {
        Directory.CreateDirectory(folder.File("ocf/resource.d/test"));
        folder.AddRaw(name, "#!/bin/sh\n" + body + "\n", folder: "ocf/resource.d/test");
    }
}
