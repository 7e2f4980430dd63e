using System.Diagnostics;
using Ha.Agent.Control;
using Ha.Core.Configuration;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests;

public sealed class ControlSocketTests
{
    [Fact]
    public async Task SnapshotIsAsked_ItIsTakenForTheAnswer()
    {
        await using var agent = new ControlFixture();
        agent.Snapshot = ExampleCluster.Snapshot() with { Version = 8, TakenAt = DateTimeOffset.UnixEpoch };
        using var client = agent.Connect();

        var snapshot = client.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Snapshot }).Snapshot!;

        Assert.Equal(8, snapshot.Version);
        Assert.True(DateTimeOffset.UtcNow - snapshot.TakenAt < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task LoopHangs_TheLastSnapshotIsAnsweredWithItsTrueAge()
    {
        await using var agent = new ControlFixture(freshLimit: TimeSpan.FromMilliseconds(100));
        var taken = agent.Publication.Current!.Snapshot.TakenAt;
        agent.Hangs = true;
        using var client = agent.Connect();

        var answered = client.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Snapshot }).Snapshot!;
        Assert.Equal(taken, answered.TakenAt);
    }

    [Fact]
    public async Task MalformedLines_AreAnsweredWithWhatIsWrong_AndTheConnectionGoesOn()
    {
        await using var agent = new ControlFixture();
        using var client = new RawClient(agent.SocketPath);
        foreach (var line in new[] { "", "{", "null", "[]", "\"x\"", """{"id":1}""", """{"id":1,"method":"reboot"}""",
            """{"id":1,"method":3}""", "\0\u0001\u0002", new string('[', 200) })
        {
            client.Send(line + "\n");
            var reply = client.Reply();
            Assert.Equal(0, reply.Id);
            Assert.NotEmpty(reply.Error!);
        }

        client.Send("""{"id":5,"method":"events","limit":501}""" + "\n");
        Assert.Contains("1..500", client.Reply().Error, StringComparison.Ordinal);
        client.Send("""{"id":6,"method":"command"}""" + "\n");
        Assert.Contains("needs the field command", client.Reply().Error, StringComparison.Ordinal);
        client.Send("""{"id":7,"method":"snapshot"}""" + "\n");
        Assert.Equal(7, client.Reply().Id);
    }

    [Fact]
    public async Task LineLongerThanAllowed_EndsTheConnectionWithAReason()
    {
        await using var agent = new ControlFixture();
        using var client = new RawClient(agent.SocketPath);
        client.Send(new string('x', ControlProtocol.MaxLineBytes + 1));

        Assert.Contains("longer than", client.Reply().Error, StringComparison.Ordinal);
        Assert.Null(client.Line());
    }

    [Fact]
    public async Task TwoRequestsInOnePacket_AreAnsweredInOrder()
    {
        await using var agent = new ControlFixture(eventCount: 3);
        using var client = new RawClient(agent.SocketPath);
        client.Send("{\"id\":1,\"method\":\"events\",\"limit\":1}\n{\"id\":2,\"method\":\"events\",\"after\":2}\n");

        Assert.Equal([1], client.Reply().Entries!.Value.Select(static entry => entry.Position));
        Assert.Equal([3], client.Reply().Entries!.Value.Select(static entry => entry.Position));
    }

    [Fact]
    public async Task NegativePosition_CountsFromTheNewestEvent()
    {
        await using var agent = new ControlFixture(eventCount: 20);
        using var client = agent.Connect();
        ControlReply Ask(long after) => client.Ask(
            new ControlRequest { Id = 0, Method = ControlMethod.Events, After = after, Limit = 500 });

        Assert.Equal([18, 19, 20], Ask(-3).Entries!.Value.Select(static entry => entry.Position));
        Assert.Equal(20, Ask(-999).Entries!.Value.Length);
    }

    [Fact]
    public async Task PositionAfterTheNewestEvent_HasNoEvents_AndCannotBeFollowed_BecauseTheJournalWasBegunAnew()
    {
        await using var agent = new ControlFixture(eventCount: 2);
        using var client = agent.Connect();
        var page = client.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Events, After = 3 });
        Assert.Empty(page.Entries!.Value);

        var refusal = Assert.Throws<RequestFailedException>(() => client.Ask(
            new ControlRequest { Id = 0, Method = ControlMethod.Subscribe, After = 3 }));
        Assert.Contains("begun anew", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FollowerBeginsFarBack_GetsEveryEventInOrderAcrossPages_ThenTheNewOnes()
    {
        await using var agent = new ControlFixture(eventCount: 1234);
        using var client = agent.Connect();
        client.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Subscribe, After = 0 });
        var positions = new List<long>();
        while (positions.Count < 1234) Take(client, positions);
        agent.Add(777);
        while (positions.Count < 2011) Take(client, positions);

        Assert.Equal(Enumerable.Range(1, 2011).Select(static number => (long)number), positions);
    }

    [Fact]
    public async Task SubscriberDoesNotReadForAWhile_GetsTheLatestSnapshotNotAllOfThem()
    {
        await using var agent = new ControlFixture();
        using var client = agent.Connect();
        client.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Subscribe });
        // Far more than the socket buffers hold.
        var large = string.Concat(Enumerable.Repeat("a long warning ", 2000));
        for (var version = 100; version <= 600; version++)
            agent.Publish(ExampleCluster.Snapshot() with { Version = version, Warnings = [large] });

        var seen = new List<long>();
        while (seen.Count == 0 || seen[^1] != 600)
            if (client.Next(TimeSpan.FromSeconds(60))!.Snapshot is { } snapshot) seen.Add(snapshot.Version);

        Assert.Equal(seen.Order(), seen);
        Assert.True(seen.Count < 400, $"{seen.Count} of 501 snapshots were sent");
    }

    [Fact]
    public async Task SubscriberThatTakesNothing_IsDropped()
    {
        await using var agent = new ControlFixture(sendLimit: TimeSpan.FromMilliseconds(200));
        using var client = new RawClient(agent.SocketPath);
        client.Send("{\"id\":1,\"method\":\"subscribe\"}\n");
        Assert.Null(client.Reply().Error);
        var large = string.Concat(Enumerable.Repeat("a long warning ", 20_000));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var version = 100; !agent.Dropped; version++)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "the subscriber was not dropped");
            agent.Publish(ExampleCluster.Snapshot() with { Version = version, Warnings = [large] });
            await Task.Delay(10);
        }

        // What the kernel still holds can be read; then the connection is at its end.
        string? line;
        do line = client.Line();
        while (line is not null);
    }

    [Fact]
    public async Task Subscriber_GetsSignsOfLife()
    {
        await using var agent = new ControlFixture();
        using var client = agent.Connect();
        client.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Subscribe });
        var signs = new List<AliveSign>();
        while (signs.Count < 2)
            if (client.Next(TimeSpan.FromSeconds(60))!.Alive is { } sign) signs.Add(sign);

        Assert.Equal(7, signs[1].SnapshotVersion);
        Assert.True(signs[1].At - signs[0].At > TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task SecondSubscriptionOnAConnection_IsRefused()
    {
        await using var agent = new ControlFixture();
        using var client = new RawClient(agent.SocketPath);
        client.Send("{\"id\":1,\"method\":\"subscribe\"}\n{\"id\":2,\"method\":\"subscribe\"}\n");
        Assert.Null(client.Reply().Error);
        string? line;
        do line = client.Line();
        while (!line!.Contains("\"id\":2", StringComparison.Ordinal));

        Assert.Contains("has a subscription already", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigurationThatTheAgentsDoNotAccept_IsRefusedUnlessForced_AndOddOnesAreTold()
    {
        await using var agent = new ControlFixture();
        using var client = agent.Connect();
        CommandAnswer Configure(bool force) => client.Ask(new ControlRequest
        {
            Id = 0,
            Method = ControlMethod.Command,
            Command = new OperatorCommand
            {
                Id = "1", Kind = CommandKind.Configure, Actor = "admin", Document = "{}"u8.ToArray(), Force = force,
            },
        }).Answer!;
        agent.DocumentFindings =
        [
            new(FindingSeverity.Error, "/resources/0/parameters/neded", "web: the agent knows no such parameter",
                "mend it"),
        ];

        var refused = Configure(force: false).Rejection!;
        Assert.Equal(RejectionCode.InvalidConfiguration, refused.Code);
        Assert.Equal("/resources/0/parameters/neded", Assert.Single(refused.Errors).Pointer);
        Assert.Empty(agent.Commands);

        Assert.Null(Configure(force: true).Rejection);
        Assert.Single(agent.Commands);
        Assert.True(agent.HasLogged("no such parameter"), "the finding is in the log");
    }

    [Fact]
    public async Task ActorOfACommand_IsTheUserThatTheKernelNames_WithTheClientsWordBehind()
    {
        await using var agent = new ControlFixture();
        using var client = agent.Connect();
        client.Ask(new ControlRequest
        {
            Id = 0,
            Method = ControlMethod.Command,
            Command = new OperatorCommand { Id = "1", Kind = CommandKind.Online, Actor = "ad\u0007min\n" },
        });

        Assert.Equal($"{Environment.UserName} (admin)", agent.Commands.Single().Actor);
    }

    [Fact]
    public async Task ForeignUser_IsRefusedWithAReason_AlthoughTheFileModeWouldLetItIn()
    {
        await using var agent = new ControlFixture();
        File.SetUnixFileMode(agent.RuntimeDirectory, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(agent.SocketPath, (UnixFileMode)0b110_110_110);

        var (code, output) = Run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
            "socat", "-t", "60", "-", $"UNIX-CONNECT:{agent.SocketPath}");

        Assert.Equal(0, code);
        Assert.Contains("user nobody may not use the control socket", output, StringComparison.Ordinal);
        Assert.True(agent.HasLogged("nobody was refused"));
    }

    [Fact]
    public async Task MemberOfTheGroup_IsLetIn_AlsoBySupplementaryGroup()
    {
        await using var agent = new ControlFixture();
        const uint group = 54_321;
        var access = new ControlAccess(ownUid: 0, group);
        File.Delete(agent.SocketPath);
        await using var server = ControlServer.Start(agent.RuntimeDirectory, access, new ControlSources
        {
            Publication = agent.Publication,
            Commands = new PendingCommands(new Loop.InputQueue()),
            Lateness = new Loop.Lateness(),
            ReadEvents = static (_, _) => [ExampleCluster.Entry(1)],
            NewestEvent = static () => 1,
            Describe = ExampleCluster.Situation,
            Log = static _ => { },
        });
        File.SetUnixFileMode(agent.RuntimeDirectory, (UnixFileMode)0b111_101_101);
        Assert.Equal((UnixFileMode)0b110_110_000, File.GetUnixFileMode(agent.SocketPath));

        string[][] memberships = [[$"--regid={group}", "--clear-groups"], ["--regid=65534", $"--groups={group}"]];
        foreach (var groups in memberships)
        {
            var (_, output) = Run("setpriv", ["--reuid=65534", .. groups, "sh", "-c",
                $"printf '{{\"id\":1,\"method\":\"events\"}}\\n' | socat -t 60 - UNIX-CONNECT:{agent.SocketPath}"]);
            Assert.Contains("sentence 1", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task MoreClientsThanAllowed_AreToldSo()
    {
        await using var agent = new ControlFixture();
        var clients = new List<RawClient>();
        for (var i = 0; i < ControlServer.MaxConnections; i++) clients.Add(new RawClient(agent.SocketPath));
        using (var oneTooMany = new RawClient(agent.SocketPath))
            Assert.Contains("64 connections", oneTooMany.Reply().Error, StringComparison.Ordinal);
        foreach (var client in clients) client.Dispose();
    }

    [Fact]
    public async Task SocketOfAKilledAgent_IsReplaced_AndRemovedAtTheEnd()
    {
        var agent = new ControlFixture();
        var path = agent.SocketPath;
        // The file stays when a process is killed; the second start finds it.
        await using (var second = ControlServer.Start(agent.RuntimeDirectory, agent.Access, new ControlSources
        {
            Publication = agent.Publication,
            Commands = new PendingCommands(new Loop.InputQueue()),
            Lateness = new Loop.Lateness(),
            ReadEvents = static (_, _) => [],
            NewestEvent = static () => 0,
            Describe = ExampleCluster.Situation,
            Log = static _ => { },
        }))
        {
            using var client = new RawClient(path);
            client.Send("{\"id\":3,\"method\":\"events\"}\n");
            Assert.Equal(3, client.Reply().Id);
        }

        Assert.False(File.Exists(path));
        await agent.DisposeAsync();
    }

    [Fact]
    public void SocketPathLongerThanTheKernelAllows_IsRefusedInWords()
    {
        var directory = "/tmp/" + new string('d', 120);
        var refusal = Assert.Throws<NotRunningException>(() => ControlClient.Connect(directory));
        Assert.Contains("longer than 107 bytes", refusal.Message, StringComparison.Ordinal);
    }

    private static void Take(ControlClient client, List<long> positions)
    {
        var push = client.Next(TimeSpan.FromSeconds(60));
        Assert.NotNull(push);
        if (push.Entry is { } entry) positions.Add(entry.Position);
    }

    private static (int Code, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            UseShellExecute = false,
        })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), $"{program} hangs");
        return (process.ExitCode, output);
    }
}
