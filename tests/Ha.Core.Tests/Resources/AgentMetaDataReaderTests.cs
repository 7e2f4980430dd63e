using Ha.Core.Resources;

namespace Ha.Core.Tests.Resources;

public sealed class AgentMetaDataReaderTests
{
    private const string Example = """
        <?xml version="1.0"?>
        <!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
        <resource-agent name="mount" version="2.3">
        <version>1.1</version>
        <longdesc lang="de">Lang.</longdesc>
        <longdesc lang="en">Mounts.
        A lot.</longdesc>
        <shortdesc lang="en">Mounts
          things</shortdesc>
        <parameters>
        <parameter name="device" unique="1" required="1">
          <shortdesc lang="en">block device</shortdesc><longdesc lang="en">The device.</longdesc>
          <content type="string"/>
        </parameter>
        <parameter name="tries" unique-group="x"><content type="integer" default="3"/></parameter>
        <parameter name="fast"><deprecated/><content type="boolean" default=""/></parameter>
        <parameter name="mode"><content type="select"><option value="ro"/><option value="rw"/></content></parameter>
        </parameters>
        <actions>
        <action name="start" timeout="60s"/>
        <action name="monitor" depth="0" timeout="40" interval="20s"/>
        <action name="monitor" depth="10" timeout="2m" interval="500ms" role="Promoted"/>
        <action name="stop" timeout="soon"/>
        </actions>
        </resource-agent>
        """;

    [Fact]
    public void Everything_IsRead()
    {
        var agent = Read(Example);

        Assert.Equal(("mount", "2.3", "Mounts things", "Mounts.\nA lot."),
            (agent.Name, agent.Version, agent.ShortDescription, agent.LongDescription));
        Assert.Equal(["device", "tries", "fast", "mode"], agent.Parameters.Select(static p => p.Name));
        var device = agent.Find("device")!;
        Assert.True(device.IsRequired && device.IsUnique && !device.IsDeprecated);
        Assert.Equal((AgentParameterKind.Text, null, "block device", "The device."),
            (device.Kind, device.Default, device.ShortDescription, device.LongDescription));
        Assert.Equal((AgentParameterKind.Integer, "3", false, true),
            (agent.Find("tries")!.Kind, agent.Find("tries")!.Default, agent.Find("tries")!.IsRequired,
                agent.Find("tries")!.IsUnique));
        Assert.True(agent.Find("fast")!.IsDeprecated);
        Assert.Equal(["ro", "rw"], agent.Find("mode")!.Choices.AsEnumerable());
        Assert.Equal<AgentAction>(
            [
                new AgentAction("start", TimeSpan.FromSeconds(60), null, 0, null),
                new AgentAction("monitor", TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(20), 0, null),
                new AgentAction("monitor", TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(500), 10, "Promoted"),
                new AgentAction("stop", null, null, 0, null),
            ],
            agent.Actions.AsEnumerable());
        Assert.Equal(TimeSpan.FromSeconds(40), agent.AdvisedTimeout("monitor"));
        Assert.Equal(TimeSpan.FromMinutes(2), agent.AdvisedTimeout("monitor", 10));
        Assert.Null(agent.AdvisedTimeout("monitor", 20));
        Assert.Null(agent.AdvisedTimeout("stop"));
        Assert.Null(agent.AdvisedTimeout("promote"));
    }

    [Fact]
    public void WordsAroundTheDocument_ArePassedOver() =>
        Assert.Equal("mount", Read($"warning: no lsblk\n{Example}\nsed: cannot read\n").Name);

    [Theory]
    [InlineData("", "holds no element 'resource-agent'")]
    [InlineData("usage: start|stop", "holds no element 'resource-agent'")]
    [InlineData("</resource-agent><resource-agent>", "holds no element")]
    [InlineData("<resource-agent></resource-agent>", "has no name")]
    [InlineData("<resource-agent name='x'><a></resource-agent>", "is no XML")]
    [InlineData("<resource-agent name='x'>&host;</resource-agent>", "is no XML")]
    public void WhatIsNoMetaData_IsRefusedWithAReason(string output, string reason)
    {
        var reading = AgentMetaDataReader.Read(output);

        Assert.Null(reading.MetaData);
        Assert.Contains(reason, reading.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ExternalAndExpandingEntities_AreNotFollowed()
    {
        // The DTD is left out unread: its entities do not exist then.
        var external = """
            <!DOCTYPE resource-agent [<!ENTITY secret SYSTEM "file:///etc/shadow">]>
            <resource-agent name="x"><longdesc>&secret;</longdesc></resource-agent>
            """;

        Assert.Null(AgentMetaDataReader.Read(external).MetaData);
    }

    [Fact]
    public void SizeDepthAndCounts_AreBounded()
    {
        string Agent(string inside) => $"<resource-agent name='x'>{inside}</resource-agent>";
        string Times(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

        Assert.Contains("deeper than", AgentMetaDataReader.Read(Agent(Times("<a>", 20) + Times("</a>", 20))).Problem,
            StringComparison.Ordinal);
        Assert.Contains("longer than", AgentMetaDataReader.Read(Agent(Times(" ", AgentMetaDataReader.MaxCharacters)))
            .Problem, StringComparison.Ordinal);
        Assert.Contains("more than 500", AgentMetaDataReader.Read(
            Agent("<parameters>" + Times("<parameter name='p'/>", 501) + "</parameters>")).Problem,
            StringComparison.Ordinal);
        Assert.Single(Read(Agent("<parameters>" + Times("<parameter name='p'/>", 500) + "</parameters>")).Parameters);
    }

    private static AgentMetaData Read(string output)
    {
        var reading = AgentMetaDataReader.Read(output);
        Assert.Null(reading.Problem);
        return reading.MetaData!;
    }
}
