using Ha.Agent.Configuration;
using Ha.Core.Configuration;

namespace Ha.Agent.Tests.Configuration;

/// <summary>The reference cluster's files on this machine: neither ipfail's old path nor its user is needed.</summary>
public sealed class ReferenceClusterFilesTests : IDisposable
{
    private readonly ConfigurationDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("s1")]
    [InlineData("s2")]
    public void ReferenceFiles_AreAcceptedAsTheyAre(string node)
    {
        var reference = Path.Combine(AppContext.BaseDirectory, "reference-cluster", node);
        foreach (var name in (string[])["ha.cf", "authkeys", "haresources"])
            directory.Write(name, File.ReadAllText(Path.Combine(reference, name)));
        var host = HostFactsReader.Read(directory.Root) with
        {
            InterfaceExists = name => name == "eth0",
            UserExists = _ => false,
            ResourceScriptExists = name => name == "haproxy",
        };

        var reading = BootstrapFiles.Read(directory.Root, node, host);

        Assert.NotNull(reading.Configuration);
        Assert.Equal(["ping", "respawn", "key 3"], reading.Findings.Select(f => f.Directive));
        Assert.All(reading.Findings, f => Assert.Equal(FindingSeverity.Warning, f.Severity));
    }
}
