using System.Collections.Immutable;
using Ha.Agent.Haproxy;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Tests.Haproxy;

/// <summary>What a real HAProxy tells of itself, and what operators want of its servers.</summary>
public sealed class HaproxyStatusTests : IDisposable
{
    private readonly HaproxyBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void RunningOne_TellsProcessFrontendsBackendsAndServers()
    {
        bench.Run(OperationKind.Start);
        bench.Request();
        bench.Request("/bad");

        var status = bench.Status();

        Assert.Equal((HaproxyBench.Id, "s1", true, null), (status.Resource, status.Node, status.IsRunning, status.Problem));
        Assert.Equal((bench.Config, null, true),
            (status.Configuration.Path, status.Configuration.Problem, status.Configuration.IsLoaded));
        Assert.StartsWith("2.", status.Process!.Version, StringComparison.Ordinal);
        Assert.Equal(bench.Processes.Order(), new[] { status.Process.MasterPid, status.Process.Pid }.Order());
        Assert.Equal((200, "HAProxy"), (status.Process.MaxConnections, status.Process.Raw["Name"]));
        var frontend = Assert.Single(status.Frontends);
        Assert.Equal(("web", "http", "OPEN"), (frontend.Name, frontend.Mode, frontend.Status));
        Assert.Equal((2, 1, 1), (frontend.Traffic.RequestsTotal, frontend.Traffic.Responses[1], frontend.Traffic.Responses[4]));
        var backend = Assert.Single(status.Backends);
        Assert.Equal(("app", "http", "roundrobin", true),
            (backend.Name, backend.Mode, backend.Algorithm, backend.IsUp));
        Assert.Equal(["a", "b"], backend.Servers.Select(static one => one.Name));
        Assert.Equal((HaproxyServerState.Unchecked, HaproxyServerAdmin.Ready, 100, "127.0.0.1:9001", null),
            (backend.Servers[0].State, backend.Servers[0].Admin, backend.Servers[0].Weight, backend.Servers[0].Address,
                backend.Servers[0].Check));
        Assert.NotNull(backend.Servers[1].Check);
    }

    [Fact]
    public void WantsOfOperators_HoldAfterReloadAndRestart_AndEndWhenTheyAreGone()
    {
        bench.Run(OperationKind.Start);
        Want(Intent("a", HaproxyServerAdmin.Maintenance, null), Intent("b", HaproxyServerAdmin.Drain, 7));
        Wait.Until(IsAsWanted, "they are applied", 50);

        Assert.Null(bench.Reload());
        Assert.True(IsAsWanted(), "after a reload");
        bench.Run(OperationKind.Stop);
        bench.Run(OperationKind.Start);
        Assert.True(IsAsWanted(), "after a restart");

        bench.Signal(bench.Status().Process!.MasterPid, 12);
        Wait.Until(() => bench.Processes.Length == 2 && bench.Status().Process is not null && IsAsWanted(),
            "after a reload by hand", 50);

        Want();
        Wait.Until(() => Servers() is [{ Admin: HaproxyServerAdmin.Ready }, { Admin: HaproxyServerAdmin.Ready, UserWeight: 50 }],
            "as configured", 50);
        Assert.DoesNotContain(bench.Posted, static one => one is ShellReported or ResourceDisturbed);
    }

    [Fact]
    public void ServerThatHaproxyDoesNotKnow_IsToldOnce()
    {
        bench.Run(OperationKind.Start);
        Want(Intent("nobody", HaproxyServerAdmin.Drain, null), Intent("a", HaproxyServerAdmin.Drain, null));
        var told = bench.Await<ShellReported>(static one => one.Kind == EventKind.ServerIntentFailed, "it is told");
        Assert.Equal("HAProxy web on s1 does not do what operators want of its servers: "
            + "'set server app/nobody state drain': No such server.", told.Sentence);

        Assert.Null(bench.Reload());

        Assert.Equal(HaproxyServerAdmin.Drain, Servers()[0].Admin);
        Assert.Single(bench.Posted.OfType<ShellReported>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Name: HAProxy\nPid: -99999999999999999999\n\n# pxname,svname\n,,,\nweb\n\"unended,x\n\n1\n# be_id \n3\n")]
    [InlineData("# pxname,svname,status,type,weight,uweight,new_column\nb,s,SLEEPING,2,99999999999999,x,y\nb,BACKEND,UP,1\n")]
    [InlineData("\0\0\0,,,\n# pxname,\n# pxname,\n\n\n")]
    public void DamagedOrUnknownText_IsReadAsFarAsItGoes(string text)
    {
        var status = StatusText.Read(text, 1, new HaproxyStatus
        {
            Resource = "web", Node = "s1", At = default, IsRunning = true, Configuration = new("/x", null, null, null),
        });

        Assert.All(status.Backends, static backend => Assert.All(backend.Servers, static server =>
            Assert.Equal((HaproxyServerState.Unknown, "SLEEPING", int.MaxValue), (server.State, server.Status, server.Weight))));
        Assert.True(status.Process is null or { Pid: 0, Version: "" });
    }

    [Fact]
    public void QuotedTexts_AndStatesOfServers_AreRead()
    {
        const string text = """"
            # pxname,svname,status,type,check_status,last_chk,check_code,lastsess,
            b,one,UP 1/3,2,* L7OK,"OK, ""fine""",200,-1,
            b,two,MAINT (via b/one),2,,,,5,
            b,three,DOWN (agent),2,L4CON,,,-1,
            b,four,no check,2,,,,-1,
            b,BACKEND,DOWN,1,,,,-1,

            1
            # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state
            3 b 1 one 10.0.0.1 2 8
            3 b 3 three 10.0.0.1 2 1
            """";

        var servers = StatusText.Read(text, 1, new HaproxyStatus
        {
            Resource = "web", Node = "s1", At = default, IsRunning = true, Configuration = new("/x", null, null, null),
        }).Backends.Single().Servers;

        Assert.Equal(
            [
                (HaproxyServerState.Up, HaproxyServerAdmin.Drain), (HaproxyServerState.Maintenance, HaproxyServerAdmin.Maintenance),
                (HaproxyServerState.Down, HaproxyServerAdmin.Maintenance), (HaproxyServerState.Unchecked, HaproxyServerAdmin.Ready),
            ],
            servers.Select(static one => (one.State, one.Admin)));
        Assert.Equal(("L7OK", "OK, \"fine\"", 200), (servers[0].Check!.Result, servers[0].Check!.Detail, servers[0].Check!.Code));
        Assert.Equal([null, 5, null, null], servers.Select(static one => one.LastSessionSeconds));
    }

    private static ServerIntent Intent(string server, HaproxyServerAdmin? state, int? weight) => new()
    {
        Backend = "app", Server = server, State = state, Weight = weight, Actor = "test", Reason = "", At = default,
    };

    private void Want(params ImmutableArray<ServerIntent> intents) =>
        bench.Instances.Want(new ApplyServerIntents(HaproxyBench.Id, intents));

    private ImmutableArray<HaproxyServer> Servers() => bench.Status().Backends.FirstOrDefault()?.Servers ?? [];

    private bool IsAsWanted() => Servers() is
        [{ Admin: HaproxyServerAdmin.Maintenance }, { Admin: HaproxyServerAdmin.Drain, UserWeight: 7 }];
}
