using System.Collections.Immutable;
using System.Text.Json;
using Ha.Core.Contracts;
using Ha.Core.Transitions;
using static Ha.Core.Tests.Engine.HaproxyCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>Operators take servers of an HAProxy out of traffic, and the cluster remembers it.</summary>
public sealed class ServerIntentStories
{
    [Fact]
    public void ServerIsDrained_BothNodesAreTold_AndTheOperationEnds()
    {
        var cluster = Warm();
        Drain(cluster, "s2", "app/one");

        cluster.RunUntil(() => cluster["s1"].Applied.Any(HasIntents) && cluster["s2"].Applied.Any(HasIntents), Long);
        cluster.RunUntil(() => cluster["s2"].Snapshot.Operations[0].State == OperationState.Succeeded, Long);

        foreach (var name in cluster.Names)
        {
            var intent = Assert.Single(cluster[name].Applied[^1].Intents);
            Assert.Equal(("app", "one", HaproxyServerAdmin.Drain, "anna", "tried out"),
                (intent.Backend, intent.Server, intent.State!.Value, intent.Actor, intent.Reason));
            Assert.Equal(intent, Assert.Single(Resource(cluster[name].Snapshot).ServerIntents!.Value));
            Assert.Equal(intent, Assert.Single(cluster[name].Intents.ServersOf(Haproxy)));
        }

        Assert.Contains(cluster["s2"].Events, one => one.Kind == EventKind.CommandReceived
            && one.Sentence == "anna asks: set app/one of haproxy to drain (tried out)");
    }

    [Fact]
    public void NodeStartsHaproxyAgain_IsToldAgain()
    {
        var cluster = Warm();
        Drain(cluster, "s1", "app/one");
        cluster.Run(Second);
        cluster["s1"].Applied.Clear();
        cluster["s2"].Applied.Clear();
        cluster["s1"].TakeAway(Haproxy);

        cluster.RunUntil(() => cluster["s1"].Runs(Haproxy), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);

        Assert.Single(Assert.Single(cluster["s1"].Applied).Intents);
        Assert.Empty(cluster["s2"].Applied);
    }

    [Fact]
    public void AgentIsKilledAndStartsAgain_FindsHaproxyRunning_TellsItFromDiskAtOnce()
    {
        var cluster = Warm();
        Drain(cluster, "s1", "app/one");
        cluster.Run(Second);
        cluster["s2"].KillAgent();
        cluster["s2"].Applied.Clear();
        cluster["s2"].Start();

        cluster.RunUntil(() => cluster["s2"].Applied.Count > 0, Long);
        Assert.Single(cluster["s2"].Applied[0].Intents);
    }

    [Fact]
    public void ColdTakeover_TheNewOwnerIsToldAfterItsStart()
    {
        var cluster = Cold();
        Drain(cluster, "s1", "app/one");
        cluster.Run(Second);
        cluster["s2"].Applied.Clear();
        cluster["s1"].PowerOff();

        cluster.RunUntil(() => cluster["s2"].Runs(Haproxy), Long);
        cluster.Run(Second);
        Assert.Equal("one", Assert.Single(Assert.Single(cluster["s2"].Applied).Intents).Server);
    }

    [Fact]
    public void StateAndWeightAreKeptApart_ReadyAndTheConfiguredWeightTakeThemBack()
    {
        var cluster = Warm();
        Set(cluster, new ServerChange { Backend = "app", Server = "one", Weight = 10 });
        Set(cluster, new ServerChange { Backend = "app", Server = "one", State = HaproxyServerAdmin.Maintenance });
        Assert.Equal(("app/one", HaproxyServerAdmin.Maintenance, 10), Only(cluster));

        Set(cluster, new ServerChange { Backend = "app", Server = "one", State = HaproxyServerAdmin.Ready });
        Assert.Equal(("app/one", null, 10), Only(cluster));

        Set(cluster, new ServerChange { Backend = "app", Server = "one", ConfiguredWeight = true });
        Assert.Empty(cluster["s1"].Intents.Servers);
        Assert.Empty(cluster["s2"].Applied[^1].Intents);
    }

    [Fact]
    public void DrainForAMinute_EndsByItself_AlsoUnderANewCoordinator()
    {
        var cluster = Warm();
        Set(cluster, new ServerChange { Backend = "app", Server = "two", Weight = 10 });
        Set(cluster, new ServerChange
        {
            Backend = "app", Server = "two", State = HaproxyServerAdmin.Drain,
            Until = cluster.Clock.Wall + TimeSpan.FromMinutes(1),
        });
        cluster["s1"].PowerOff();
        cluster.Run(TimeSpan.FromSeconds(50));
        Assert.Equal(HaproxyServerAdmin.Drain, cluster["s2"].Intents.ServersOf(Haproxy)[0].State);

        cluster.RunUntil(() => cluster["s2"].Intents.ServersOf(Haproxy)[0].State is null, TimeSpan.FromSeconds(15));

        Assert.Equal(10, Assert.Single(cluster["s2"].Applied[^1].Intents).Weight);
        Assert.Equal("the time of drain of app/two of haproxy, asked for by anna, is over: it is as configured again",
            Assert.Single(cluster["s2"].Events, one => one.Kind == EventKind.ServerIntentEnded).Sentence);
    }

    [Theory]
    [InlineData("nginx", "app", "one", 1, RejectionCode.UnknownResource,
        "there is no resource nginx; of type builtin:haproxy there are haproxy")]
    [InlineData("address", "app", "one", 1, RejectionCode.WrongResourceType,
        "address is of type builtin:vip: only servers of builtin:haproxy can be set; there are haproxy")]
    [InlineData("haproxy", "app", "one", 257, RejectionCode.Malformed,
        "257 is no weight: write a whole number from 0 to 256")]
    [InlineData("haproxy", "app", "one", -1, RejectionCode.Malformed,
        "-1 is no weight: write a whole number from 0 to 256")]
    [InlineData("haproxy", "app", "one;shutdown", 1, RejectionCode.Malformed,
        "the name of the server may consist of letters, digits, '-', '_', '.' and ':' only")]
    [InlineData("haproxy", "", "one", 1, RejectionCode.Malformed,
        "the name of the backend must have 1 to 128 characters")]
    [InlineData("haproxy", "app", "one", null, RejectionCode.Malformed,
        "a change of a server needs a state or a weight")]
    public void WhatCannotBeDone_IsRefusedWithASentence(
        string resource, string backend, string server, int? weight, RejectionCode code, string sentence)
    {
        var cluster = Warm();
        cluster["s2"].Ask(Ask(CommandKind.SetServer) with
        {
            Server = new ServerChange { Resource = resource, Backend = backend, Server = server, Weight = weight },
        });

        var rejection = cluster["s2"].LastAnswer!.Rejection!;
        Assert.Equal((code, sentence), (rejection.Code, rejection.Detail));
        Assert.Empty(cluster["s2"].Intents.Servers);
    }

    [Fact]
    public void TimeThatHasPassed_NoServer_AndOneTooMany_AreRefused()
    {
        var cluster = Warm();
        cluster["s1"].Ask(Ask(CommandKind.SetServer) with
        {
            Server = new ServerChange
            {
                Backend = "app", Server = "one", State = HaproxyServerAdmin.Drain, Until = cluster.Clock.Wall,
            },
        });
        Assert.Equal(RejectionCode.Malformed, cluster["s1"].LastAnswer!.Rejection!.Code);
        cluster["s1"].Ask(Ask(CommandKind.SetServer));
        Assert.Equal(RejectionCode.Malformed, cluster["s1"].LastAnswer!.Rejection!.Code);
        for (var server = 0; server < ServerIntent.MaxInCluster; server++) Drain(cluster, "s1", $"app/{server}");
        Assert.Equal(ServerIntent.MaxInCluster, cluster["s1"].Intents.ServersOf(Haproxy).Length);

        cluster["s1"].Ask(Draining("app/more"));
        Assert.Equal(RejectionCode.TooManyIntents, cluster["s1"].LastAnswer!.Rejection!.Code);
        cluster["s1"].Ask(Draining("app/5") with { Reason = "again" });
        Assert.Null(cluster["s1"].LastAnswer!.Rejection);
        cluster.RunUntil(() => cluster["s2"].Intents.SameAs(cluster["s1"].Intents), Long);
    }

    [Fact]
    public void IntentsSurviveTheDisk_AndAnOlderFileHasNone()
    {
        var intents = ClusterIntents.None with
        {
            Servers = ClusterIntents.None.Servers.Add(Haproxy,
            [
                new ServerIntent
                {
                    Backend = "app", Server = "one", State = HaproxyServerAdmin.Maintenance, Weight = 3,
                    Actor = "anna", Reason = "", At = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.UnixEpoch,
                },
            ]),
        };
        var text = JsonSerializer.Serialize(intents, HaJson.Default.ClusterIntents);
        var read = JsonSerializer.Deserialize(text, HaJson.Default.ClusterIntents)!;

        Assert.True(intents.SameAs(read), text);
        Assert.False(intents.SameAs(ClusterIntents.None));
        var old = text.Replace("\"servers\":", "\"unknown\":", StringComparison.Ordinal);
        Assert.Empty(JsonSerializer.Deserialize(old, HaJson.Default.ClusterIntents)!.Servers);
    }

    private static bool HasIntents((Time.MonotonicTime At, string Resource, ImmutableArray<ServerIntent> Intents) one) =>
        one.Resource == Haproxy && one.Intents.Length > 0;

    private static ResourceSnapshot Resource(ClusterSnapshot snapshot) =>
        snapshot.Groups.SelectMany(group => group.Resources).Single(one => one.Id == Haproxy);

    private static (string, HaproxyServerAdmin?, int?) Only(StoryCluster cluster)
    {
        var intent = Assert.Single(cluster["s2"].Intents.ServersOf(Haproxy));
        return ($"{intent.Backend}/{intent.Server}", intent.State, intent.Weight);
    }

    private static OperatorCommand Draining(string server) => Ask(CommandKind.SetServer) with
    {
        Server = new ServerChange
        {
            Backend = server.Split('/')[0], Server = server.Split('/')[1], State = HaproxyServerAdmin.Drain,
        },
    };

    private static void Drain(StoryCluster cluster, string node, string server)
    {
        cluster[node].Ask(Draining(server));
        Assert.Null(cluster[node].LastAnswer!.Rejection);
        cluster.Run(TimeSpan.FromMilliseconds(20));
    }

    private static void Set(StoryCluster cluster, ServerChange change)
    {
        cluster["s2"].Ask(Ask(CommandKind.SetServer) with { Server = change });
        Assert.Null(cluster["s2"].LastAnswer!.Rejection);
        cluster.Run(Second);
    }
}
