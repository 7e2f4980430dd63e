using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Configuration;
using Ha.Core.Policy;
using Ha.Core.Policy.Actions;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;
using Ha.Core.Tests.Configuration;

namespace Ha.Core.Tests.ClusterConfiguration;

public class HaresourcesImportTests
{
    private const string Lines = """
        s1 192.168.1.100/24/eth0:0 haproxy
        s2 Filesystem::/dev/sdb1::/data::ext4 192.168.1.101/255.255.255.0/eth0/192.168.1.255 mysql
        s1 IPv6addr::fd00::100/64/eth0
        s2 192.168.1.102

        """;

    private static readonly ImmutableArray<string> Nodes = ["s1", "s2"];

    [Fact]
    public void ReferenceCluster_GivesTheDocumentThatTheDocumentationShows()
    {
        var text = Encoding.UTF8.GetString(ConfigurationText.Write(Import("s1 192.168.1.100/24/eth0:0 haproxy\n")));

        Assert.Equal(
            """
            {
              "version": {
                "epoch": 1,
                "update": 0
              },
              "options": {
                "noQuorumPolicy": "ignore",
                "failback": true
              },
              "nodes": [
                {
                  "name": "s1"
                },
                {
                  "name": "s2"
                }
              ],
              "resourceDefaults": {
                "migrationThreshold": 3,
                "failureTimeout": "5min",
                "multipleActive": "stopUnexpected"
              },
              "resources": [
                {
                  "id": "192.168.1.100/24/eth0:0",
                  "type": "builtin:vip",
                  "parameters": {
                    "address": "192.168.1.100",
                    "interface": "eth0",
                    "label": "eth0:0",
                    "prefix": "24"
                  },
                  "operations": [
                    {
                      "name": "monitor",
                      "interval": "10s"
                    }
                  ]
                },
                {
                  "id": "haproxy",
                  "type": "heartbeat:haproxy",
                  "operations": [
                    {
                      "name": "monitor",
                      "interval": "10s"
                    }
                  ]
                }
              ],
              "groups": [
                {
                  "id": "192.168.1.100/24/eth0:0",
                  "members": [
                    "192.168.1.100/24/eth0:0",
                    "haproxy"
                  ]
                }
              ],
              "locations": [
                {
                  "id": "192.168.1.100/24/eth0:0-prefers-s1",
                  "resource": "192.168.1.100/24/eth0:0",
                  "node": "s1",
                  "score": 100
                }
              ],
              "fencing": {
                "enabled": false
              }
            }
            """,
            text);
    }

    [Fact]
    public void WrittenAndReadAgain_CompilesToTheSame()
    {
        var document = Import(Lines);
        var written = ConfigurationText.Write(document);
        var read = JsonSerializer.Deserialize(written, ConfigurationText.TypeInfo)!;

        Assert.Equal(written, ConfigurationText.Write(read));
        Assert.Equal(Told(DocumentCompiler.Compile(document, Nodes)), Told(DocumentCompiler.Compile(read, Nodes)));
    }

    [Fact]
    public void Compiled_HasTheGroupsOfTheFile_InItsOrder_WithMonitorsAdded()
    {
        var groups = Groups(Lines);
        var compiled = DocumentCompiler.Compile(Import(Lines), Nodes);

        var expected = groups.Select(group => group with
        {
            Stickiness = Score.Stay,
            KeepsOne = true,
            Resources =
            [
                .. group.Resources.Select(resource => resource with
                {
                    FailureTimeout = TimeSpan.FromMinutes(5),
                    Monitors = [new MonitorDefinition(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20))],
                }),
            ],
        });
        Assert.Equal(Told(expected), Told(compiled.Groups.Select(group => group with
        {
            Resources = [.. group.Resources.Select(resource => resource with { Digest = "" })],
        })));
        Assert.All(compiled.Groups.SelectMany(group => group.Resources), one => Assert.Equal(16, one.Digest.Length));
        Assert.Equal(new ConfigurationVersion(1, 0), compiled.Version);
        Assert.Equal(
            ["Group 192.168.1.100/24/eth0:0", "Group Filesystem::/dev/sdb1::/data::ext4",
                "Primitive IPv6addr::fd00::100/64/eth0", "Primitive 192.168.1.102"],
            compiled.Model.Resources.Select(resource => $"{resource.Kind} {resource.Id}"));
        Assert.False(compiled.Model.Options.FencingEnabled);
        Assert.Empty(compiled.Safety.Devices);
    }

    [Theory]
    [InlineData(AutoFailback.On, "1")]
    [InlineData(AutoFailback.Legacy, "1")]
    [InlineData(AutoFailback.Off, "INFINITY")]
    public void Failback_BecomesStickiness(AutoFailback failback, string stickiness)
    {
        var compiled = DocumentCompiler.Compile(HaresourcesImport.Import(Groups(Lines), Nodes, failback), Nodes);

        Assert.Contains(KeyValuePair.Create("resource-stickiness", stickiness),
            Assert.Single(compiled.Model.ResourceDefaults).Values);
    }

    [Theory]
    [InlineData(2, NoQuorumPolicy.Ignore)]
    [InlineData(3, NoQuorumPolicy.Stop)]
    public void NumberOfNodes_DecidesWhatHappensWithoutQuorum(int count, NoQuorumPolicy expected)
    {
        ImmutableArray<string> nodes = [.. Enumerable.Range(1, count).Select(number => $"s{number}")];
        var document = HaresourcesImport.Import(Groups(Lines), nodes, AutoFailback.On);

        Assert.Equal(expected, DocumentCompiler.Compile(document, nodes).Model.Options.NoQuorumPolicy);
    }

    [Fact]
    public void FirstNodeDead_PolicyEngineMovesTheGroup_AndBackWhenItReturns()
    {
        var model = DocumentCompiler.Compile(Import("s1 192.168.1.100/24/eth0:0 haproxy\n"), Nodes).Model
            with { Now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero) };

        var alone
            = model with { Nodes = [Member(model.Nodes[0], online: false), Member(model.Nodes[1], online: true)] };
        Assert.Equal("192.168.1.100/24/eth0:0 on s2, haproxy on s2", Places(alone));

        var together = model with
        {
            Nodes = [Member(model.Nodes[0], online: true), Member(model.Nodes[1], online: true)],
            History = [.. Runs("192.168.1.100/24/eth0:0", "s2"), .. Runs("haproxy", "s2")],
        };
        Assert.Equal("192.168.1.100/24/eth0:0 on s1, haproxy on s1", Places(together));
        Assert.Equal(["haproxy s2", "192.168.1.100/24/eth0:0 s2"],
            ClusterPlanner.Plan(together).Steps.Where(step => step.Kind == ActionKind.Stop)
                .Select(step => $"{step.Resource} {step.Node}"));
    }

    private static string Places(ClusterModel model) => string.Join(", ",
        ClusterPlanner.Plan(model).Placements.Select(place => $"{place.Group} on {place.Node}"));

    private static NodeModel Member(NodeModel node, bool online) => node with
    {
        Seen = true, InMembership = online, AgentOnline = online,
        Join = online ? NodeJoin.Member : NodeJoin.Down, Expected = online,
    };

    private static IEnumerable<ResourceHistory> Runs(string resource, string node) => Nodes.Select(one =>
        new ResourceHistory
        {
            NodeId = one, Resource = resource,
            Operations =
            [
                new OperationRecord
                {
                    Name = "monitor", IntervalMs = 0, Status = OperationStatus.Done, ExitCode = one == node ? 0 : 7,
                    ExpectedExitCode = 7, CallId = 1,
                },
            ],
        });

    private static ConfigurationDocument Import(string lines) =>
        HaresourcesImport.Import(Groups(lines), Nodes, AutoFailback.On);

    private static ImmutableArray<ResourceGroup> Groups(string lines)
    {
        var findings = new List<ConfigurationFinding>();
        var groups = HaResourcesParser.Parse("haresources", lines, Nodes, FakeHost.Reference, findings);
        Assert.DoesNotContain(findings, finding => finding.Severity == FindingSeverity.Error);
        return groups;
    }

    // Sorted dictionaries compare by reference: what records hold is compared as text.
    private static string Told<T>(T value) => JsonSerializer.Serialize(value);
}
