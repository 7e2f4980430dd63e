using System.Text.Json;
using Ha.Agent.Tests.Hosts;

namespace Ha.Agent.Tests;

/// <summary><c>ha-agent import</c> as an operator runs it.</summary>
public sealed class ImportTests : IDisposable
{
    private const string Cib = """
        <cib>
          <configuration>
            <crm_config><cluster_property_set id="p">
              <nvpair id="p1" name="symmetric-cluster" value="true"/>
              <nvpair id="p2" name="node-health-strategy" value="none"/>
            </cluster_property_set></crm_config>
            <nodes><node id="1" uname="s1"/><node id="2" uname="s2"/></nodes>
            <resources>
              <primitive id="web" class="systemd" type="nginx">
                <operations><op id="m" name="monitor" interval="5s"/></operations>
              </primitive>
            </resources>
            <constraints>@</constraints>
          </configuration>
          <status/>
        </cib>
        """;

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Document_IsOnStdout_AndTheReportOnStderr()
    {
        var file = Write("");
        var (code, output, error) = Run("import", "--cib", file);

        Assert.Equal(0, code);
        Assert.Equal("systemd:nginx",
            JsonDocument.Parse(output).RootElement.GetProperty("resources")[0].GetProperty("type").GetString());
        Assert.Contains($"{file}:4: default: nvpair 'symmetric-cluster': true", error, StringComparison.Ordinal);
        Assert.Contains($"{file}:5: left out: nvpair 'node-health-strategy': has no effect", error,
            StringComparison.Ordinal);
        Assert.Contains($"{file}:9: translated: primitive 'web': a resource", error, StringComparison.Ordinal);
        Assert.Contains("1 resources for nodes s1, s2; of the CIB, 4 elements were translated, 1 hold by default, "
            + "1 were left out", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_IsANewFileThatOnlyItsOwnerReads_AndTheReportIsOnStdout()
    {
        var target = Path.Combine(folder.Path, "cluster.json");
        var (code, output, error) = Run("import", "--cib", Write(""), "--output", target);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("translated: primitive 'web'", output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));
        Assert.Equal("1", JsonDocument.Parse(File.ReadAllText(target)).RootElement.GetProperty("version")
            .GetProperty("epoch").GetRawText());

        var before = File.ReadAllText(target);
        (code, _, error) = Run("import", "--cib", Write(""), "--output", target);
        Assert.Equal(1, code);
        Assert.Contains("cluster.json cannot be written", error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(target));
    }

    [Fact]
    public void WhatCannotHold_IsTold_WithExitCode6()
    {
        var (code, _, error) = Run("import", "--cib",
            Write("<rsc_colocation id='c' rsc='web' with-rsc='web' score='INFINITY'/>"));

        Assert.Equal(6, code);
        Assert.Contains("error: document: /colocations/0: [web] is to be with itself", error, StringComparison.Ordinal);
        Assert.Contains("is not valid yet", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<cib><configuration>", "is not well-formed XML")]
    [InlineData("<other/>", "is not a CIB")]
    public void WhatIsNoCib_IsRefused(string text, string message)
    {
        var file = Path.Combine(folder.Path, "other.xml");
        File.WriteAllText(file, text);
        var (code, output, error) = Run("import", "--cib", file);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFileAndMissingOption_AreTold()
    {
        var (code, _, error) = Run("import", "--cib", Path.Combine(folder.Path, "none.xml"));
        Assert.Equal(1, code);
        Assert.Contains("none.xml cannot be read", error, StringComparison.Ordinal);

        (code, _, error) = Run("import");
        Assert.Equal(2, code);
        Assert.Contains("--cib", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_NamesTheOptions()
    {
        var (code, output, _) = Run("import", "--help");

        Assert.Equal(0, code);
        Assert.Contains("--cib <FILE>", output, StringComparison.Ordinal);
        Assert.Contains("--output <FILE>", output, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private string Write(string constraints)
    {
        var file = Path.Combine(folder.Path, "cib.xml");
        File.WriteAllText(file, Cib.Replace("@", constraints, StringComparison.Ordinal));
        return file;
    }

    private (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var process = AgentProgram.Start(AgentProgram.Path, arguments, directory: folder.Path);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "import hangs");
        return (process.ExitCode, output, error.Result);
    }
}
