using System.Text;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;
using Ha.Core.Time;

namespace Ha.Core.Tests.ClusterConfiguration;

public class ConfigurationReaderTests
{
    [Fact]
    public void EmptyDocument_IsAClusterWithoutResources()
    {
        var reading = Documents.Read("{}");

        Assert.Empty(reading.Findings);
        Assert.Empty(reading.Active!.Groups);
        Assert.Equal(["s1", "s2"], reading.Active.Model.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void DocumentThatCountsOnAWatchdog_IsRefusedWhereNobodyPetsOne()
    {
        var reading = ConfigurationReader.Read(
            Encoding.UTF8.GetBytes(Documents.Full), Documents.Facts with { HasWatchdog = false });

        Assert.Null(reading.Active);
        Assert.Equal("/fencing/watchdog", Assert.Single(reading.Findings).Pointer);
    }

    [Fact]
    public void FullDocument_CompilesToWhatItSays()
    {
        var active = Documents.Read(Documents.Full).Active!;

        Assert.Equal("3.1", active.Version.ToString());
        Assert.Equal(["vip", "v6", "data", "feeds", "old"], active.Groups.Select(group => group.Id));
        Assert.Equal(["s1", null, null, null, null], active.Groups.Select(group => group.PreferredNode));
        Assert.Equal([2, 1], active.Votes.ToArray());
        Assert.Equal((10, TimeSpan.FromMinutes(5)), (active.BatchLimit, active.RecheckInterval));
        Assert.Equal((NoQuorumPolicy.Freeze, "off", true, false), (active.Model.Options.NoQuorumPolicy,
            active.Model.Options.FencingAction, active.Model.Options.FencingEnabled,
            active.Model.Options.SymmetricCluster));
        var web = active.Groups[0].Resources[1];
        Assert.Equal(["a", "b"], web.Arguments.ToArray());
        Assert.Equal((5, 90, 120), (web.ProbeTimeout.TotalSeconds, web.StartTimeout.TotalSeconds,
            web.StopTimeout.TotalSeconds));
        var monitor = Assert.Single(web.Monitors);
        Assert.Equal((5, 4, 10), (monitor.Interval.TotalSeconds, monitor.Timeout.TotalSeconds, monitor.Depth));
        Assert.Equal(30, Assert.Single(active.Groups[1].Resources[0].Monitors).Timeout.TotalSeconds);
        Assert.Equal(["v6-feeds", "old-feeds"],
            active.Model.Colocations.Skip(1).Select(one => $"{one.Dependent}-{one.Primary}"));
        Assert.Equal(["data-vip", "feeds,v6-old"],
            active.Model.Orders.Select(one => $"{string.Join(',', one.First)}-{one.Then}"));
        var rule = active.Model.Locations[2].Rule!;
        Assert.True(rule.All);
        Assert.IsType<NodeCondition>(rule.Conditions[0]);
        Assert.IsType<CalendarCondition>(Assert.IsType<Rule>(rule.Conditions[2]).Conditions[0]);
        Assert.Equal(["ipmi1", "ipmi2"], active.Safety.Devices.Select(device => device.Id));
        Assert.True(active.Safety is { HasArbiter: true, WaitForAll: true, Watchdog: not null });
    }

    [Fact]
    public void WrittenAndReadAgain_IsTheSameText()
    {
        var document = Documents.Good(Documents.Full);
        var text = ConfigurationText.Write(document);
        var again = ConfigurationReader.Read(text, Documents.Facts);

        Assert.Equal(Encoding.UTF8.GetString(text), Encoding.UTF8.GetString(ConfigurationText.Write(again.Document!)));
        Assert.Equal(ConfigurationText.Hash(document), again.Active!.Hash);
    }

    [Theory]
    [InlineData("[]", "document: a list is not an object; write `{ ... }` with version, options")]
    [InlineData("{\"options\":{},\"options\":{}}", "/options: [options] stands here twice; leave one of them")]
    [InlineData("{\"options\":{\"no-quorum-policy\":\"stop\"}}", "write `\"noQuorumPolicy\"`")]
    [InlineData("{\"options\":{\"recheckInterval\":90}}", "write the unit, in quotes: `\"90s\"` or `\"90ms\"`")]
    [InlineData("{\"options\":{\"noQuorumPolicy\":\"fence\"}}", "/options/noQuorumPolicy: nodes are to be fenced")]
    [InlineData("{\"options\":{\"failback\":true},\"resourceDefaults\":{\"stickiness\":1}}",
        "/options/failback: failback and resourceDefaults.stickiness both say what staying is worth")]
    [InlineData("{\"nodes\":[{\"name\":\"s1\",\"attributes\":{\"standby\":\"on\"}}]}", "`\"standby\": true`")]
    [InlineData("{\"nodes\":[{\"name\":\"s1\",\"votes\":0},{\"name\":\"s2\",\"votes\":0}]}",
        "there would never be quorum")]
    [InlineData("{\"resources\":[{\"id\":\"a\"}]}", "/resources/0: [type] is missing; add `\"type\"`")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"builtin:vip\"}]}", "/resources/0/parameters: the address")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"builtin:vib\"}]}", "write `\"builtin:vip\"`")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"exec:run.sh\"}]}", "is not the path of a program")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"exec:/bin/../run\"}]}", "is not the path of a program")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"heartbeat:../run\"}]}", "cannot be the name of a script")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"ocf:Dummy\"}]}", "write `ocf:provider:type`")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"stonith:fence_sbd\"}]}", "write them at /fencing/devices")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"systemd:a\",\"meta\":{\"requires\":\"fencing\"}}]}",
        "fencing is required, but fencing is off")]
    [InlineData("{\"resources\":[{\"id\":\"a\",\"type\":\"systemd:a\",\"meta\":{\"failureTimeout\":\"30s\"}}]}",
        "its failure may be forgotten before it counts; write more than `\"60s\"`")]
    [InlineData("{\"resources\":[{\"id\":\"\\ud800\",\"type\":\"systemd:a\"}]}",
        "a text of broken escapes is not an id")]
    public void OneMistake_IsTold(string text, string expected) =>
        Assert.Contains(expected, Documents.Finding(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"address\":\"192.168.1.0\",\"prefix\":\"24\"", "the address of the network itself")]
    [InlineData("\"address\":\"10.0.0.1\",\"lease\":\"3s\"",
        "lease: [3s] is not a whole number of seconds from 0 to 3600; write for example `\"3\"`")]
    [InlineData("\"address\":\"224.0.0.1\"", "is not an address that a node can take")]
    [InlineData("\"address\":\"fd00:0::1\"", "write `\"fd00::1\"`")]
    [InlineData("\"address\":\"fd00::1\",\"label\":\"eth0:0\"", "IPv6 addresses have no label")]
    [InlineData("\"address\":\"10.0.0.1\",\"interface\":\"eth0:0\"", "is not an interface")]
    [InlineData("\"address\":\"10.0.0.1\",\"interface\":\"eth0\",\"label\":\"eth1:0\"", "write `\"eth0:0\"`")]
    [InlineData("\"address\":\"10.0.0.1\",\"label\":\"eth1:0\"", "a label needs its interface")]
    [InlineData("\"address\":\"10.0.0.1\",\"broadcast\":\"all\"", "is not a broadcast address")]
    [InlineData("\"address\":\"10.0.0.1\",\"prefix\":24", "write it in quotes: `\"24\"`")]
    public void OneMistakeInAnAddress_IsTold(string parameters, string expected) => Assert.Contains(expected,
        Documents.Finding(
            "{\"resources\":[{\"id\":\"v\",\"type\":\"builtin:vip\",\"parameters\":{" + parameters + "}}]}"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("\"groups\":[{\"id\":\"b\",\"members\":[\"a\",\"b\"]}]", "/groups/0/id: [b] is the id of a resource")]
    [InlineData("\"groups\":[{\"id\":\"g\",\"members\":[]}]", "/groups/0/members: the list is empty")]
    [InlineData("\"groups\":[{\"id\":\"g\",\"members\":[\"a\",\"a\"]}]", "[a] is a member already")]
    [InlineData("\"groups\":[{\"id\":\"g\",\"members\":[\"a\"]}],\"clones\":[{\"id\":\"k\",\"resource\":\"a\"}]",
        "/clones/0/resource: [a] is a member of group [g]; clone the group")]
    [InlineData("\"clones\":[{\"id\":\"k\",\"resource\":\"a\"},{\"id\":\"d\",\"resource\":\"a\"}]", "cloned before")]
    [InlineData("\"clones\":[{\"id\":\"k\",\"resource\":\"a\",\"cloneNodeMax\":2}]", "`\"globallyUnique\": true`")]
    [InlineData("\"locations\":[{\"id\":\"l\",\"resource\":\"a\",\"node\":\"s1\"}]", "/locations/0: it has no score")]
    [InlineData("\"locations\":[{\"id\":\"l\",\"resource\":\"a\",\"score\":1}]", "neither a node nor a rule")]
    [InlineData("\"locations\":[{\"id\":\"l\",\"resource\":\"A\",\"node\":\"s1\",\"score\":1}]", "write `\"a\"`")]
    [InlineData("\"locations\":[{\"id\":\"l\",\"resource\":\"a\",\"node\":\"s1\",\"scoreAttribute\":\"x\"}]",
        "a node has one score")]
    [InlineData("\"locations\":[{\"id\":\"l\",\"resource\":\"a\",\"score\":1,\"rule\":{\"attribute\":\"x\"}}]",
        "/locations/0/rule: attribute [x] is compared with nothing")]
    [InlineData("\"locations\":[{\"id\":\"l\",\"resource\":\"a\",\"score\":1,\"rule\":{}}]", "the rule says nothing")]
    [InlineData("\"locations\":[{\"id\":\"l\",\"resource\":\"a\",\"score\":1,"
        + "\"rule\":{\"calendar\":{\"hours\":\"9-8\"}}}]",
        "ends before it begins")]
    [InlineData("\"locations\":[{\"id\":\"l\",\"resource\":\"a\",\"score\":1,"
        + "\"rule\":{\"from\":\"2026-01-01T00:00:00\"}}]",
        "is not a moment; write date, time and offset from UTC")]
    [InlineData("\"colocations\":[{\"id\":\"k\",\"resource\":\"a\"}]", "it must name two resources, or sets")]
    [InlineData("\"colocations\":[{\"id\":\"c\",\"resource\":\"a\",\"with\":\"b\"},"
        + "{\"id\":\"d\",\"resource\":\"b\",\"with\":\"a\",\"score\":\"-INFINITY\"}]",
        "/colocations/1: [b] and [a] must be apart, but a group or other colocations keep them together")]
    [InlineData("\"groups\":[{\"id\":\"g\",\"members\":[\"a\",\"b\"]}],"
        + "\"colocations\":[{\"id\":\"d\",\"resource\":\"b\",\"with\":\"g\",\"score\":1}]",
        "[b] and [g] are the same, or one contains the other")]
    [InlineData("\"groups\":[{\"id\":\"g\",\"members\":[\"a\",\"b\"]}],"
        + "\"orders\":[{\"id\":\"o\",\"first\":\"b\",\"then\":\"a\"}]",
        "/orders/0: the order runs in a circle: a -> b -> a")]
    [InlineData("\"orders\":[{\"id\":\"o\",\"first\":\"a\",\"then\":\"a\"}]", "[a] is to come after itself")]
    [InlineData("\"orders\":[{\"id\":\"o\",\"first\":\"a\",\"then\":\"b\",\"sets\":[{\"resources\":[\"c\"]}]}]",
        "it must name two resources, or sets")]
    [InlineData("\"orders\":[{\"id\":\"o\",\"kind\":\"serialize\",\"sets\":[{\"resources\":[\"a\",\"b\",\"a\"]}]}]",
        "[a] is named before")]
    [InlineData("\"fencing\":{\"enabled\":true}", "/fencing: fencing is on, but there is neither a device nor")]
    [InlineData("\"fencing\":{\"devices\":[{\"id\":\"f\",\"agent\":\"fence_x\",\"plugs\":{\"s1\":\"1\"}}]}",
        "/fencing/devices: no device can fence s2")]
    [InlineData("\"fencing\":{\"watchdog\":{\"timeout\":\"15s\"},\"authorityValidity\":\"3s\"}",
        "/fencing/watchdog/timeout: a node that lost its authority may run on for")]
    [InlineData("\"fencing\":{\"arbiter\":{\"endpoints\":[\"192.168.1.9\"]}}", "is not an address of etcd")]
    [InlineData("\"fencing\":{\"takeoverDelay\":\"20s\"}", "without a watchdog no lost node fences itself")]
    public void OneMistakeAroundThreeResources_IsTold(string more, string expected) =>
        Assert.Contains(expected, Documents.Finding(Documents.With("a b c", more)), StringComparison.Ordinal);

    [Fact]
    public void LongCircle_IsTold_AtTheOrderThatClosesIt()
    {
        var ids = Enumerable.Range(0, 1500).Select(number => $"r{number}").ToList();
        var orders = ids.Select((id, number) =>
            $$"""{"id":"o{{number}}","first":"{{id}}","then":"{{ids[(number + 1) % ids.Count]}}"}""");
        var text = Documents.With(string.Join(' ', ids), $"\"orders\":[{string.Join(",", orders)}]");

        Assert.StartsWith("/orders/1499: the order runs in a circle: r0 -> r1 -> r2", Documents.Finding(text),
            StringComparison.Ordinal);
    }

    [Fact]
    public void GroupWithTheIdOfItsFirstMember_IsMeantByConstraints()
    {
        var active = Documents.Read(Documents.With("a b",
            "\"groups\":[{\"id\":\"a\",\"members\":[\"a\",\"b\"]}],"
            + "\"locations\":[{\"id\":\"l\",\"resource\":\"a\",\"node\":\"s2\",\"score\":\"INFINITY\"}]")).Active!;

        var group = Assert.Single(active.Groups);
        Assert.Equal(("a", "s2"), (group.Id, group.PreferredNode));
        Assert.Equal(["a", "b"], group.Resources.Select(resource => resource.Id));
    }

    [Theory]
    [InlineData("", "it is not JSON: line 1, byte 1")]
    [InlineData("{\n  \"options\": {},\n}", "it is not JSON: line 3, byte 1")]
    [InlineData("{ // comment\n}", "it is not JSON: line 1, byte 3")]
    public void WhatIsNoJson_IsToldWithItsLine(string text, string expected) =>
        Assert.Contains(expected, Documents.Finding(text), StringComparison.Ordinal);

    [Fact]
    public void Size_Depth_AndNumberOfFindings_AreBounded()
    {
        var large = Encoding.UTF8.GetBytes("{" + new string(' ', ConfigurationReader.MaxBytes) + "}");
        Assert.Contains("more than 4 MiB",
            Assert.Single(ConfigurationReader.Read(large, Documents.Facts).Findings).Problem, StringComparison.Ordinal);

        var deep = string.Concat(Enumerable.Repeat("{\"rule\":", 40)) + "1" + new string('}', 40);
        Assert.Contains("depth", Documents.Finding(deep), StringComparison.Ordinal);

        var many = $"{{{string.Join(",", Enumerable.Range(0, 200_000).Select(number => $"\"x{number}\":1"))}}}";
        var findings = Documents.Read(many).Findings;
        Assert.Equal(1001, findings.Length);
        Assert.Contains("more than 1000 findings", findings[^1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNoUtf8_IsTold()
    {
        var reading = ConfigurationReader.Read(new byte[] { (byte)'{', 0xFF, (byte)'}' }, Documents.Facts);

        Assert.Equal("it is not UTF-8", Assert.Single(reading.Findings).Problem);
    }

    [Fact]
    public void FiveThousandMutations_AreReadOrRefused_NeverThrown()
    {
        var random = new SplitMix64(7);
        var good = Encoding.UTF8.GetBytes(Documents.Full);
        var read = 0;
        for (var round = 0; round < 5_000; round++)
        {
            var text = good.ToArray();
            for (var change = 0; change <= (int)(random.Next() % 3); change++)
            {
                var from = (int)(random.Next() % (ulong)good.Length);
                var length = Math.Min((int)(random.Next() % 12), good.Length - from);
                good.AsSpan(from, length).CopyTo(text.AsSpan((int)(random.Next() % (ulong)(text.Length - length + 1))));
            }

            var reading = ConfigurationReader.Read(text, Documents.Facts);
            Assert.Equal(reading.Document is null,
                reading.Findings.Any(finding => finding.Severity == FindingSeverity.Error));
            if (reading.Document is not null) read++;
        }

        Assert.InRange(read, 25, 4_900);
    }

    [Theory]
    [InlineData("0s", 0, "0s")]
    [InlineData("1500ms", 1500, "1500ms")]
    [InlineData("60s", 60_000, "60s")]
    [InlineData("15min", 900_000, "15min")]
    [InlineData("120min", 7_200_000, "2h")]
    [InlineData("1m", -1, "")]
    [InlineData("-1s", -1, "")]
    [InlineData("01s", -1, "")]
    [InlineData("9000h", -1, "")]
    [InlineData("s", -1, "")]
    public void Durations(string text, int milliseconds, string shown)
    {
        var time = DurationText.TryParse(text);

        Assert.Equal(milliseconds < 0 ? null : TimeSpan.FromMilliseconds(milliseconds), time);
        if (time is { } value) Assert.Equal(shown, DurationText.Show(value));
    }
}
