using System.Runtime.InteropServices;
using System.Text.Json;
using Ha.Agent.Commands;
using Ha.Agent.Control;
using Ha.Agent.Haproxy;
using Ha.Agent.Health;
using Ha.Agent.Hooks;
using Ha.Agent.Interop;
using Ha.Agent.Journal;
using Ha.Agent.Logging;
using Ha.Agent.Loop;
using Ha.Agent.Netlink;
using Ha.Agent.Resources;
using Ha.Agent.State;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent;

/// <summary>
/// One life of the agent: its devices put together, from the new generation to the last flushed log line.
/// </summary>
internal sealed class AgentLife : IDisposable
{
    private readonly AgentPaths paths;
    private readonly HaCf settings;
    private readonly EngineOptions options;
    private readonly InputQueue inputs = new();
    private readonly Publication publication = new();
    private readonly Lateness lateness = new();
    private readonly HeartbeatLog log;
    private readonly EventJournal journal;
    private readonly ConfigurationStore store;
    private readonly LoopMedia media;
    private readonly RouteSocket routes = new();
    private readonly LoopAuthority authority;
    private readonly ArpAnnouncer announcer;
    private readonly VirtualIpKeeper keeper;
    private readonly HaproxyInstances haproxies;
    private readonly RunningScripts scripts;
    private readonly LocalResources resources;
    private readonly DocumentCheck documents;
    private readonly EventHooks hooks;
    private readonly HealthChecks checks;
    private readonly PendingCommands commands;
    private readonly ClusterLoop loop;
    private bool stopping;
    private bool stderrIsGone;

    private AgentLife(AgentPaths paths, string node, BootstrapConfiguration configuration, ConfigurationStart start,
        bool foreground)
    {
        this.paths = paths;
        settings = configuration.HaCf;
        // The generation is on disk before anything can send a packet: peers take a repeated one for a replay.
        var generationFile = new GenerationFile(Path.Combine(paths.StateDirectory, "generation"), TimeProvider.System);
        var generation = generationFile.Increment(settings.GenerationFromTime);
        var uuidFile = new UuidFile(Path.Combine(paths.StateDirectory, "uuid"));
        var uuid = settings.UuidFromNodeName ? UuidFile.FromNodeName(node) : uuidFile.ReadOrCreate();
        var fullView = FullViewFile.Of(paths.RuntimeDirectory);
        options = configuration.ToEngineOptions(node, uuid, generation, Seed(uuid, generation)) with
        {
            Configuration = start.Active!,
            History = start.History,
            Intents = start.Intents,
            SeenFullView = fullView.Read(),
            Warnings = [.. configuration.Findings.Concat(start.Findings).Select(one => one.ToString())],
        };

        log = new HeartbeatLog(
            HeartbeatLogOptions.Of(node, settings) with { Copy = foreground ? CopyToStderr : null },
            TimeProvider.System, Report);
        Warn(generationFile.Warning);
        Warn(uuidFile.Warning);
        store = new ConfigurationStore(paths.StateDirectory, start.History, Report) { FullView = fullView };
        journal = new EventJournal(new JournalOptions(Path.Combine(paths.StateDirectory, "journal")), Report);
        media = new LoopMedia(settings.Media, new PeerSolicitor(settings.Media, settings.Keepalive, routes));
        scripts = new RunningScripts(Path.Combine(paths.RuntimeDirectory, "running-scripts"));
        foreach (var leftOver in scripts.EndLeftOvers())
            Warn($"{leftOver} of an earlier life of this agent was still at work: ended, before it is found out what runs");
        var environment = ScriptEnvironment.Create(paths, node, settings);
        var groups = ControlGroup.Open();
        hooks = new EventHooks(
            new HookPrograms(Path.Combine(paths.ConfigDirectory, "hooks.d"), environment.Variables), groups,
            new HookLimits(), inputs.TryPost);
        documents = new DocumentCheck(
            new ClusterFacts(settings.Nodes, settings.Deadtime, settings.Keepalive, HasWatchdog: false),
            new ResourceCheck(environment, new AgentInventory(environment, groups)),
            () => store.Current.Current?.Document);
        authority = new LoopAuthority(lateness, LoopAuthority.LongestSilence(settings.Keepalive));
        announcer = new ArpAnnouncer(MayClaim);
        keeper = new VirtualIpKeeper(announcer, settings.Media.Select(medium => medium.Interface),
            new KeeperOutlets(MayClaim, input => inputs.TryPost(input)), PrepareKeeper);
        var programs = new ProgramRun(scripts, groups);
        haproxies = new HaproxyInstances(new HaproxySurroundings(node, Path.Combine(paths.RuntimeDirectory, "haproxy"),
            programs, environment.Variables, input => inputs.TryPost(input)));
        resources = new LocalResources(new VirtualIps(new VirtualIpResource(routes, announcer), keeper),
            new AgentClasses(environment, programs, haproxies), result => loop!.Completed(result));
        haproxies.Configure(Resources(options.Configuration));
        checks = new HealthChecks(new CheckKinds(environment, programs, Environment.ProcessPath!).Of,
            result => inputs.TryPost(result));
        commands = new PendingCommands(inputs);
        publication.WakeLoop = inputs.Wake;
        loop = new ClusterLoop(LoopEngine.Of(new ClusterEngine(options)), LoopClocks.System, media, inputs,
            new LoopOutlets(resources.Run, Append, commands.Answered, authority.Extend)
            {
                StoreConfiguration = Adopted, StoreIntents = store.Store, ApplyServerIntents = haproxies.Want,
                Look = checks.Run,
                RememberFullView = store.RememberFullView, GuardAddresses = keeper.Guard,
            }, publication, lateness, settings.Keepalive);
    }

    /// <summary>Lives until the node has left the cluster; the result is the exit code.</summary>
    public static int Run(
        AgentPaths paths, string node, BootstrapConfiguration configuration, ConfigurationStart start,
        ControlAccess access, bool foreground)
    {
        using var life = new AgentLife(paths, node, configuration, start, foreground);
        return life.Live(access);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        checks.Dispose();
        hooks.Dispose();
        haproxies.Dispose();
        scripts.Dispose();
        keeper.Dispose();
        announcer.Dispose();
        routes.Dispose();
        media.Dispose();
        store.Dispose();
        journal.Dispose();
        log.Dispose();
        publication.Dispose();
        inputs.Dispose();
    }

    private void Adopted(StoreConfiguration adopted)
    {
        store.Store(adopted.History);
        haproxies.Configure(Resources(adopted.Active));
    }

    private string? ReloadHaproxy(string resource, string actor)
    {
        if (haproxies.Reload(resource) is { } problem) return problem;
        inputs.TryPost(new ShellReported
        {
            Kind = EventKind.ServiceReloaded, Severity = EventSeverity.Info, Subject = resource,
            Sentence = $"{actor} had {resource} on {options.LocalNode} read its configuration anew",
        });
        return null;
    }

    private static IEnumerable<ResourceDefinition> Resources(ActiveConfiguration configuration) =>
        configuration.Groups.SelectMany(static group => group.Resources);

    private bool MayClaim() => authority.Holds(LoopClocks.Monotonic);

    // Just below the loop: leases must not run out on a busy machine, nor cost a heartbeat.
    private void PrepareKeeper()
    {
        if (settings.Realtime) Warn(RealTime.ScheduleCallingThread(Math.Max(1, settings.RealtimePriority - 1)));
    }

    private static ulong Seed(Guid uuid, uint generation) =>
        BitConverter.ToUInt64(uuid.ToByteArray(), 8) ^ BitConverter.ToUInt64(uuid.ToByteArray()) ^ generation;

    private int Live(ControlAccess access)
    {
        if (media.AllClosed)
        {
            media.TryTakeChange(out var first);
            Console.Error.WriteLine("ha-agent: not started: no medium of ha.cf can be opened, and a node that hears " +
                $"nobody must not act: {((MediumChanged)first).Detail}");
            return ExitCode.Failed;
        }

        log.Write(LogLevel.Info, $"Configuration validated. Starting HaAppliance {Version} on {options.LocalNode}, " +
            $"generation {options.Generation}");
        if (settings.Realtime)
        {
            Warn(RealTime.LockMemory());
            Warn(RealTime.ShieldFromOutOfMemory());
        }

        using var load = new LoadSampler(inputs, Warn);
        var server = ControlServer.Start(paths.RuntimeDirectory, access, Sources());
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp);

        var end = RunLoop();
        Warn(SystemdNotice.Send("STOPPING=1"));
        log.Write(LogLevel.Info, $"Heartbeat loop: {lateness.Describe()}; " +
            $"{GC.CollectionCount(0)} garbage collections, {GC.GetTotalPauseDuration().TotalMilliseconds:F3} ms in all");
        server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(2));
        if (end is null) return ExitCode.Failed;

        resources.Dispose();
        var farewell = $"{options.LocalNode} has left the cluster";
        if (end.Clean) log.Write(LogLevel.Info, farewell);
        else log.Write(LogLevel.Critical, $"{farewell} with resources left: {end.Detail}");
        return end.Clean ? ExitCode.Done : ExitCode.Failed;
    }

    private static string Version => typeof(AgentLife).Assembly.GetName().Version!.ToString(3);

    /// <summary>The halt that the engine asked for; null when it broke, so that this node must not go on.</summary>
    private Halt? RunLoop()
    {
        Halt? end = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (settings.Realtime) Warn(RealTime.ScheduleCallingThread(settings.RealtimePriority));
                end = loop.Run();
            }
            catch (Exception e)
            {
                // A broken invariant or device: this node crashes, which the cluster survives. What runs stays running.
                log.Write(LogLevel.Emergency, $"the heartbeat loop broke; this agent ends now: {e}");
                Console.Error.WriteLine($"EMERG: the heartbeat loop broke; this agent ends now: {e}");
            }
        }) { Name = "ha-loop" };
        thread.Start();
        Warn(SystemdNotice.Send("READY=1"));
        thread.Join();
        return end;
    }

    private ControlSources Sources() => new()
    {
        Publication = publication,
        Commands = commands,
        Lateness = lateness,
        ReadEvents = journal.Read,
        NewestEvent = () => journal.LastPosition,
        Configurations = () => store.Current,
        Haproxy = haproxies.Status,
        ReloadHaproxy = ReloadHaproxy,
        Results = resource => resources.Results.Tell(resource, options.LocalNode),
        Log = Warn,
        Describe = Describe,
        CheckDocument = documents.FindAsync,
        WarnOfDocument = sentence => inputs.TryPost(new ShellReported
        {
            Kind = EventKind.ConfigurationWarning, Severity = EventSeverity.Warning, Subject = "configuration",
            Sentence = sentence,
        }),
    };

    private ClusterSituation Describe(PublishedState published) => new()
    {
        Node = options.LocalNode,
        Coordinator = published.Snapshot.View?.Coordinator,
        KeepaliveMs = (long)options.Keepalive.TotalMilliseconds,
        DeadtimeMs = (long)options.Deadtime.TotalMilliseconds,
        State = published.State,
        Configuration = Parse(ConfigurationText.Write(store.Current.Current!.Document)),
    };

    private static JsonElement Parse(byte[] text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }

    private void Append(ClusterEvent happened)
    {
        journal.Append(happened);
        log.Write(happened);
        hooks.Offer(happened);
        publication.Announce();
    }

    private void CopyToStderr(string line)
    {
        if (stderrIsGone) return;
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (IOException e)
        {
            // The terminal was closed: the agent must not end with it.
            stderrIsGone = true;
            Warn($"stderr is gone ({e.Message}): log lines go to the log only");
        }
    }

    private void Report(StorageReport report) => inputs.TryPost(new ShellReported
    {
        Kind = report.Works ? EventKind.StorageRecovered : EventKind.StorageFailed,
        Severity = report.Works ? EventSeverity.Info : EventSeverity.Error,
        Subject = report.Subject,
        Sentence = report.Sentence,
    });

    private void Warn(string? text)
    {
        if (text is not null) log.Write(LogLevel.Warning, text);
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (Interlocked.Exchange(ref stopping, true))
        {
            log.Write(LogLevel.Warning, $"{signal.Signal} again: {options.LocalNode} is leaving the cluster already; " +
                "kill -9 ends the agent at once and leaves its resources running");
            return;
        }

        log.Write(LogLevel.Info, $"{signal.Signal}: {options.LocalNode} hands over and leaves the cluster");
        inputs.TryPost(ShutdownRequested.Instance);
    }

    private void HangUp(PosixSignalContext signal)
    {
        signal.Cancel = true;
        log.Write(LogLevel.Warning, "SIGHUP: the configuration is read at the start only; to use a changed one, " +
            "restart this agent (its groups are handed over meanwhile)");
    }
}
