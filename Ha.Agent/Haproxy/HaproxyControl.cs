using System.Diagnostics;
using System.Globalization;
using Ha.Agent.Interop;
using Ha.Agent.Resources;
using Ha.Core.Contracts;

namespace Ha.Agent.Haproxy;

/// <summary>What a look at an HAProxy found.</summary>
/// <param name="Result">As the engine judges it.</param>
/// <param name="Master">Process id of the master; 0 when there is none.</param>
/// <param name="Worker">Process id of the worker that serves; 0 when it does not answer.</param>
internal readonly record struct HaproxyLook(OperationResult Result, int Master, int Worker)
{
    /// <summary>Whether all is well.</summary>
    public bool IsWell => Result.Outcome == OperationOutcome.Succeeded;
}

/// <summary>
/// Looks at, starts, stops and reloads one HAProxy in master-worker mode. It lives apart from this process: its own
/// session, no open file of ours, found again by its processes. One operation at a time.
/// </summary>
/// <param name="settings">Which one.</param>
/// <param name="programs">Runs <c>haproxy</c>.</param>
/// <param name="environment">NAME=value entries that it gets.</param>
internal sealed class HaproxyControl(
    HaproxySettings settings, ProgramRun programs, IReadOnlyList<string> environment)
{
    private static readonly TimeSpan LongestOrderlyStop = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Processes, runtime socket, and when wanted a request through it.</summary>
    /// <param name="limit">How long it may take to answer.</param>
    /// <param name="through">Whether the request belongs to it.</param>
    public HaproxyLook Look(TimeSpan limit, bool through)
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            using var found = HaproxyProcesses.Find(settings);
            if (found.All.IsEmpty)
            {
                return new(new(OperationOutcome.NotRunning, found.Stranger == 0 ? "HAProxy does not run."
                    : StrangerSentence(found.Stranger)), 0, 0);
            }

            var master = found.Master;
            if (found.All.FirstOrDefault(static one => one.IsStopped) is { } stopped)
                return Bad($"process {stopped.Id} of HAProxy is stopped (SIGSTOP)", master?.Id ?? 0);
            if (master is not null) return Question(master, limit, through);
            if (Stopwatch.GetElapsedTime(begin) >= limit)
                return Bad($"process {found.All[0].Id} of HAProxy is left, but its master or its worker has ended", 0);
            // One that has lost the other ends itself at once, and a reload by hand is between two workers for a moment.
            Thread.Sleep(ShortestPause);
        }
    }

    /// <summary>The part of a look that asks: runtime socket, and when wanted a request through it.</summary>
    /// <param name="master">The master.</param>
    /// <param name="limit">How long each answer may take.</param>
    /// <param name="through">Whether the request belongs to it.</param>
    public HaproxyLook Question(RunningProcess master, TimeSpan limit, bool through)
    {
        var begin = Stopwatch.GetTimestamp();
        var pause = ShortestPause;
        while (true)
        {
            var look = QuestionOnce(master.Id, limit, through);
            // While it is reloaded by hand, nobody answers for a moment.
            if (look.IsWell || Stopwatch.GetElapsedTime(begin) >= limit || master.EndsWithin(pause)) return look;
            pause = Least(pause * 2, LongestPause);
        }
    }

    /// <summary>Starts it, unless it runs already.</summary>
    /// <param name="call">The operation.</param>
    /// <param name="check">What is known of the configuration; it is checked when that is not enough.</param>
    public HaproxyLook Start(AgentCall call, ConfigurationCheck? check)
    {
        using (var found = HaproxyProcesses.Find(settings))
        {
            if (!found.All.IsEmpty)
            {
                var present = Look(settings.CheckTimeout, through: false);
                if (present.IsWell) return present;
                if (HaproxyProcesses.Kill(settings, call.Left) is { } left) return Bad(left, 0);
            }
            else if (found.Stranger != 0)
            {
                return Bad(StrangerSentence(found.Stranger).TrimEnd('.'), 0);
            }
        }

        if (check is not { StillGood: true }) check = Check(call);
        if (check.Problem is { } problem) return new(problem, 0, 0);
        if (PrepareSocket() is { } refused) return Bad(refused, 0);
        var end = programs.Run(call, settings.Binary,
            ["-D", "-W", "-S", $"{settings.Socket},mode,600", "-f", settings.Config], environment, "start");
        if (end.Failure is { } failure) return new(failure, 0, 0);
        if (end.Code != 0) return Bad($"HAProxy did not start: {ConfigurationCheck.FirstError(end.Output)}", 0);
        return AwaitAnswer(call, 0, 0, "HAProxy was started");
    }

    /// <summary>Stops it, in order if it can be, and leaves no process.</summary>
    public OperationResult Stop(TimeSpan limit)
    {
        var begin = Stopwatch.GetTimestamp();
        TimeSpan Left() => limit - Stopwatch.GetElapsedTime(begin);
        using (var found = HaproxyProcesses.Find(settings))
        {
            if (found.All.IsEmpty) return OperationResult.Succeeded();
            // What is stopped (SIGSTOP) does not hear anything but SIGKILL.
            var hears = !found.All.Any(static one => one.IsStopped);
            if (hears && settings.StopGrace > TimeSpan.Zero && found.Master is { } master)
            {
                master.Signal(Libc.SignalUser1);
                found.AwaitEnd(Least(settings.StopGrace, Left() - LongestOrderlyStop));
            }

            if (hears)
            {
                // The master tells its workers; those that have lost theirs are told here.
                foreach (var one in found.All.Where(one => one.Parent != found.Master?.Id))
                    one.Signal(Libc.SignalTerminate);
                found.AwaitEnd(Least(LongestOrderlyStop, Left() / 2));
            }
        }

        if (HaproxyProcesses.Kill(settings, Left()) is { } left) return OperationResult.Failed(left + ".");
        RemoveSocket();
        return OperationResult.Succeeded();
    }

    /// <summary>
    /// Has it read its configuration anew, without a connection being refused or cut. A broken configuration is refused
    /// before, and what runs goes on.
    /// </summary>
    /// <param name="call">The operation.</param>
    /// <param name="check">Gets the check of the configuration.</param>
    public HaproxyLook Reload(AgentCall call, out ConfigurationCheck check)
    {
        check = Check(call);
        var before = Look(settings.CheckTimeout, through: false);
        if (!before.IsWell)
            return before with { Result = OperationResult.Failed($"Not reloaded: {before.Result.Output}") };
        if (check.Problem is { } problem) return before with { Result = NotReloaded(problem.Output) };
        var failed = FailedReloads();
        var answer = RuntimeSocket.AskMaster(settings.Socket, call.Left, "reload");
        // From 2.7 on it answers when it is done, with what went wrong; before it just closes.
        if (answer.Text.Contains("Success=0", StringComparison.Ordinal))
            return before with { Result = NotReloaded(ConfigurationCheck.FirstError(answer.Text) + ".") };
        return AwaitAnswer(call, before.Worker, failed, "HAProxy was reloaded");
    }

    /// <summary>Checks the configuration.</summary>
    public ConfigurationCheck Check(AgentCall call) =>
        ConfigurationCheck.Run(settings, programs, environment, call);

    /// <summary>Asks the worker that serves.</summary>
    public SocketAnswer Ask(params IEnumerable<string> commands) =>
        RuntimeSocket.AskWorker(settings.Socket, settings.CheckTimeout, commands);

    private HaproxyLook QuestionOnce(int master, TimeSpan limit, bool through)
    {
        var answer = RuntimeSocket.AskWorker(settings.Socket, limit, "show info");
        if (answer.Problem is { } silence) return Bad("the runtime socket " + silence, master);
        var worker = WorkerOf(answer.Text);
        if (worker == 0) return Bad($"the runtime socket {settings.Socket} answers, but no worker of HAProxy", master);
        if (through && settings.CheckUrl is { } url && CheckRequest.Send(url, limit) is { } problem)
            return Bad($"HAProxy (process {worker}) does not serve: {problem}", master, worker);
        return new(OperationResult.Succeeded($"HAProxy runs (master {master}, worker {worker})."), master, worker);
    }

    private static OperationResult NotReloaded(string why) =>
        OperationResult.Failed($"HAProxy was not reloaded and goes on as it was: {why}");

    private static HaproxyLook Bad(string problem, int master, int worker = 0) =>
        new(OperationResult.Failed(problem + "."), master, worker);

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private string StrangerSentence(int process) =>
        $"HAProxy runs with {settings.Config} as process {process}, which the cluster has not started: stop it "
        + "(systemctl disable --now haproxy).";

    /// <summary>Waits until another worker answers than before.</summary>
    private HaproxyLook AwaitAnswer(AgentCall call, int workerBefore, int failedBefore, string what)
    {
        var pause = ShortestPause;
        while (true)
        {
            var answer = RuntimeSocket.AskWorker(settings.Socket, Least(settings.CheckTimeout, call.Left), "show info");
            var worker = WorkerOf(answer.Text);
            if (worker != 0 && worker != workerBefore)
            {
                using var found = HaproxyProcesses.Find(settings);
                return new(OperationResult.Succeeded($"{what} (worker {worker})."), found.Master?.Id ?? 0, worker);
            }

            if (answer.Problem is not null && HasEnded())
                return Bad($"{what}, but has ended again; its log tells why", 0);
            if (workerBefore != 0 && worker == workerBefore && FailedReloads() > failedBefore)
            {
                return new(NotReloaded("the new process did not start, though haproxy -c found nothing; "
                    + "its log tells why."), 0, worker);
            }

            if (call.Left <= TimeSpan.Zero)
                return Bad($"{what}, but {answer.Problem ?? $"worker {workerBefore} goes on alone"}", 0);
            Thread.Sleep(pause);
            pause = Least(pause * 2, LongestPause);
        }
    }

    /// <summary>How many reloads in a row have failed, as the master counts them.</summary>
    private int FailedReloads()
    {
        const string before = "[failed: ";
        var text = RuntimeSocket.AskMaster(settings.Socket, settings.CheckTimeout, "show proc").Text;
        var begin = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        var end = begin < before.Length ? -1 : text.IndexOf(']', begin);
        return end > begin && int.TryParse(text.AsSpan(begin, end - begin), NumberStyles.None,
            CultureInfo.InvariantCulture, out var failed) ? failed : 0;
    }

    private bool HasEnded()
    {
        using var found = HaproxyProcesses.Find(settings);
        return found.All.IsEmpty;
    }

    private static int WorkerOf(string info)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("Pid: ") && int.TryParse(
                line[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var worker)) return worker;
        }

        return 0;
    }

    private string? PrepareSocket()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(settings.Socket)!);
            File.Delete(settings.Socket);
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"the runtime socket {settings.Socket} cannot be made: {refused.Message}";
        }
    }

    private void RemoveSocket()
    {
        try
        {
            File.Delete(settings.Socket);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A socket without a listener harms nobody: the next start replaces it.
        }
    }
}
