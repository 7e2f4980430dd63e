using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.History;

/// <summary>Reads one node's reports of one resource, oldest first, into what they mean together.</summary>
internal sealed class Observation(WorkingCluster cluster, Instance resource, NodeView node, ResourceHistory history)
{
    private const int Running = 0;
    private const int InvalidParameter = 2;
    private const int NotImplemented = 3;
    private const int NotPermitted = 4;
    private const int NotInstalled = 5;
    private const int NotConfigured = 6;
    private const int NotRunning = 7;
    private const int RunningPromoted = 8;

    private string lastFailed = "";

    public Role Role { get; private set; } = Role.Unknown;

    public OnFail OnFail { get; private set; } = OnFail.Ignore;

    /// <summary>What failed last, for people.</summary>
    public string Failure =>
        LastFailure is { } record ? $"{record.Name} of {resource.Id} failed: {Ending(record)}" : "";

    /// <summary>What failed last; null when nothing has.</summary>
    public OperationRecord? LastFailure { get; private set; }

    /// <summary>Whether the reports tell whether it runs there.</summary>
    public bool Known => Role != Role.Unknown;

    public bool StartPending { get; private set; }

    public bool FailureIgnored { get; private set; }

    /// <summary>Whether something failed after which it may run nowhere.</summary>
    public bool StopsForGood { get; private set; }

    /// <summary>Whether it cannot be stopped, and nobody can fence it away.</summary>
    public bool Blocks { get; private set; }

    public string? BanReason { get; private set; }

    public bool BanEverywhere { get; private set; }

    public List<OperationRecord> Monitors { get; } = [];

    /// <summary>Monitors whose failure is forgotten: they are begun anew.</summary>
    public List<OperationRecord> Expired { get; } = [];

    public List<OperationRecord> SinceStart { get; } = [];

    public void Read()
    {
        foreach (var record in history.Operations)
        {
            if (record.Status == OperationStatus.Cancelled || record.Name is "notify" or "meta-data" or "validate-all")
                continue;
            if (record.Status == OperationStatus.Pending) ReadPending(record);
            else Read(record);
        }

        if (Role > Role.Stopped) FindActiveOperations();
    }

    private void ReadPending(OperationRecord record)
    {
        if (record.Name != "start") return;
        // Pacemaker forgets even what is still under way.
        if (cluster.Options.AsPacemaker && FailureTimeouts.Expired(cluster, resource, node, record)) return;
        StartPending = true;
        Role = Role.Started;
    }

    private void Read(OperationRecord record)
    {
        var probe = IsProbe(record);
        Blocks |= record is { Name: "stop", Status: OperationStatus.Done or OperationStatus.Error, ExitCode:
            InvalidParameter or NotImplemented or NotPermitted or NotInstalled } && !cluster.CanFence(node);
        if (Failed(record) && FailureTimeouts.Expired(cluster, resource, node, record))
        {
            if (record.IntervalMs > 0) Expired.Add(record);
            return;
        }

        if (probe && (record.ExitCode is NotInstalled or InvalidParameter
            || record.Status == OperationStatus.NotInstalled))
        {
            // Nothing runs where nothing is installed.
            Role = Role.Stopped;
            Ban(record);
            return;
        }

        if (!Failed(record))
        {
            Succeed(record);
            return;
        }

        var settings = new OperationSettings(cluster, resource, record.Name, record.IntervalMs);
        if (settings.OnFail == OnFail.Ignore)
        {
            FailureIgnored = true;
            Succeed(record with { ExitCode = record.ExpectedExitCode ?? Running });
            return;
        }

        Fail(record, settings.OnFail);
    }

    private static bool IsProbe(OperationRecord record) => record is { Name: "monitor", IntervalMs: 0 };

    private bool Failed(OperationRecord record)
    {
        if (record.Status != OperationStatus.Done && record.Status != OperationStatus.Error)
            return true;
        var expected = record.ExpectedExitCode ?? (IsProbe(record) ? NotRunning : Running);
        return record.ExitCode switch
        {
            Running when IsProbe(record) => false,
            NotRunning when IsProbe(record) || !resource.Managed => false,
            RunningPromoted when record.Name == "monitor" => false,
            Running => record.Name == "monitor" && expected != Running,
            _ => record.ExitCode != expected,
        };
    }

    private void Succeed(OperationRecord record)
    {
        var clears = false;
        if (record.ExitCode == NotRunning)
        {
            Role = Role.Stopped;
            clears = true;
        }
        else
        {
            switch (record.Name)
            {
                case "start" or "migrate_from":
                    Role = Role.Started;
                    clears = true;
                    break;
                case "stop" or "migrate_to":
                    Role = Role.Stopped;
                    StartPending = false;
                    clears = true;
                    break;
                default:
                    clears = lastFailed == Key(record);
                    if (Role < Role.Started) Role = Role.Started;
                    break;
            }
        }

        // Only what says "stay away" outlives the next success.
        if (clears && OnFail is OnFail.Restart or OnFail.Block or OnFail.Ignore)
            OnFail = OnFail.Ignore;
    }

    private void Fail(OperationRecord record, OnFail policy)
    {
        lastFailed = Key(record);
        LastFailure = record;
        // Later successes do not take that back: it waits for a clean-up.
        StopsForGood |= policy == OnFail.Stop;
        if (policy > OnFail) OnFail = policy;
        if (Role < Role.Started) Role = Role.Started;
        if (record.Name == "stop") Ban(record);
        if (record.Status is OperationStatus.HardError or OperationStatus.NotInstalled
            || record.ExitCode is InvalidParameter or NotPermitted or NotInstalled
            || (record.ExitCode == NotImplemented && record.IntervalMs == 0))
        {
            Ban(record);
        }
        else if (record.Status == OperationStatus.FatalError || record.ExitCode == NotConfigured)
        {
            BanEverywhere = true;
            Ban(record);
        }
    }

    private void Ban(OperationRecord record) =>
        BanReason = $"cannot run {resource.Id} ({record.Name}: {Ending(record)})";

    /// <summary>How an operation ended, in words.</summary>
    public static string Ending(OperationRecord record) => (record.Status, record.ExitCode) switch
    {
        (OperationStatus.TimedOut, _) => "it timed out",
        (OperationStatus.NotInstalled, _) or (_, NotInstalled) => "it is not installed",
        (_, NotPermitted) => "it is not permitted",
        (_, NotRunning) when record.Name == "monitor" => "it was not running",
        _ => $"exit code {record.ExitCode}",
    };

    // What counts is what was done since the last start, or since the probe that found it running.
    private void FindActiveOperations()
    {
        var start = 0;
        var stop = -1;
        var stopped = -1;
        for (var i = 0; i < history.Operations.Length; i++)
        {
            var record = history.Operations[i];
            if (record is { Name: "stop", Status: OperationStatus.Done })
            {
                stop = i;
                if (record.ExitCode == Running) stopped = i;
            }
            else if (record.Name is "start" or "migrate_from"
                || (start <= stop && IsProbe(record) && IsRunning(record)))
            {
                start = i;
            }
        }

        for (var i = Math.Max(start, stopped + 1); i < history.Operations.Length; i++)
        {
            var record = history.Operations[i];
            if (record.IsLastFailure) continue;
            // Even a failed stop ends what the running resource was started with.
            if (start > stop) SinceStart.Add(record);
            if (record.IntervalMs > 0 && record.Status != OperationStatus.Pending) Monitors.Add(record);
        }
    }

    private static bool IsRunning(OperationRecord record) => record.ExitCode is Running or RunningPromoted;

    private static string Key(OperationRecord record) => $"{record.Name}_{record.IntervalMs}";
}
