using System.Collections.Concurrent;
using System.Diagnostics;
using Ha.Agent.Hooks;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Tests.Hooks;

public sealed class EventHooksTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<ShellReported> reports = new();
    private readonly ControlGroup? groups = ControlGroup.Open();

    public EventHooksTests() => Directory.CreateDirectory(folder.File("hooks.d"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void OneThousandEvents_EachHookRunsOnceForEach_InTheOrderOfEventsAndNames()
    {
        const int count = 1000;
        Write("hooks.d/10-first", $"echo 10 $HA_EVENT_ID >> {folder.File("log")}.$2");
        Write("hooks.d/20-second", $"echo 20 $HA_EVENT_ID >> {folder.File("log")}.$2");
        using var hooks = Start();

        for (var i = 1; i <= count; i++) hooks.Offer(Events.Of(i, subject: i % 2 == 0 ? "s1" : "s2"));
        Wait.Until(() => reports.Count == count, "all hooks ran", seconds: 300);

        foreach (var (subject, remainder) in new[] { ("s1", 0), ("s2", 1) })
        {
            var expected = Enumerable.Range(1, count).Where(i => i % 2 == remainder)
                .SelectMany(static i => new[] { $"10 s1/7/{i}", $"20 s1/7/{i}" });
            Assert.Equal(expected, File.ReadAllLines($"{folder.File("log")}.{subject}"));
        }

        Assert.All(reports, static report => Assert.Equal(EventKind.HooksDone, report.Kind));
    }

    [Fact]
    public void Hook_IsToldTheEvent_InOurNamesAndInHeartbeats()
    {
        Write("hooks.d/show", $"{{ echo \"$#:$1:$2\"; env; pwd; }} > {folder.File("seen")}");
        using var hooks = Start();

        hooks.Offer(Events.Of(5, EventSeverity.Warning, EventKind.NodeDead, "s2", "s2 is dead: $(touch x); 'silence'",
            ("view.id", "3.1")));
        AwaitReports(1);

        var seen = File.ReadAllLines(folder.File("seen"));
        Assert.Equal("2:nodeDead:s2", seen[0]);
        Assert.Equal("/", seen[^1]);
        string[] told =
        [
            "HA_EVENT_ID=s1/7/5", "HA_EVENT_KIND=nodeDead", "HA_EVENT_SEVERITY=warning", "HA_EVENT_SUBJECT=s2",
            "HA_EVENT_NODE=s1", "HA_EVENT_TIME=2026-11-02T09:05:03.123Z", "HA_EVENT_TRANSITION=",
            "HA_EVENT_SENTENCE=s2 is dead: $(touch x); 'silence'", "HA_EVENT_DATA_VIEW_ID=3.1",
            "HA_t=status", "HA_src=s2", "HA_st=dead", "HA_info=s2 is dead: $(touch x); 'silence'", "HA_CURHOST=s1",
        ];
        Assert.All(told, line => Assert.Contains(line, seen));
    }

    [Fact]
    public void ProgramsOfAKind_AreCalledForThatKindOnly_AmongTheOthersByName()
    {
        Write("hooks.d/10-all", $"echo all $1 >> {folder.File("log")}");
        Write("hooks.d/nodeDead/05-dead", $"echo dead $1 >> {folder.File("log")}");
        Write("hooks.d/plain", $"echo plain >> {folder.File("log")}", executable: false);
        Write("hooks.d/10-all~", $"echo editor >> {folder.File("log")}");
        Write("hooks.d/10-all.dpkg-old", $"echo package >> {folder.File("log")}");
        Write("hooks.d/.hidden", $"echo hidden >> {folder.File("log")}");
        using var hooks = Start();

        hooks.Offer(Events.Of(1, kind: EventKind.NodeLate));
        hooks.Offer(Events.Of(2, kind: EventKind.NodeDead));
        AwaitReports(2);

        Assert.Equal(["all nodeLate", "dead nodeDead", "all nodeDead"], File.ReadAllLines(folder.File("log")));
    }

    [Fact]
    public void FailingHooks_AreAnEvent_AndTheNextOnesRunAllTheSame()
    {
        Write("hooks.d/1-fails", "echo no mail server >&2; exit 3");
        Write("hooks.d/2-hangs", $"(setsid sleep 300 & echo $! > {folder.File("escaped")}); sleep 300");
        Write("hooks.d/3-open", "exit 0");
        Write("hooks.d/4-good", $"touch {folder.File("ran")}");
        File.SetUnixFileMode(folder.File("hooks.d/3-open"), File.GetUnixFileMode(folder.File("hooks.d/3-open"))
            | UnixFileMode.OtherWrite);
        // Time enough for the quick ones on a busy machine: only the one that hangs uses it up.
        using var hooks = Start(TimeSpan.FromSeconds(5));

        hooks.Offer(Events.Of(1, kind: EventKind.GroupFailed, subject: "web"));
        AwaitReports(1);

        var report = Assert.Single(reports);
        Assert.Equal(
            (EventKind.HookFailed, EventSeverity.Warning, "web"), (report.Kind, report.Severity, report.Subject));
        Assert.StartsWith("3 of 4 hooks of groupFailed s1/7/1 failed: ", report.Sentence, StringComparison.Ordinal);
        Assert.Contains("1-fails exited with 3: no mail server", report.Sentence, StringComparison.Ordinal);
        Assert.Contains("2-hangs did not end within 5 s and was killed", report.Sentence, StringComparison.Ordinal);
        Assert.Contains("chmod go-w", report.Sentence, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("ran")));
        var escaped = File.ReadAllText(folder.File("escaped")).Trim();
        Wait.Until(() => !Resources.HeartbeatScriptTests.IsAlive(escaped), "what the hanging hook started is gone");
    }

    [Fact]
    public void OutcomesOfHooks_CallNoHooks()
    {
        Write("hooks.d/all", $"echo $1 >> {folder.File("log")}");
        using var hooks = Start();

        hooks.Offer(Events.Of(1, kind: EventKind.HooksDone));
        hooks.Offer(Events.Of(2, kind: EventKind.HookFailed));
        hooks.Offer(Events.Of(3, kind: EventKind.HooksLeftOut));
        hooks.Offer(Events.Of(4, kind: EventKind.NodeDead));
        AwaitReports(1);

        Assert.Equal(["nodeDead"], File.ReadAllLines(folder.File("log")));
    }

    [Fact]
    public void OtherSubjects_DoNotWaitForAHangingHook()
    {
        Write("hooks.d/all", $"[ $2 = slow ] && exec sleep 300; echo $2 >> {folder.File("log")}");
        using var hooks = Start();

        hooks.Offer(Events.Of(1, subject: "slow"));
        for (var i = 2; i <= 10; i++) hooks.Offer(Events.Of(i, subject: "quick"));
        AwaitReports(9);

        Assert.Equal(9, File.ReadAllLines(folder.File("log")).Length);
    }

    [Fact]
    public void WhatDoesNotFit_IsLeftOutAndCounted_AndOfferingNeverWaits()
    {
        Write("hooks.d/all", "exec sleep 300");
        using var hooks = Start();
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < HookQueue.Capacity + 100; i++) hooks.Offer(Events.Of(i, subject: "one"));

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), "offering waits for hooks");
        // Told in one report or, when it is looked at between two events, in several.
        Wait.Until(() => LeftOut() == 100, "it is told");
    }

    [Fact]
    public void EndOfTheAgent_LetsWaitingHooksRun()
    {
        Write("hooks.d/all", $"echo $2 >> {folder.File("log")}");
        var hooks = Start(atTheEnd: TimeSpan.FromMinutes(2));
        for (var i = 0; i < 5; i++) hooks.Offer(Events.Of(i, subject: "last"));

        hooks.Dispose();

        Assert.Equal(5, File.ReadAllLines(folder.File("log")).Length);
        Assert.Equal(5, reports.Count);
    }

    [Fact]
    public void EndOfTheAgent_KillsWhatStillRunsAfterThat()
    {
        Write("hooks.d/all", $"echo $$ > {folder.File("pid")}; exec sleep 300");
        var hooks = Start(atTheEnd: TimeSpan.FromMilliseconds(100));
        hooks.Offer(Events.Of(1, subject: "hangs"));
        var pid = folder.File("pid");
        Wait.Until(() => File.Exists(pid) && File.ReadAllText(pid).EndsWith('\n'), "it runs");

        hooks.Dispose();

        var hanging = File.ReadAllText(pid).Trim();
        Wait.Until(() => !Resources.HeartbeatScriptTests.IsAlive(hanging), "the hanging hook is gone");
    }

    [Fact]
    public void WithoutADirectory_NothingHappens()
    {
        Directory.Delete(folder.File("hooks.d"));
        var queue = 0;
        using (var hooks = Start())
        {
            for (var i = 0; i < 100; i++) hooks.Offer(Events.Of(i));
            queue = reports.Count;
        }

        Assert.Equal(0, queue);
        Assert.Empty(reports);
    }

    private EventHooks Start(TimeSpan? program = null, TimeSpan? atTheEnd = null) => new(
        new HookPrograms(folder.File("hooks.d"), ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HA_CURHOST=s1"]), groups,
        new HookLimits
        {
            Program = program ?? TimeSpan.FromSeconds(30), AtTheEnd = atTheEnd ?? TimeSpan.FromMilliseconds(100),
        },
        report =>
        {
            reports.Enqueue(report);
            return true;
        });

    private void AwaitReports(int count) => Wait.Until(() => reports.Count >= count, $"{count} outcomes are told");

    private int LeftOut() => reports.Where(static report => report.Kind == EventKind.HooksLeftOut)
        .Sum(static report => int.Parse(report.Sentence.Split(' ')[0]));

    private void Write(string name, string body, bool executable = true)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        File.WriteAllText(folder.File(name), $"#!/bin/sh\n{body}\n");
        const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(folder.File(name), executable ? readable | UnixFileMode.UserExecute : readable);
    }
}
