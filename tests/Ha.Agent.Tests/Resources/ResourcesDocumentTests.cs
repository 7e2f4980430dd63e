using System.Text;
using Ha.Agent.Resources;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;

namespace Ha.Agent.Tests.Resources;

/// <summary>What docs/resources.md tells people to write.</summary>
public sealed class ResourcesDocumentTests : IDisposable
{
    private static readonly string Document =
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs/resources.md"));

    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EveryExample_IsAConfigurationThatTheAgentsOfThisHostAccept()
    {
        var facts = new ClusterFacts(["s1", "s2"], TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(2));
        var check = new ResourceCheck(folder.Environment, new AgentInventory(folder.Environment, folder.Groups));
        var examples = Document.Split("```json\n").Skip(1)
            .Select(static rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)]).ToList();
        Assert.Equal(4, examples.Count);

        foreach (var example in examples)
        {
            var text = example.TrimEnd()[..^1] + """, "version": { "epoch": 1, "update": 0 } }""";
            var reading = ConfigurationReader.Read(Encoding.UTF8.GetBytes(text), facts);
            Assert.DoesNotContain(reading.Findings, static finding => finding.Severity == FindingSeverity.Error);
            var resources = reading.Active!.Groups.SelectMany(static group => group.Resources).ToList();
            Assert.NotEmpty(resources);
            foreach (var resource in resources) Assert.Empty(check.Check(resource));
        }
    }
}
