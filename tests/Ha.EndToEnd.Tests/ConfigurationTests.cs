using System.Text.Json.Nodes;
using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The cluster configuration between real agents, while clients are served.</summary>
public sealed class ConfigurationTests(ITestOutputHelper output) : ClusterStory(output)
{
    private const string File = "/run/new.json";

    [Fact]
    public void DocumentGivenToAnyNode_IsAdoptedByAll_AndByTheOneThatWasAway_AndNoClientNotices()
    {
        BuildAndServe(Calm, nodes: 3);
        var began = LabClock.Now;
        S3.StopAgent();
        WaitUntil(() => S1.View("s3") is { State: NodeState.Left }, "s3 does not leave");

        S2.Node.Write(File, WithPriority(S2, 7));
        AssertDone(S2.Cli("config", "set", File, "--reason", "the address matters most", "--wait"));
        WaitUntil(() => IsAt(S1, "2.0") && IsAt(S2, "2.0"), "the document does not reach both");
        Assert.Equal(S1.Cli("config", "show").Output, S2.Cli("config", "show").Output);
        Assert.Contains("the address matters most", S1.Cli("config", "history").Output, StringComparison.Ordinal);

        // Made from a version that is not the present one any more: refused, and nothing changes.
        S1.Node.Write(File, S2.Node.Read(File));
        var stale = S1.Cli("config", "set", File, "--expect", "1.0", "--wait");
        Assert.True(stale.ExitCode == 4, $"exit code {stale.ExitCode}: {stale.Output}{stale.Error}");
        WaitUntil(() => IsAt(S1, "2.0"), "s1 runs another version");

        S3.StartAgent();
        WaitUntil(() => IsAt(S3, "2.0"), "the node that was away does not get the document");
        AssertDone(S3.Cli("config", "rollback", "1.0", "--wait"));
        WaitUntil(() => Cluster.Nodes.All(node => IsAt(node, "3.0")), "the earlier version does not come back");
        Assert.DoesNotContain("\"priority\": 7", S1.Cli("config", "show").Output, StringComparison.Ordinal);
        AssertServedAllTheTime(began);
    }

    private static bool IsAt(HaNode node, string version) =>
        node.Snapshot is { Transition: null } now && now.ConfigurationVersion == version;

    private static void AssertDone(CommandResult result) =>
        Assert.True(result.ExitCode == 0, result.Output + result.Error);

    private static string WithPriority(HaNode node, int priority)
    {
        var document = JsonNode.Parse(node.Cli("config", "show").Output)!;
        var address = document["resources"]!.AsArray()
            .Single(one => one!["type"]!.GetValue<string>() == "builtin:vip")!;
        var meta = address["meta"]?.AsObject() ?? [];
        meta["priority"] = priority;
        address["meta"] = meta;
        return document.ToJsonString();
    }
}
