using System.Text.Json;
using Ha.Agent.Configuration;

namespace Ha.Agent.Tests.Configuration;

public sealed class CheckConfigTests : IDisposable
{
    private readonly ConfigurationDirectory directory = new();
    private readonly StringWriter output = new();
    private readonly StringWriter errors = new();

    public void Dispose()
    {
        directory.Dispose();
        output.Dispose();
        errors.Dispose();
    }

    [Fact]
    public void ValidConfiguration_IsOneLineAndExitCodeZero()
    {
        Assert.Equal(0, Check());

        Assert.Equal("configuration of node s1 is valid: 2 nodes, 1 medium, 1 group, 0 warnings\n", output.ToString());
        Assert.Equal("", errors.ToString());
    }

    [Fact]
    public void Mistakes_AreAllPrintedWithTheirPlaces_AndExitCodeSix()
    {
        directory.Write("ha.cf", "keepalive 2s\nnode s1 s2\nbcast nosuch0\nauto_failback legacy\nlogfile /x\n");
        directory.Write("authkeys", "auth 1\n1 sha256\n");
        directory.Write("haresources", "s3 192.168.1.300\n");

        Assert.Equal(6, Check());

        var lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.StartsWith($"error: {directory.Path("ha.cf")}:1: keepalive: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"error: {directory.Path("ha.cf")}:3: bcast: ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith($"warning: {directory.Path("ha.cf")}:4: auto_failback: ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith($"error: {directory.Path("authkeys")}:2: key 1: ", lines[3], StringComparison.Ordinal);
        Assert.StartsWith($"error: {directory.Path("haresources")}:1: s3: ", lines[4], StringComparison.Ordinal);
        Assert.StartsWith(
            $"error: {directory.Path("haresources")}:1: 192.168.1.300: ", lines[5],
            StringComparison.Ordinal);
        Assert.Equal("configuration of node s1 refused: 5 errors, 1 warning\n", errors.ToString());
    }

    [Fact]
    public void Json_IsOneDocument()
    {
        directory.Write("ha.cf", "node s1 s2\nbcast nosuch0\nauto_failback on\nlogfile /x\n");

        Assert.Equal(6, Check(json: true));

        using var document = JsonDocument.Parse(output.ToString());
        var root = document.RootElement;
        Assert.Equal("s1", root.GetProperty("node").GetString());
        Assert.False(root.GetProperty("valid").GetBoolean());
        var finding = Assert.Single(root.GetProperty("findings").EnumerateArray());
        Assert.Equal("error", finding.GetProperty("severity").GetString());
        Assert.Equal(directory.Path("ha.cf"), finding.GetProperty("file").GetString());
        Assert.Equal(2, finding.GetProperty("line").GetInt32());
        Assert.Equal("bcast", finding.GetProperty("directive").GetString());
    }

    [Fact]
    public void Check_TouchesNothing()
    {
        var before = Listing();

        Check();

        Assert.Equal(before, Listing());
    }

    private string[] Listing() =>
        [.. Directory.EnumerateFileSystemEntries(directory.Root, "*", SearchOption.AllDirectories).Order()
            .Select(p => $"{p} {File.GetLastWriteTimeUtc(p):O}")];

    private int Check(bool json = false) =>
        CheckConfig.Run(new() { ConfigDirectory = directory.Root, Node = "s1", Json = json }, output, errors);
}
