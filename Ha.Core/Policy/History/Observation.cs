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

    /// <summary>Whether anything is under way with it, besides the question whether it runs.</summary>
    public bool HasPending { get; private set; }

    public bool FailureIgnored { get; private set; }

    /// <summary>Whether its counted failures are about to be forgotten, so that they ban no node any more.</summary>
    public bool FailuresCleared { get; private set; }

    /// <summary>Whether something failed after which it may run nowhere.</summary>
    public bool StopsForGood { get; private set; }

    /// <summary>Whether it cannot be stopped, and nobody can fence it away.</summary>
    public bool Blocks { get; private set; }

    public string? BanReason { get; private set; }

    public bool BanEverywhere { get; private set; }

    /// <summary>Why it could not be stopped: what failed to stop does not come back there.</summary>
    public string? StopFailure { get; private set; }

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
            FailuresCleared |= cluster.Options.AsPacemaker
                && FailureTimeouts.AreCleared(cluster, resource, node, record);
            if (record.Status == OperationStatus.Pending) ReadPending(record);
            else Read(record);
        }

        // Pacemaker counts what is told of monitors even where nothing runs, and the copy that is kept of a failure: what
        // it ends then has ended already, and here it would be ended again and again.
        if (Role > Role.Stopped || cluster.Options.AsPacemaker) FindActiveOperations();
    }

    private void ReadPending(OperationRecord record)
    {
        // Pacemaker forgets even what is still under way.
        if (cluster.Options.AsPacemaker && FailureTimeouts.Expired(cluster, resource, node, record))
        {
            if (record.IntervalMs > 0) Expired.Add(record);
            return;
        }

        HasPending |= !IsProbe(record);
        if (record.Name != "start") return;
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
        if (settings.OnFail == OnFail.Ignore && record.Status == OperationStatus.NotInstalled)
        {
            // That cannot be ignored.
            OnFail = OnFail.Ban;
        }
        else if (settings.OnFail == OnFail.Ignore)
        {
            FailureIgnored = true;
            // It counts as succeeded, but a probe that failed has not found out whether it runs.
            if ((record.ExpectedExitCode ?? Running) == NotRunning) ClearFailure();
            else Succeed(record with { ExitCode = record.ExpectedExitCode ?? Running });
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

        if (clears) ClearFailure();
    }

    // Only what says "stay away" outlives the next success.
    private void ClearFailure()
    {
        if (OnFail is OnFail.Restart or OnFail.Block) OnFail = OnFail.Ignore;
    }

    private void Fail(OperationRecord record, OnFail policy)
    {
        lastFailed = Key(record);
        LastFailure = record;
        // Later successes do not take that back: it waits for a clean-up.
        StopsForGood |= policy == OnFail.Stop;
        if (policy > OnFail) OnFail = policy;
        if (Role < Role.Started) Role = Role.Started;
        if (record.Name == "stop") StopFailure = Why(record);
        // The exit code only tells where whoever ran it has not said more.
        var told = record.Status is OperationStatus.Done or OperationStatus.Error;
        if (record.Status is OperationStatus.HardError or OperationStatus.NotInstalled
            || (told && (record.ExitCode is InvalidParameter or NotPermitted or NotInstalled
                || (record.ExitCode == NotImplemented && record.IntervalMs == 0))))
        {
            Ban(record);
        }
        else if (record.Status == OperationStatus.FatalError || (told && record.ExitCode == NotConfigured))
        {
            BanEverywhere = true;
            Ban(record);
        }
    }

    private void Ban(OperationRecord record) => BanReason = Why(record);

    private string Why(OperationRecord record) =>
        $"cannot run {resource.Id} ({record.Name}: {Ending(record)})";

    /// <summary>How an operation ended, in words.</summary>
    public static string Ending(OperationRecord record) => (record.Status, record.ExitCode) switch
    {
        (OperationStatus.TimedOut, _) => "it timed out",
        (OperationStatus.NotInstalled, _) or (_, NotInstalled) => "it is not installed",
        (_, NotPermitted) => "it is not permitted",
        (_, NotRunning) when record.Name == "monitor" => "it was not running",
        _ => $"exit code {record.ExitCode}",
    };

    // What counts is what was done since the last start; where none is known, since the monitor that found it running.
    private void FindActiveOperations()
    {
        var (start, found, stop) = (-1, -1, -1);
        for (var i = 0; i < history.Operations.Length; i++)
        {
            var record = history.Operations[i];
            if (record is { Name: "stop", Status: OperationStatus.Done }) stop = i;
            else if (record.Name is "start" or "migrate_from") start = i;
            else if (found <= stop && record is { Name: "monitor", ExitCode: Running or RunningPromoted }) found = i;
        }

        if (start < 0) start = found;
        for (var i = Math.Max(start, 0); i < history.Operations.Length; i++)
        {
            var record = history.Operations[i];
            if (record.IsLastFailure && !cluster.Options.AsPacemaker) continue;
            // Even a failed stop ends what the running resource was started with.
            if (start >= stop && Role > Role.Stopped) SinceStart.Add(record);
            if (record.IntervalMs > 0 && record.Status != OperationStatus.Pending && node.Online
                && (start >= stop || i > stop)) Monitors.Add(record);
        }
    }

    private static string Key(OperationRecord record) => $"{record.Name}_{record.IntervalMs}";
}
