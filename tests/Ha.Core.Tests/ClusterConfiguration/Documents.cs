using System.Collections.Immutable;
using System.Text;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Configuration;

namespace Ha.Core.Tests.ClusterConfiguration;

/// <summary>A two-node cluster, a document that uses everything, and short ways to read one.</summary>
internal static class Documents
{
    public const string Full = """
        {
          "version": { "epoch": 3, "update": 1 },
          "options": {
            "noQuorumPolicy": "freeze", "symmetricCluster": false, "maintenanceMode": false, "stopAllResources": false,
            "startFailureIsFatal": false, "stopOrphanResources": false, "stopOrphanActions": false,
            "startupProbes": true, "failback": false, "recheckInterval": "5min", "batchLimit": 10
          },
          "nodes": [
            { "name": "s1", "attributes": { "site": "north", "memory": "64" }, "standby": false, "votes": 2 },
            { "name": "s2", "attributes": { "site": "south" }, "maintenance": true }
          ],
          "resourceDefaults": { "migrationThreshold": 3, "failureTimeout": "10min" },
          "operationDefaults": { "timeout": "30s", "onFail": "restart" },
          "resources": [
            {
              "id": "vip", "type": "builtin:vip",
              "parameters": { "address": "192.168.1.100", "prefix": "24", "interface": "eth0", "label": "eth0:0" },
              "meta": {
                "priority": 10, "stickiness": 200, "targetRole": "started", "isManaged": true, "maintenance": false,
                "multipleActive": "stopUnexpected", "critical": true, "requires": "fencing"
              }
            },
            {
              "id": "web", "type": "heartbeat:haproxy", "arguments": [ "a", "b" ],
              "operations": [
                { "name": "probe", "timeout": "5s" }, { "name": "start", "timeout": "90s", "onFail": "block" },
                { "name": "stop", "timeout": "2min", "onFail": "fence" },
                { "name": "monitor", "interval": "5s", "timeout": "4s", "depth": 10 },
                { "name": "monitor", "interval": "11s", "role": "stopped", "enabled": false }
              ]
            },
            { "id": "v6", "type": "builtin:vip", "parameters": { "address": "fd00::100", "prefix": "64" } },
            { "id": "fs", "type": "ocf:heartbeat:Filesystem", "parameters": { "device": "/dev/sdb1" } },
            { "id": "db", "type": "systemd:postgresql" },
            { "id": "feed", "type": "exec:/usr/local/sbin/feed", "arguments": [ "--fast" ] },
            { "id": "old", "type": "lsb:old" }
          ],
          "groups": [
            { "id": "vip", "members": [ "vip", "web" ], "meta": { "priority": 5 } },
            { "id": "data", "members": [ "fs", "db" ] }
          ],
          "clones": [
            {
              "id": "feeds", "resource": "feed", "cloneMax": 4, "cloneNodeMax": 2, "globallyUnique": true,
              "interleave": true, "meta": { "priority": 1 }
            }
          ],
          "locations": [
            { "id": "vip-s1", "resource": "vip", "node": "s1", "score": 100 },
            { "id": "data-s2", "resource": "data", "node": "s2", "score": "-INFINITY", "discovery": "never" },
            {
              "id": "db-north", "resource": "v6", "scoreAttribute": "memory",
              "rule": {
                "all": [
                  { "attribute": "site", "value": "north" },
                  { "attribute": "memory", "comparison": "greaterOrEqual", "value": "32", "valueKind": "integer" },
                  { "any": [
                    { "calendar": { "weekDays": "1-5", "hours": "8-17", "years": "2026-" } },
                    { "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00+01:00" },
                    { "attribute": "night", "comparison": "defined" }
                  ] }
                ]
              }
            }
          ],
          "colocations": [
            { "id": "vip-data", "resource": "vip", "with": "data", "score": "INFINITY", "influence": false },
            {
              "id": "apart", "score": -500, "nodeAttribute": "site",
              "sets": [
                { "resources": [ "v6", "old" ], "sequential": false },
                { "resources": [ "feeds" ], "score": 10 }
              ]
            }
          ],
          "orders": [
            {
              "id": "data-vip", "first": "data", "firstAction": "start", "then": "vip", "thenAction": "start",
              "kind": "mandatory", "symmetrical": true, "requireAll": true
            },
            {
              "id": "sets", "kind": "optional",
              "sets": [
                { "resources": [ "feeds", "v6" ], "sequential": false, "requireAll": false, "action": "start" },
                { "resources": [ "old" ] }
              ]
            }
          ],
          "fencing": {
            "enabled": true, "action": "off", "startupFencing": true,
            "devices": [
              {
                "id": "ipmi1", "agent": "fence_ipmilan", "parameters": { "ip": "10.0.0.1", "password": "x" },
                "plugs": { "s1": "1" }, "timeout": "30s", "delay": "10s"
              },
              { "id": "ipmi2", "agent": "fence_ipmilan", "plugs": { "s2": "1" } }
            ],
            "levels": [ { "node": "s1", "index": 1, "devices": [ "ipmi1" ] } ],
            "watchdog": { "timeout": "2s", "resetLatency": "1s" },
            "arbiter": { "endpoints": [ "https://192.168.1.9:2379" ], "lease": "15s" },
            "authorityValidity": "3s", "takeoverDelay": "20s", "waitForAll": true, "unprotectedTakeover": "veto"
          },
          "checks": [
            {
              "id": "site", "type": "http", "parameters": { "url": "https://www.example.org/", "address": "10.0.0.9" },
              "interval": "3s", "timeout": "2s", "rise": 1, "fall": 5, "startAs": "healthy", "holdDown": "1min",
              "nodes": [ "s1", "s2" ], "where": "active", "effect": { "group": "vip" }
            },
            {
              "id": "disk", "type": "exec", "parameters": { "path": "/usr/local/bin/disk" }, "arguments": [ "-w" ],
              "effect": { "attribute": "disk", "healthy": "yes", "unhealthy": "no" }
            }
          ]
        }
        """;

    public static ClusterFacts Facts { get; } =
        new(["s1", "s2"], TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));

    public static DateTimeOffset Now { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static ConfigurationReading Read(string text) =>
        ConfigurationReader.Read(Encoding.UTF8.GetBytes(text), Facts);

    /// <summary>A document without errors.</summary>
    public static ConfigurationDocument Good(string text)
    {
        var reading = Read(text);
        Assert.True(reading.Document is not null, string.Join("\n", reading.Findings));
        return reading.Document;
    }

    /// <summary>A document with one resource of each id, and what else is given.</summary>
    public static string With(string resources, string more = "") =>
        "{\"resources\":["
        + string.Join(",", resources.Split(' ').Select(id => $$"""{"id":"{{id}}","type":"systemd:{{id}}"}"""))
        + $"]{(more.Length > 0 ? "," + more : "")}}}";

    /// <summary>The only finding, as text.</summary>
    public static string Finding(string text) => Assert.Single(Read(text).Findings).ToString();

    /// <summary>A history with version 1.0 of two resources.</summary>
    public static ConfigurationHistory Adopted() => ConfigurationHistory.Empty.Adopt(
        Good(With("a b", "\"version\":{\"epoch\":1,\"update\":0}")), "setup", Now, "first");

    public static ImmutableArray<byte> Bytes(ConfigurationDocument document) => [.. ConfigurationText.Write(document)];
}
