using Ha.Agent.Interop;
using Ha.Agent.Loop;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Agent.Haproxy;

/// <summary>What its own thread does: hears its end, looks at it, checks its configuration.</summary>
internal sealed partial class HaproxyInstance
{
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenLooksAtFiles = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(5);

    private Held held = new(0, null, null);
    private MonotonicTime nextLook, nextFiles;
    private string changedLooks = "";
    private bool told;

    private void Watch()
    {
        Span<PollEntry> waits = stackalloc PollEntry[3];
        while (!closed)
        {
            var (now, of) = Hold();
            waits[0] = new PollEntry { Descriptor = (int)wake.DangerousGetHandle(), Events = Libc.PollIn };
            waits[1] = new PollEntry { Descriptor = held.Master?.Descriptor ?? -1, Events = Libc.PollIn };
            waits[2] = new PollEntry { Descriptor = held.Worker?.Descriptor ?? -1, Events = Libc.PollIn };
            var due = now.IsRunning ? MonotonicTime.Min(nextLook, nextFiles) : nextFiles;
            LoopCalls.Poll(waits, due - LoopClocks.Monotonic);
            if (waits[0].Returned != 0) LoopCalls.Clear(wake);
            if (closed) break;
            if (waits[1].Returned != 0 || waits[2].Returned != 0) HearEnd(now, of);
            else Turn(now, of);
        }

        held.Release();
        lock (gate) wake.Dispose();
    }

    /// <summary>Holds the processes of the present life; those of another are let go.</summary>
    private (Life Life, HaproxySettings Settings) Hold()
    {
        Life now;
        HaproxySettings of;
        lock (gate) (now, of) = (life, settings);
        if (held.Number == now.Number) return (now, of);
        held.Release();
        held = new Held(now.Number, null, null);
        told = false;
        if (!now.IsRunning) return (now, of);
        nextLook = LoopClocks.Monotonic + of.CheckInterval;
        held = new Held(now.Number, RunningProcess.Open(now.Master, of.Socket),
            RunningProcess.Open(now.Worker, of.Socket));
        if (held.Master is null || held.Worker is null) HearEnd(now, of);
        return (now, of);
    }

    private void Turn(Life now, HaproxySettings of)
    {
        bool due;
        lock (gate) due = intentsDue && life.IsRunning;
        if (due) ApplyIntents(of, isNew: false);
        var time = LoopClocks.Monotonic;
        if (now.IsRunning && time >= nextLook)
        {
            nextLook = time + of.CheckInterval;
            LookAtIt(now, of);
        }

        if (time < nextFiles) return;
        nextFiles = time + BetweenLooksAtFiles;
        LookAtFiles(of);
    }

    /// <summary>
    /// A process has ended. When the master goes on with another worker, somebody has reloaded it by hand.
    /// </summary>
    private void HearEnd(Life now, HaproxySettings of)
    {
        if (held.Master is { HasEnded: false } master && FindSuccessor(master, now, of) is { } successor)
        {
            Renew(now, of, successor);
            return;
        }

        var (what, which) = held.Master is { HasEnded: false } ? ("worker", now.Worker) : ("master", now.Master);
        // Nothing is left to be waited for; the next life brings processes of its own.
        held.Release();
        held = new Held(now.Number, null, null);
        Disturbed(now, $"HAProxy has ended: its {what} (process {which}) is gone.");
    }

    /// <summary>
    /// The worker after a reload by hand; null: there is none. The old one may end moments before the new one begins,
    /// while a master whose worker was killed ends itself.
    /// </summary>
    private HaproxyLook? FindSuccessor(RunningProcess master, Life now, HaproxySettings of)
    {
        var until = LoopClocks.Monotonic + of.CheckTimeout;
        while (!closed && LoopClocks.Monotonic < until)
        {
            if (master.EndsWithin(BetweenQuestions)) return null;
            var look = Control(of).Question(master, of.CheckTimeout, through: false);
            if (look.IsWell && look.Worker != now.Worker) return look;
        }

        return null;
    }

    private void LookAtIt(Life now, HaproxySettings of)
    {
        if (held.Master is not { } master || held.Worker is not { } worker) return;
        if (master.IsStopped || worker.IsStopped)
        {
            Disturbed(now, $"HAProxy stands still: process {(worker.IsStopped ? worker.Id : master.Id)} is stopped "
                + "(SIGSTOP).");
            return;
        }

        var look = Control(of).Question(master, of.CheckTimeout, through: true);
        // Its end is heard otherwise, and what is reloaded right now is looked at by whoever reloads it.
        if (reloading || master.HasEnded) return;
        if (!look.IsWell) Disturbed(now, look.Result.Output);
        else if (look.Worker != worker.Id) Renew(now, of, look);
        else told = false;
    }

    private void Renew(Life now, HaproxySettings of, HaproxyLook look)
    {
        lock (gate)
        {
            if (life.Number != now.Number) return;
        }

        Enter(of, look, HashOnDisk());
        ApplyIntents(of, isNew: true);
    }

    private void Disturbed(Life now, string sentence)
    {
        lock (gate)
        {
            if (life.Number != now.Number || told) return;
        }

        told = true;
        surroundings.Post(new ResourceDisturbed(id, sentence));
    }

    // A file that is being written is checked when it is at rest.
    private void LookAtFiles(HaproxySettings of)
    {
        ConfigurationCheck? known;
        lock (gate) known = configuration;
        if (known is { Files.HaveChanged: true })
        {
            var looks = HaproxyFiles.Find(of.Config).Looks;
            var atRest = looks == changedLooks;
            changedLooks = looks;
            if (!atRest) return;
        }
        else if (known is not null && DateTimeOffset.UtcNow - known.At is var age && age >= TimeSpan.Zero
            && age < BetweenChecks)
        {
            return;
        }

        changedLooks = "";
        Checked(of, Control(of).Check(OwnCall(LongestCheck)));
        ownProgram = null;
    }

    /// <summary>The processes that are held for one life; null: not held, or not any more.</summary>
    private sealed record Held(long Number, RunningProcess? Master, RunningProcess? Worker)
    {
        public void Release()
        {
            Master?.Dispose();
            Worker?.Dispose();
        }
    }
}
