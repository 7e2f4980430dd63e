using System.Collections.Concurrent;
using Ha.Agent.Netlink;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

public sealed class LocalResourcesTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ScriptFolder folder = new();
    private readonly TestHost host = new();
    private readonly RouteSocket routes;
    private readonly ArpAnnouncer announcer;
    private readonly VirtualIpKeeper keeper;
    private readonly LocalResources resources;
    private readonly BlockingCollection<OperationCompleted> completed = [];
    private readonly ConcurrentDictionary<long, int> threads = [];
    private long number;

    public LocalResourcesTests()
    {
        (routes, announcer) = host.Run(() => (new RouteSocket(), new ArpAnnouncer()));
        keeper = host.Run(() => new VirtualIpKeeper(announcer, [], new KeeperOutlets(() => true, _ => { })));
        resources = new LocalResources(
            new VirtualIps(new VirtualIpResource(routes, announcer), keeper),
            new AgentClasses(folder.Environment, folder.Programs), end =>
            {
                threads[end.Number] = Environment.CurrentManagedThreadId;
                completed.Add(end);
            });
    }

    public void Dispose()
    {
        resources.Dispose();
        keeper.Dispose();
        announcer.Dispose();
        routes.Dispose();
        host.Dispose();
        folder.Dispose();
        completed.Dispose();
    }

    [Fact]
    public void VirtualIp_IsDoneWhenRunReturns_OnTheCallersThread()
    {
        var vip = new ResourceDefinition
        {
            Id = "127.9.9.9", Class = "builtin", Type = "vip", Vip = new VirtualIp("127.9.9.9", 32, "lo", null, null),
        };

        Assert.Equal(OperationOutcome.Succeeded, Inline(vip, OperationKind.Start));
        Assert.Equal(OperationOutcome.Succeeded, Inline(vip, OperationKind.Probe));
        Assert.Equal(OperationOutcome.Succeeded, Inline(vip, OperationKind.Stop));
        Assert.Equal(OperationOutcome.NotRunning, Inline(vip, OperationKind.Probe));
    }

    [Fact]
    public void Scripts_RunOffTheCallersThread_AndSeveralAtOnce()
    {
        // Each waits for the other: they end only when they run at the same time.
        folder.Add("left", $"touch {folder.File("l")}; until [ -e {folder.File("r")} ]; do sleep 0.01; done");
        folder.Add("right", $"touch {folder.File("r")}; until [ -e {folder.File("l")} ]; do sleep 0.01; done");

        Start(ScriptFolder.Resource("left"), OperationKind.Start);
        Start(ScriptFolder.Resource("right"), OperationKind.Start);

        Assert.Equal(OperationOutcome.Succeeded, Next().Outcome);
        Assert.Equal(OperationOutcome.Succeeded, Next().Outcome);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads.Values);
    }

    [Fact]
    public void OperationsOnOneResource_RunOneAfterTheOther()
    {
        var log = folder.File("log");
        var resource = folder.Add("slow", $"echo begin $1 >> {log}; sleep 0.1; echo end $1 >> {log}");

        Start(resource, OperationKind.Start);
        Start(resource, OperationKind.Stop);
        Next();
        Next();

        Assert.Equal(["begin start", "end start", "begin stop", "end stop"], File.ReadAllLines(log));
    }

    [Fact]
    public void MoreScriptsThanThreads_AreAllCompletedOnce()
    {
        const int many = LocalResources.MaxScripts * 3;
        var resource = folder.Add("quick", "exit 0");
        for (var i = 0; i < many; i++) Start(resource with { Id = $"quick{i}" }, OperationKind.Start);

        var numbers = Enumerable.Range(0, many).Select(_ => Next().Number).ToHashSet();

        Assert.Equal(many, numbers.Count);
        Assert.Empty(completed);
        Assert.True(threads.Values.Distinct().Count() <= LocalResources.MaxScripts);
    }

    [Fact]
    public void UnknownClass_IsNotInstalled()
    {
        Start(new ResourceDefinition { Id = "x", Class = "upstart", Type = "web" }, OperationKind.Probe);

        var end = Next();

        Assert.Equal(OperationOutcome.NotInstalled, end.Outcome);
        Assert.Equal("This agent knows no resource of type upstart:web: write builtin:vip, builtin:haproxy "
            + "or a class of exec, heartbeat, lsb, ocf, systemd.", end.Output);
    }

    [Fact]
    public void ResultsOfOperations_AreKept_WithWhatTheProgramPrinted_AndWithoutSecrets()
    {
        var script = folder.File("program");
        File.WriteAllText(script, "#!/bin/sh\necho \"$1 with $OCF_RESKEY_password\"; exit 3\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var resource = new ResourceDefinition
        {
            Id = "db", Class = "exec", Type = script,
            Parameters = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty
                .Add("password", "hunter2"),
        };

        Start(resource, OperationKind.Start);
        var told = Next().Output;

        Assert.DoesNotContain("hunter2", told, StringComparison.Ordinal);
        var result = Assert.Single(Assert.Single(resources.Results.Tell("db", "s1")).Results);
        Assert.Equal((OperationKind.Start, OperationOutcome.NotImplemented, 3, "start with ***"),
            (result.Operation, result.Outcome, result.ExitCode!.Value, result.Output));
        Assert.StartsWith($"{script} start exited with 3", result.Reason, StringComparison.Ordinal);
        Assert.InRange(result.DurationMs, 0.001, Limit.TotalMilliseconds);
        Assert.InRange(DateTimeOffset.UtcNow - result.At, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void Dispose_KillsRunningScripts_CancelsWaitingOnes_AndLeavesDaemonsAlone()
    {
        var (daemonFile, scriptFile) = (folder.File("daemon"), folder.File("script"));
        Start(folder.Add("daemon", $"setsid sleep 300 >/dev/null 2>&1 & echo $! > {daemonFile}"), OperationKind.Start);
        Next();
        var hang = folder.Add("hang", $"echo $$ > {scriptFile}; exec sleep 300");
        Start(hang, OperationKind.Start);
        Start(hang, OperationKind.Stop);
        Wait.Until(() => File.Exists(scriptFile) && File.ReadAllText(scriptFile).Length > 0, "the script runs");

        resources.Dispose();

        OperationOutcome[] outcomes = [Next().Outcome, Next().Outcome];
        Assert.Contains(OperationOutcome.Cancelled, outcomes);
        Assert.Contains(OperationOutcome.Failed, outcomes);
        Wait.Until(() => !HeartbeatScriptTests.IsAlive(File.ReadAllText(scriptFile).Trim()), "the script is gone");
        var daemon = File.ReadAllText(daemonFile).Trim();
        Assert.True(HeartbeatScriptTests.IsAlive(daemon));
        System.Diagnostics.Process.GetProcessById(int.Parse(daemon)).Kill();
    }

    private OperationOutcome Inline(ResourceDefinition resource, OperationKind kind)
    {
        Start(resource, kind);
        Assert.True(completed.TryTake(out var end), "completed when Run returned");
        Assert.Equal(Environment.CurrentManagedThreadId, threads[end.Number]);
        return end.Outcome;
    }

    private void Start(ResourceDefinition resource, OperationKind kind) =>
        resources.Run([new RunOperation(++number, resource, kind, Limit, Urgent: true)]);

    private OperationCompleted Next()
    {
        Assert.True(completed.TryTake(out var end, TimeSpan.FromMinutes(1)), "an operation completes");
        return end;
    }
}
