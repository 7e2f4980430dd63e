using Ha.Agent.Configuration;
using Ha.Core.Configuration;

namespace Ha.Agent.Tests.Configuration;

public sealed class BootstrapFilesTests : IDisposable
{
    private readonly ConfigurationDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void GoodFiles_AreReadWithTheFactsOfThisMachine()
    {
        var reading = BootstrapFiles.Read(directory.Root, "S1");

        Assert.Empty(reading.Findings);
        Assert.Equal("s1", reading.LocalNode);
        Assert.Equal([new BroadcastMedium("lo", 694)], reading.Configuration!.HaCf.Media.ToArray());
        Assert.Equal("heartbeat:service", reading.Configuration.Groups[0].Resources[1].FullType);
    }

    [Fact]
    public void MissingDirectory_IsThreeFindings()
    {
        var reading = BootstrapFiles.Read(directory.Path("nothing"), "s1");

        Assert.Null(reading.Configuration);
        Assert.Equal(3, reading.Findings.Length);
        Assert.All(reading.Findings, f => Assert.Contains("does not exist", f.Problem, StringComparison.Ordinal));
        Assert.Equal(directory.Path("nothing/ha.cf"), reading.Findings[0].File);
    }

    [Fact]
    public void ModeOfAuthkeys_IsTheFilesOwn()
    {
        directory.Write("authkeys", "auth 1\n1 sha256 OpenSesame\n",
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        var reading = BootstrapFiles.Read(directory.Root, "s1");

        Assert.Null(reading.Configuration);
        Assert.Contains("0644", Assert.Single(reading.Findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void DirectoryInPlaceOfAFile_IsAFinding()
    {
        File.Delete(directory.Path("haresources"));
        Directory.CreateDirectory(directory.Path("haresources"));

        var reading = BootstrapFiles.Read(directory.Root, "s1");

        Assert.Contains("not a regular file", Assert.Single(reading.Findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void FileLargerThanAnyConfiguration_IsAFinding()
    {
        directory.Write("haresources", new string('#', BootstrapFiles.MaxBytes + 1));

        var reading = BootstrapFiles.Read(directory.Root, "s1");

        Assert.Contains("larger than", Assert.Single(reading.Findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void NodeName_IsGivenElseInNodeinfoElseTheHostsOwn()
    {
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/hostname").Trim().ToLowerInvariant(),
            BootstrapFiles.Read(directory.Root, null).LocalNode);

        directory.Write("nodeinfo", "S2\nignored\n");
        Assert.Equal("s2", BootstrapFiles.Read(directory.Root, null).LocalNode);
        Assert.NotNull(BootstrapFiles.Read(directory.Root, null).Configuration);
        Assert.Equal("s1", BootstrapFiles.Read(directory.Root, "s1").LocalNode);
    }

    [Fact]
    public void EmptyNodeinfo_IsAFinding()
    {
        directory.Write("nodeinfo", "\n");

        var reading = BootstrapFiles.Read(directory.Root, null);

        Assert.Null(reading.Configuration);
        Assert.Equal((directory.Path("nodeinfo"), 1), (reading.Findings[0].File, reading.Findings[0].Line));
    }

    [Fact]
    public void FactsOfThisMachine_AreReal()
    {
        var host = HostFactsReader.Read(directory.Root);

        Assert.True(host.InterfaceExists("lo"));
        Assert.False(host.InterfaceExists("ha-nosuch0"));
        Assert.True(host.IsCharacterDevice("/dev/null"));
        Assert.False(host.IsCharacterDevice(directory.Path("ha.cf")));
        Assert.True(host.IsExecutableFile("/bin/sh"));
        Assert.False(host.IsExecutableFile("/etc/passwd"));
        Assert.False(host.IsExecutableFile("/bin"));
        Assert.True(host.UserExists("root"));
        Assert.False(host.UserExists("roo"));
        Assert.True(host.ResourceScriptExists("service"));
        Assert.False(host.ResourceScriptExists("nosuch"));
        Assert.Equal("127.0.0.1", host.ResolveIPv4("localhost"));
        Assert.Null(host.ResolveIPv4("nosuch.invalid"));
    }

    [Theory]
    [InlineData("ha-cluster 700/udp # Heartbeat", 700)]
    [InlineData("heartbeat\t701/udp\tha-cluster", 701)]
    [InlineData("ha-cluster 700/tcp", null)]
    [InlineData("#ha-cluster 700/udp", null)]
    [InlineData("ha-cluster x/udp", null)]
    [InlineData("ha-cluster", null)]
    public void ServicePort_IsReadFromTheServicesFile(string line, int? port) =>
        Assert.Equal(port, HostFactsReader.ServicePort(["", "ssh 22/tcp", line], "ha-cluster"));
}
