using Ha.Core.Cib;
using Ha.Core.Cib.Import;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Policy;
using Ha.Core.Policy.Actions;
using Ha.Core.Policy.Model;

namespace Ha.Core.Tests.Cib;

public class CibImportTests
{
    private const string Cib = """
        <cib have-quorum="1">
          <configuration>
            <crm_config>
              <cluster_property_set id="cib-bootstrap-options">
                <nvpair id="o1" name="no-quorum-policy" value="freeze"/>
                <nvpair id="o2" name="symmetric-cluster" value="true"/>
                <nvpair id="o3" name="stonith-enabled" value="true"/>
                <nvpair id="o4" name="dc-version" value="2.1.5"/>
                <nvpair id="o5" name="node-health-strategy" value="none"/>
              </cluster_property_set>
            </crm_config>
            <nodes>
              <node id="1" uname="N1">
                <instance_attributes id="n1a"><nvpair id="n1s" name="site" value="north"/></instance_attributes>
              </node>
              <node id="2" uname="n2"/>
            </nodes>
            <resources>
              <group id="web">
                <primitive id="ip" class="ocf" provider="heartbeat" type="IPaddr2">
                  <instance_attributes id="ipa"><nvpair id="ipv" name="ip" value="10.0.0.1"/></instance_attributes>
                  <operations>
                    <op id="ipm" name="monitor" interval="10s" timeout="20s" on-fail="restart"/>
                    <op id="ips" name="stop" interval="0" timeout="30" on-fail="fence"/>
                  </operations>
                </primitive>
                <primitive id="server" class="systemd" type="haproxy">
                  <meta_attributes id="sm">
                    <nvpair id="sm1" name="migration-threshold" value="3"/>
                    <nvpair id="sm2" name="allow-migrate" value="true"/>
                  </meta_attributes>
                </primitive>
              </group>
              <template id="checked" class="ocf" provider="pacemaker" type="Dummy">
                <operations><op id="tm" name="monitor" interval="7s"/></operations>
              </template>
              <clone id="everywhere">
                <meta_attributes id="cm"><nvpair id="cm1" name="clone-max" value="2"/></meta_attributes>
                <primitive id="dummy" template="checked"/>
              </clone>
              <primitive id="ipmi" class="stonith" type="fence_ipmilan">
                <instance_attributes id="fa">
                  <nvpair id="fa1" name="pcmk_host_map" value="N1:1;n2:2"/>
                  <nvpair id="fa2" name="ip" value="10.0.0.9"/>
                </instance_attributes>
              </primitive>
              <bundle id="b"><podman image="x"/></bundle>
            </resources>
            <constraints>
              <rsc_location id="l1" rsc="web" node="n2" score="50"/>
              <rsc_location id="l2" rsc="dummy">
                <rule id="l2r" score="-INFINITY" boolean-op="or">
                  <expression id="l2e" attribute="site" operation="eq" value="south"/>
                  <date_expression id="l2d" operation="lt" end="2001-01-01"/>
                </rule>
              </rsc_location>
              <rsc_colocation id="c1" rsc="web" with-rsc="everywhere" score="INFINITY"/>
              <rsc_order id="r1" first="everywhere" then="web" kind="Mandatory"/>
              <rsc_order id="r2">
                <resource_set id="rs1" sequential="false"><resource_ref id="dummy"/></resource_set>
                <resource_set id="rs2"><resource_ref id="ip"/></resource_set>
              </rsc_order>
              <rsc_location id="l3" rsc="ipmi" node="n2" score="-INFINITY"/>
              <rsc_colocation id="c2" rsc="web" with-rsc="everywhere" with-rsc-role="Promoted" score="1"/>
              <rsc_ticket id="t" rsc="web" ticket="x"/>
            </constraints>
            <rsc_defaults>
              <meta_attributes id="rd"><nvpair id="rd1" name="resource-stickiness" value="100"/></meta_attributes>
            </rsc_defaults>
            <op_defaults>
              <meta_attributes id="od"><nvpair id="od1" name="timeout" value="40s"/></meta_attributes>
            </op_defaults>
          </configuration>
          <status>
            <node_state id="1" uname="N1" in_ccm="true" crmd="online" join="member" expected="member">
              <lrm id="1"><lrm_resources>
                <lrm_resource id="ip" type="IPaddr2" class="ocf" provider="heartbeat">
                  <lrm_rsc_op id="ip_last" operation="start" call-id="5" rc-code="0" op-status="0" interval="0"
                    transition-key="1:1:0:x" op-digest="47b9cd3cc7d2c7d1c6fd1a5b0f6dd3fb"/>
                </lrm_resource>
              </lrm_resources></lrm>
            </node_state>
            <node_state id="2" uname="n2" in_ccm="true" crmd="online" join="member" expected="member"/>
          </status>
        </cib>
        """;

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void ImportedConfiguration_IsValid_AndSaysWhatTheCibSays()
    {
        var document = Read(out var active);

        Assert.Equal(["ip", "server", "dummy"], document.Resources.Select(resource => resource.Id));
        Assert.Equal(["web", "everywhere"], active.Groups.Select(group => group.Id));
        Assert.Equal(NoQuorumPolicy.Freeze, document.Options!.NoQuorumPolicy);
        Assert.Equal("north", document.Nodes[0].Attributes["site"]);
        Assert.Equal("systemd:haproxy", document.Resources[1].Type);
        Assert.False(Assert.Single(document.Resources[1].Operations).Enabled);
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.Single(document.Resources[2].Operations).Interval);
        var device = Assert.Single(active.Safety.Devices);
        Assert.Equal(("fence_ipmilan", "1", "2", "10.0.0.9"),
            (device.Agent, device.Plugs["n1"], device.Plugs["n2"], device.Parameters["ip"]));
        Assert.Equal(["l1", "l2"], document.Locations.Select(location => location.Id));
        Assert.Equal((100, TimeSpan.FromSeconds(40)),
            (document.ResourceDefaults!.Stickiness, document.OperationDefaults!.Timeout));
    }

    [Fact]
    public void ImportedConfiguration_GivesThePlanOfTheCib()
    {
        var original = CibReader.Read(Cib, Now).Model!;
        _ = Read(out var active);
        var imported = active.Model with
        {
            Now = original.Now, History = original.History, FailCounts = original.FailCounts,
            Resources = [.. active.Model.Resources.Select(WithoutDigest)],
            Options = active.Model.Options with { HaveQuorum = original.Options.HaveQuorum },
            Nodes = [.. original.Nodes.Select((node, index) => node with
            {
                Attributes = active.Model.Nodes[index].Attributes,
            })],
        };

        Assert.Equal(Steps(original), Steps(imported));
        Assert.Contains("Start dummy:1 n2 0", Steps(imported));
    }

    [Theory]
    [InlineData(5, CibImportOutcome.Translated, "an option")]
    [InlineData(6, CibImportOutcome.EqualByDefault, "true")]
    [InlineData(7, CibImportOutcome.Translated, "fencing")]
    [InlineData(8, CibImportOutcome.NotSupported, "describes the old cluster")]
    [InlineData(9, CibImportOutcome.NotSupported, "has no effect")]
    [InlineData(23, CibImportOutcome.Translated, "an operation")]
    [InlineData(27, CibImportOutcome.Translated, "does not have it monitored")]
    [InlineData(30, CibImportOutcome.NotSupported, "live migration is not supported")]
    [InlineData(41, CibImportOutcome.Translated, "a fence device")]
    [InlineData(47, CibImportOutcome.NotSupported, "this kind of resource is not supported")]
    [InlineData(63, CibImportOutcome.NotSupported, "'ipmi' is no resource of the imported configuration")]
    [InlineData(64, CibImportOutcome.NotSupported, "it speaks of promotion")]
    [InlineData(65, CibImportOutcome.NotSupported, "this kind of constraint is not supported")]
    public void EachLine_SaysWhatBecameOfIt(int line, CibImportOutcome outcome, string message)
    {
        var told = CibImport.Import(Cib).Lines.First(one => one.Line == line);

        Assert.Equal(outcome, told.Outcome);
        Assert.Contains(message, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryElement_IsInExactlyOneLine()
    {
        var lines = CibImport.Import(Cib).Lines;

        Assert.Equal(lines.Length, lines.Select(line => (line.Line, line.Element)).Distinct().Count());
        Assert.All(lines, line => Assert.NotEqual("is not known here", line.Message));
        var speaking = Cib.Split('\n').TakeWhile(line => !line.Contains("</configuration>", StringComparison.Ordinal))
            .Select((text, index) => (text, Number: index + 1))
            .Where(one => one.text.Contains("<nvpair", StringComparison.Ordinal)
                || one.text.Contains("<op ", StringComparison.Ordinal)
                || (one.text.Contains("<rsc_", StringComparison.Ordinal)
                    && !one.text.Contains("defaults", StringComparison.Ordinal)));
        Assert.All(speaking, one => Assert.Contains(lines, line => line.Line == one.Number));
    }

    [Fact]
    public void UnknownElements_AreTold_AndTheRestIsImported()
    {
        var importing = CibImport.Import(
            "<cib><configuration><resources><primitive id='a' class='systemd' type='a'><surprise/></primitive>"
            + "</resources><novelty id='x'/></configuration></cib>");

        Assert.Single(importing.Document!.Resources);
        Assert.Equal(["surprise", "novelty 'x'"], importing.Lines
            .Where(line => line.Message == "is not known here").Select(line => line.Element));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<cib>")]
    [InlineData("<other/>")]
    public void WhatIsNoCib_IsTold(string text)
    {
        var importing = CibImport.Import(text);

        Assert.Null(importing.Document);
        Assert.NotEqual("", Assert.Single(importing.Lines).Message);
    }

    private static ConfigurationDocument Read(out ActiveConfiguration active)
    {
        var importing = CibImport.Import(Cib);
        Assert.Equal(["n1", "n2"], importing.Nodes.ToArray());
        var reading = ConfigurationReader.Read(ConfigurationText.Write(importing.Document!),
            new ClusterFacts(importing.Nodes, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1)));
        Assert.True(reading.Document is not null, string.Join("\n", reading.Findings));
        active = reading.Active!;
        return reading.Document;
    }

    // A CIB has digests of its own kind; those of this product come only with results of this product.
    private static ResourceModel WithoutDigest(ResourceModel resource) =>
        resource with { Digest = null, Members = [.. resource.Members.Select(WithoutDigest)] };

    // Fence devices are no resources here: what is done with them is not compared.
    private static List<string> Steps(ClusterModel model) => [.. ClusterPlanner.Plan(model).Steps
        .Where(step => step.Kind != ActionKind.Milestone && step.Resource != "ipmi")
        .Select(step => $"{step.Kind} {step.Resource} {step.Node} {step.IntervalMs}").Order(StringComparer.Ordinal)];
}
