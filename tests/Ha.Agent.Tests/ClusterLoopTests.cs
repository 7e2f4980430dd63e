using Ha.Agent.Loop;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;
using Ha.Tests;

namespace Ha.Agent.Tests;

[Collection(MeasuredAlone.Name)]
public sealed class ClusterLoopTests
{
    [Fact]
    public void LoopOverslept_EngineLearnsOfThePauseBeforeTheWaitingPacketsAndJudgesTimeAfterThem()
    {
        using var loop = new ScriptedLoop();
        loop.Turn();
        loop.Loop.Sleep();
        loop.PeerSends(1);
        loop.PeerSends(2);
        loop.PeerSends(3);
        loop.Pass(TimeSpan.FromSeconds(5));
        loop.Loop.Wake();

        Assert.Equal(
            ["TimeAdvanced", "LoopStalled 4.975", "Packet 1", "Packet 2", "Packet 3", "StallDrained", "TimeAdvanced"],
            loop.Inputs);
    }

    [Fact]
    public void PauseBetweenTwoPackets_TheRestIsHandedOverBetweenStalledAndDrained()
    {
        using var loop = new ScriptedLoop();
        loop.Turn();
        loop.OnStep = (input, _) =>
        {
            if (input is PacketReceived packet && packet.Datagram.Span[0] == 1) loop.Pass(TimeSpan.FromSeconds(1));
        };
        loop.PeerSends(1);
        loop.PeerSends(2);
        loop.PeerSends(3);
        loop.Turn();

        Assert.Equal(
            ["TimeAdvanced", "Packet 1", "LoopStalled 1", "Packet 2", "Packet 3", "StallDrained", "TimeAdvanced"],
            loop.Inputs);
    }

    [Fact]
    public void ManyResultsAtOnce_AreToldTogether_NoHeartbeatWaitsForAllOfThem_AndNoneIsForgotten()
    {
        const int many = 512;
        using var loop = new ScriptedLoop();
        var told = new List<long>();
        loop.Turn();
        loop.OnStep = (input, _) =>
        {
            if (input is not OperationsCompleted several) return;
            told.AddRange(several.Results.Select(static one => one.Number));
            loop.Pass(TimeSpan.FromMilliseconds(30));
        };
        OnAnotherThread(() =>
        {
            for (var i = 1; i <= many; i++) loop.Loop.Completed(Done(i));
        });
        for (var i = 0; i < 3; i++) loop.Turn();

        var steps = Enumerable.Repeat("OperationsCompleted", 4);
        Assert.Equal(["TimeAdvanced", .. steps, "TimeAdvanced", .. steps, "TimeAdvanced"],
            loop.Inputs.Select(static input => input.Split(' ')[0]));
        Assert.Equal(Enumerable.Range(1, many).Select(static number => (long)number), told);
    }

    [Fact]
    public void OneResult_IsToldAlone_AndResultsKeepTheirPlaceAmongOtherInputs()
    {
        using var loop = new ScriptedLoop();
        loop.Turn();
        OnAnotherThread(() =>
        {
            loop.Loop.Completed(Done(1));
            loop.Post(new ResourceDisturbed("vip", "gone"));
            loop.Loop.Completed(Done(2));
            loop.Loop.Completed(Done(3));
        });
        loop.Turn();

        Assert.Equal(["TimeAdvanced", "OperationCompleted 1", "ResourceDisturbed", "OperationsCompleted 2 3"],
            loop.Inputs);
    }

    [Fact]
    public void OperationsOfOneStep_GoOutTogether_AndTheirResultsComeTogether()
    {
        using var loop = new ScriptedLoop();
        loop.OnStep = (input, effects) =>
        {
            if (input is not TimeAdvanced) return;
            for (var i = 1; i <= 3; i++)
                effects.Add(new RunOperation(i, Vip, OperationKind.Start, TimeSpan.FromSeconds(1), Urgent: true));
            effects.Add(new AppendEvent(ScriptedLoop.Event("between")));
            effects.Add(new RunOperation(4, Vip, OperationKind.Start, TimeSpan.FromSeconds(1), Urgent: true));
        };
        loop.OnRun = operation => loop.Loop.Completed(Done(operation));
        loop.Turn();

        Assert.Equal(["TimeAdvanced", "run 1", "run 2", "run 3", "event between", "run 4",
            "OperationsCompleted 1 2 3 4"], loop.Inputs);
        Assert.Equal([3, 1], loop.Runs);
    }

    [Fact]
    public void WakeUpLateByLessThanHalfAHeartbeat_IsNoStall()
    {
        using var loop = new ScriptedLoop();
        loop.Turn();
        loop.Loop.Sleep();
        loop.Pass(TimeSpan.FromMilliseconds(70));
        loop.Loop.Wake();

        Assert.Equal(["TimeAdvanced"], loop.Inputs);
    }

    [Fact]
    public void MachineWasSuspended_CountsAsAPauseAlthoughTheMonotonicClockStoodStill()
    {
        using var loop = new ScriptedLoop();
        loop.Turn();
        loop.Suspended += TimeSpan.FromMinutes(10);
        loop.PeerSends(7);
        loop.Turn();

        Assert.Equal(["TimeAdvanced", "LoopStalled 600", "Packet 7", "StallDrained"], loop.Inputs);
    }

    [Fact]
    public void OperationThatIsDoneAtOnce_IsToldInTheSameWakeAfterTheOtherEffects()
    {
        using var loop = new ScriptedLoop();
        loop.OnStep = (input, effects) =>
        {
            if (input is not TimeAdvanced) return;
            effects.Add(new RunOperation(1, Vip, OperationKind.Start, TimeSpan.FromSeconds(1), Urgent: true));
            effects.Add(new AppendEvent(ScriptedLoop.Event("after the operation")));
        };
        loop.OnRun = operation => loop.Loop.Completed(Done(operation));
        loop.Turn();

        Assert.Equal(["TimeAdvanced", "run 1", "event after the operation", "OperationCompleted 1"], loop.Inputs);
    }

    [Fact]
    public async Task OperationThatEndsOnAnotherThread_WakesTheLoop()
    {
        using var loop = new ScriptedLoop();
        loop.OnStep = (input, effects) =>
        {
            if (input is OperationCompleted) effects.Add(new Halt(Clean: true, ""));
        };
        loop.Turn();
        var run = Task.Factory.StartNew(loop.Loop.Run, TaskCreationOptions.LongRunning);
        // A thread of its own: this one counts as the loop's until the loop runs on another.
        var script = new Thread(() => loop.Loop.Completed(new OperationCompleted
        {
            Number = 9, Outcome = OperationOutcome.Succeeded, Output = "", Duration = TimeSpan.Zero,
        }));
        script.Start();

        Assert.True((await run.WaitAsync(TimeSpan.FromMinutes(1))).Clean);
    }

    [Fact]
    public void SteadyHeartbeats_AllocateNothing()
    {
        using var loop = new ScriptedLoop(record: false);
        var datagram = new byte[200];
        loop.OnStep = (input, effects) =>
        {
            if (input is TimeAdvanced) effects.AddDatagram(1, datagram);
        };
        for (var i = 0; i < 200; i++) Heartbeat(loop);

        var allocated = Allocated.Least(() =>
        {
            for (var i = 0; i < 1000; i++) Heartbeat(loop);
        });

        // The medium's peer is this very socket: each heartbeat that was sent came in as well.
        Assert.True(loop.Packets >= 1000, $"{loop.Packets} packets came in");
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void EngineBreaksAnInvariant_TheLoopEndsWithItsException()
    {
        using var loop = new ScriptedLoop();
        loop.OnStep = (_, _) => throw new InvalidOperationException("two owners");

        Assert.Equal("two owners", Assert.Throws<InvalidOperationException>(() => loop.Loop.Run()).Message);
    }

    [Fact]
    public void NothingChanged_NoSnapshotIsTaken_ButOneIsWhenSomebodyAsks()
    {
        using var loop = new ScriptedLoop();
        loop.Turn();
        var first = loop.Publication.Current;
        loop.Turn();
        Assert.Same(first, loop.Publication.Current);

        loop.SnapshotVersion++;
        loop.Turn();
        Assert.NotSame(first, loop.Publication.Current);
    }

    [Fact]
    public async Task FreshSnapshotIsWanted_TheLoopTakesOneAlthoughNothingChanged()
    {
        using var loop = new ScriptedLoop();
        loop.Turn();
        var first = loop.Publication.Current;
        var fresh = loop.Publication.FreshAsync(CancellationToken.None);
        loop.Turn();

        Assert.NotSame(first, await fresh.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void MoreCommandsThanMayWait_AreRefused_ResultsOfOperationsNever()
    {
        using var inputs = new InputQueue();
        var command = new OperatorCommand { Id = "1", Kind = CommandKind.Online, Actor = "test" };
        for (var i = 0; i < InputQueue.MaxCommands; i++) Assert.True(inputs.TryPost(new OperatorCommanded(command, i)));
        Assert.False(inputs.TryPost(new OperatorCommanded(command, 99)));
        for (var i = 0; i < 10 * InputQueue.MaxCommands; i++)
            Assert.True(inputs.TryPost(new OperationCompleted
            {
                Number = i, Outcome = OperationOutcome.Succeeded, Output = "", Duration = TimeSpan.Zero,
            }));

        Assert.True(inputs.TryTake(out _));
        Assert.True(inputs.TryPost(new OperatorCommanded(command, 100)));
    }

    [Fact]
    public void Lateness_TellsPercentilesAndForgetsTheWorstAfterAMinute()
    {
        var lateness = new Lateness();
        var start = new Core.Time.MonotonicTime(100_000_000);
        for (var i = 0; i < 999; i++) lateness.Record(start, start + TimeSpan.FromMicroseconds(100));
        lateness.Record(start, start + TimeSpan.FromMilliseconds(30));

        Assert.Contains("p50 0.103 ms", lateness.Describe(), StringComparison.Ordinal);
        Assert.Contains("max 30.000 ms", lateness.Describe(), StringComparison.Ordinal);
        Assert.Equal(30, lateness.WorstOfLastMinute(start + TimeSpan.FromSeconds(50)).TotalMilliseconds);
        Assert.Equal(0, lateness.WorstOfLastMinute(start + TimeSpan.FromSeconds(61)).TotalMilliseconds);
    }

    [Fact]
    public void InterfaceGoesDownAndComesBack_MediumIsReportedOnceEachWay()
    {
        NetworkNamespace.Run(network =>
        {
            network.Ip("link add hb0 type veth peer name hb1");
            network.Ip("addr add 10.99.0.1/24 dev hb0");
            network.Ip("link set hb0 up");
            network.Ip("link set hb1 up");
            using var loop = new ScriptedLoop(medium: new("hb0", "10.99.0.2", 6940));
            loop.OnStep = (input, effects) =>
            {
                if (input is TimeAdvanced) effects.AddDatagram(1, [1, 2, 3]);
            };
            void Seconds(int count)
            {
                for (var i = 0; i < count * 10; i++) loop.TurnAfter(TimeSpan.FromMilliseconds(100));
            }

            Seconds(1);
            network.Ip("link set hb0 down");
            Seconds(3);
            network.Ip("link set hb0 up");
            Seconds(3);

            Assert.Equal(["MediumChanged False", "MediumChanged True"],
                loop.Inputs.Where(static input => input.StartsWith("Medium", StringComparison.Ordinal)));
        });
    }

    private static readonly ResourceDefinition Vip = new() { Id = "10.0.0.1", Class = "builtin", Type = "vip" };

    private static void OnAnotherThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    private static OperationCompleted Done(long number) => new()
    {
        Number = number, Outcome = OperationOutcome.Succeeded, Output = "", Duration = TimeSpan.Zero,
    };

    private static OperationCompleted Done(RunOperation operation) => new()
    {
        Number = operation.Number, Outcome = OperationOutcome.Succeeded, Output = "", Duration = TimeSpan.Zero,
    };

    private static void Heartbeat(ScriptedLoop loop) => loop.TurnAfter(TimeSpan.FromMilliseconds(100));
}
