using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary><c>lsb:</c> and <c>exec:</c>.</summary>
public sealed class OtherClassesTests : IDisposable
{
    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, OperationOutcome.Succeeded, "")]
    [InlineData(1, OperationOutcome.NotRunning, "dead and its pid file is left")]
    [InlineData(2, OperationOutcome.NotRunning, "dead and its lock file is left")]
    [InlineData(3, OperationOutcome.NotRunning, "")]
    [InlineData(4, OperationOutcome.Failed, "status exited with 4")]
    [InlineData(42, OperationOutcome.Failed, "status exited with 42")]
    public void LsbStatus_IsDecidedByItsCode_NotByItsWords(int code, OperationOutcome outcome, string remark)
    {
        // The words say the opposite.
        folder.Add("daemon", $"echo {(code == 0 ? "not running" : "running")}; exit {code}", folder: "init.d");

        var result = Run("lsb", "daemon", OperationKind.Probe);

        Assert.Equal(outcome, result.Outcome);
        Assert.Contains(remark, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, OperationOutcome.Succeeded)]
    [InlineData(1, OperationOutcome.Failed)]
    [InlineData(2, OperationOutcome.InvalidParameters)]
    [InlineData(3, OperationOutcome.NotImplemented)]
    [InlineData(4, OperationOutcome.NotPermitted)]
    [InlineData(5, OperationOutcome.NotInstalled)]
    [InlineData(6, OperationOutcome.NotConfigured)]
    [InlineData(150, OperationOutcome.Failed)]
    public void LsbStart_HasTheCodesOfTheStandard(int code, OperationOutcome outcome)
    {
        folder.Add("daemon", $"[ $1 = start ] && exit {code}; exit 99", folder: "init.d");

        Assert.Equal(outcome, Run("lsb", "daemon", OperationKind.Start).Outcome);
    }

    [Fact]
    public void LsbScript_IsSearchedInInitDirectoryOnly()
    {
        folder.Add("daemon", "exit 0");

        foreach (var name in new[] { "daemon", "../resource.d/daemon", "" })
        {
            var result = Run("lsb", name, OperationKind.Start);
            Assert.Equal(OperationOutcome.NotInstalled, result.Outcome);
            Assert.Contains("no executable init script", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Exec_GetsItsArgumentsThenTheVerb_AndParametersInTheEnvironment()
    {
        folder.Add("own", "echo \"[$1][$2][$3] $OCF_RESKEY_color\"");
        var resource = Resource("exec", folder.File("resource.d/own")) with
        {
            Arguments = ["--file", "a b; $(x)"],
            Parameters = Resource("exec", "").Parameters.Add("color", "red"),
        };

        Assert.Equal("[--file][a b; $(x)][start] red", Run(resource, OperationKind.Start).Output);
        Assert.Equal("[--file][a b; $(x)][monitor] red", Run(resource, OperationKind.Monitor).Output);
        Assert.Equal("[--file][a b; $(x)][stop] red", Run(resource, OperationKind.Stop).Output);
    }

    [Fact]
    public void Exec_HasTheCodesOfOcf()
    {
        folder.Add("own", "[ $1 = monitor ] && exit 7; exit 6");
        var path = folder.File("resource.d/own");

        Assert.Equal(OperationOutcome.NotRunning, Run("exec", path, OperationKind.Probe).Outcome);
        Assert.Equal(OperationOutcome.NotConfigured, Run("exec", path, OperationKind.Start).Outcome);
    }

    [Fact]
    public void ExecOfWhatIsNoSafeProgram_IsRefusedWithAdvice()
    {
        folder.Add("plain", "exit 0", executable: false);
        folder.Add("open", "exit 0");
        var open = folder.File("resource.d/open");
        File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherWrite);

        var relative = Run("exec", "bin/own", OperationKind.Start);
        var absent = Run("exec", "/no/such/program", OperationKind.Start);
        var plain = Run("exec", folder.File("resource.d/plain"), OperationKind.Start);
        var writable = Run("exec", open, OperationKind.Start);

        Assert.Equal(OperationOutcome.NotConfigured, relative.Outcome);
        Assert.Equal(OperationOutcome.NotInstalled, absent.Outcome);
        Assert.Equal(OperationOutcome.NotInstalled, plain.Outcome);
        Assert.Contains("chmod 755", plain.Output, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.NotPermitted, writable.Outcome);
        Assert.Contains($"chmod go-w {open}", writable.Output, StringComparison.Ordinal);
    }

    private static ResourceDefinition Resource(string agentClass, string type) =>
        new() { Id = "res", Class = agentClass, Type = type };

    private OperationResult Run(string agentClass, string type, OperationKind kind) =>
        Run(Resource(agentClass, type), kind);

    private OperationResult Run(ResourceDefinition resource, OperationKind kind) =>
        new AgentClasses(folder.Environment, folder.Programs)
            .Run(new AgentCall(resource, kind, TimeSpan.FromSeconds(60), 0, static _ => { }));
}
