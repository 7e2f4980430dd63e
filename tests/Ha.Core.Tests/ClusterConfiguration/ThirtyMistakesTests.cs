using System.Text;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;

namespace Ha.Core.Tests.ClusterConfiguration;

/// <summary>One document with thirty mistakes of different kinds: each is told with its place.</summary>
public class ThirtyMistakesTests
{
    private const string Text = """
        {
          "optoins": { },
          "options": { "noQuorumPolicy": "stpo", "batchLimit": -1, "recheckInterval": "15", "symmetricCluster": "yes" },
          "nodes": [ { "name": "s1" }, { "name": "s9" }, { "name": "s1" } ],
          "resources": [
            { "id": "vip", "type": "builtin:vip",
              "parameters": { "address": "192.168.1.300", "prefix": "24" } },
            { "id": "vip2", "type": "builtin:vip",
              "parameters": { "address": "192.168.1.101", "prefix": "33", "nic": "eth0" } },
            { "id": "web server", "type": "systemd:nginx" },
            { "id": "db", "type": "ofc:heartbeat:pgsql" },
            { "id": "db", "type": "systemd:postgresql" },
            { "id": "mail", "type": "lsb:postfix", "parameters": { "config": "/etc/postfix" } },
            { "id": "app", "type": "systemd:app", "meta": { "migrationThreshold": -3 },
              "operations": [
                { "name": "start", "interval": "10s" }, { "name": "monitor", "timeout": 20 },
                { "name": "stop", "onFail": "restart" }
              ] }
          ],
          "groups": [
            { "id": "g1", "members": [ "vip", "app" ] },
            { "id": "g2", "members": [ "app", "ghost" ] },
            { "id": "mail", "members": [ "mail", "vip2", "g1" ] }
          ],
          "clones": [
            { "id": "c1", "resource": "mail" },
            { "id": "c2", "resource": "c1" }
          ],
          "locations": [
            { "id": "l1", "resource": "g1", "node": "s7", "score": 100 },
            { "id": "l2", "resource": "g1", "score": 1000000,
              "rule": { "calendar": { "hours": "8-25" } } }
          ],
          "colocations": [
            { "id": "l1", "resource": "g1", "with": "g1" }
          ],
          "orders": [
            { "id": "o1", "first": "vip2", "then": "db" },
            { "id": "o2", "first": "db", "then": "vip2" }
          ],
          "fencing": {
            "enabled": true,
            "devices": [ { "id": "f1", "agent": "fence_ipmilan", "plugs": { "s1": "1", "s2": "1" } } ],
            "levels": [ { "node": "s1", "index": 1, "devices": [ "f2" ] } ],
            "watchdog": { "timeout": "0s" }
          }
        }
        """;

    // Pointer, a part of what is wrong, a part of what to write instead.
    private static readonly (string Pointer, string Problem, string Advice)[] Expected =
    [
        ("/optoins", "[optoins] is not known here", "write `\"options\"`"),
        ("/options/noQuorumPolicy", "\"stpo\" is not one of the words known here", "write `\"stop\"`"),
        ("/options/batchLimit", "-1 is not a number that is allowed here", "from 1 to 1000"),
        ("/options/recheckInterval", "\"15\" is not a length of time", "`\"30s\"`"),
        ("/options/symmetricCluster", "\"yes\" is not true or false", "without quotes"),
        ("/resources/2/id", "\"web server\" is not an id", "without white space"),
        ("/resources/6/meta/migrationThreshold", "-3 is not a score", "from 0 to 999999"),
        ("/resources/6/operations/1/timeout", "20 is not a length of time", "`\"20s\"` or `\"20ms\"`"),
        ("/locations/1/score", "1000000 is not a score", "`\"INFINITY\"`"),
        ("/fencing/watchdog/timeout", "\"0s\" is not a time that is allowed here", "from 1s to 1h"),
        ("/nodes/1/name", "[s9] is not a node of ha.cf (s1, s2 are)", "write `\"s1\"`"),
        ("/nodes/2/name", "[s1] is named before, at /nodes/0", "in one place"),
        ("/resources/0/parameters/address", "[192.168.1.300] is not an address", "`\"address\": \"192.168.1.100\""),
        ("/resources/1/parameters/nic", "builtin:vip has no parameter [nic]", "address, prefix, interface"),
        ("/resources/1/parameters/prefix", "[33] is not a prefix length from 1 to 32", "`\"24\"`"),
        ("/resources/3/type", "there is no agent class [ofc]", "write `\"ocf:"),
        ("/resources/4/id", "[db] is the id of another resource, at /resources/3", "an id of its own"),
        ("/resources/5/parameters", "[lsb:postfix] takes no parameters", "remove them"),
        ("/resources/6/operations/0/interval", "start is not repeated", "`\"monitor\"`"),
        ("/resources/6/operations/2/onFail", "what cannot be stopped may run on", "`\"fence\"`"),
        ("/groups/1/members/0", "[app] is a member already, at /groups/0/members/1", "in one group only"),
        ("/groups/1/members/1", "there is no resource, group or clone [ghost]", "add it"),
        ("/groups/2/members/2", "[g1] is a group or clone, which cannot be in a group", "one by one"),
        ("/clones/0/resource", "[vip2] is an address, which only one node may have", "take the address out"),
        ("/clones/1/resource", "[c1] is a clone itself", "name the resource or group that it repeats"),
        ("/locations/0/node", "[s7] is not a node of ha.cf", "write `\"s1\"`"),
        ("/locations/1/rule/calendar/hours", "\"8-25\" is not between 0 and 23", "`\"0-23\"`"),
        ("/colocations/0/id", "[l1] is the id of another constraint, at /locations/0", "an id of its own"),
        ("/colocations/0", "[g1] is to be with itself", "two different resources"),
        ("/orders/1", "the order runs in a circle: vip2 -> db -> vip2", "remove one of the orders"),
        ("/fencing/devices/0/plugs/s2", "plug [1] is that of s1 already", "the plug that the node really hangs on"),
        ("/fencing/levels/0/devices/0", "there is no fence device [f2]", "write `\"f1\"`"),
    ];

    [Fact]
    public void EveryMistakeIsTold_WithItsPlaceAndWhatToWrite_AndNothingElse()
    {
        var reading = ConfigurationReader.Read(Encoding.UTF8.GetBytes(Text), Documents.Facts);

        Assert.True(Expected.Length >= 30);
        Assert.Equal(Expected.Select(one => one.Pointer).Order(StringComparer.Ordinal),
            reading.Findings.Where(finding => finding.Severity == FindingSeverity.Error)
                .Select(finding => finding.Pointer).Order(StringComparer.Ordinal));
        foreach (var (pointer, problem, advice) in Expected)
        {
            var finding = Assert.Single(reading.Findings, finding => finding.Pointer == pointer
                && finding.Severity == FindingSeverity.Error);
            Assert.Contains(problem, finding.Problem, StringComparison.Ordinal);
            Assert.Contains(advice, finding.Advice, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void NothingIsAdopted()
    {
        var before = Documents.Adopted();
        var hash = before.Current!.Hash;

        var reading = ConfigurationReader.Read(Encoding.UTF8.GetBytes(Text), Documents.Facts);

        Assert.Null(reading.Document);
        Assert.Null(reading.Active);
        Assert.Equal(hash, before.Current!.Hash);
        Assert.Single(before.Records);
    }
}
