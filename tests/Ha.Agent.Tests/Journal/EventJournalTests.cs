using System.Collections.Concurrent;
using Ha.Agent.Journal;
using Ha.Agent.State;
using Ha.Agent.Tests.Hosts;
using Ha.Agent.Tests.State;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests.Journal;

public sealed class EventJournalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<StorageReport> reports = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Entries_AreOnDiskAsOneJsonLineEach_AndReadBackAfterARestart()
    {
        using (var journal = Open())
        {
            journal.Append(Events.Of(1));
            journal.Append(Events.Of(2, EventSeverity.Critical, data: ("why", "test")));
        }

        Assert.Equal(2, Lines().Length);
        using var reopened = Open();
        var entries = reopened.Read(0, 500);
        Assert.Equal([1, 2], entries.Select(entry => entry.Position));
        Assert.Equal("test", entries[1].Event.Data["why"]);
        Assert.Equal(Events.Of(1).At, entries[0].Event.At);
    }

    [Fact]
    public void Positions_GoOnAfterARestart_AndReadingCrossesFromDiskToMemory()
    {
        using (var journal = Open()) AppendMany(journal, 1, 5);
        using var reopened = Open();
        AppendMany(reopened, 6, 10);

        Assert.Equal(10, reopened.LastPosition);
        Assert.Equal(Range(1, 10), ReadAll(reopened, pageSize: 3));
        Assert.Equal([4, 5], reopened.Read(3, 2).Select(entry => entry.Position));
        Assert.Empty(reopened.Read(10, 500));
    }

    [Theory]
    [InlineData("{\"position\":3,\"event\":{\"id\":\"s1/7/3\",\"no")]
    [InlineData("\0\0\0\0\0\0")]
    [InlineData("{")]
    public void LineThatACrashLeftUnfinished_IsDropped_AndTheJournalGoesOn(string torn)
    {
        using (var journal = Open()) AppendMany(journal, 1, 2);
        File.AppendAllText(Files()[^1], torn);

        using (var reopened = Open()) AppendMany(reopened, 3, 4);

        using var again = Open();
        Assert.Equal(Range(1, 4), ReadAll(again));
        Assert.Equal(4, Lines().Length);
        Assert.All(Lines(), line => Assert.EndsWith("}}", line, StringComparison.Ordinal));
    }

    [Fact]
    public void LineDamagedOnDisk_IsLeftOut_AndTheOthersAreRead()
    {
        using (var journal = Open()) AppendMany(journal, 1, 3);
        var lines = Lines();
        lines[1] = lines[1][..40] + "#damaged";
        File.WriteAllLines(Files()[0], lines);

        using var reopened = Open();
        Assert.Equal([1, 3], ReadAll(reopened));
        Assert.Equal(3, reopened.LastPosition);
    }

    [Fact]
    public void Files_AreRotatedBySize_AndTheOldestGoes()
    {
        var options = Options() with { MaxFileBytes = 4096, MaxFiles = 3, MemoryEntries = 20 };
        using (var journal = Open(options))
        {
            for (var i = 1; i <= 200; i++)
            {
                journal.Append(Events.Of(i));
                if (i % 10 == 0) AwaitOnDisk(i);
            }
        }

        Assert.Equal(3, Files().Length);
        Assert.All(Files(), file => Assert.True(new FileInfo(file).Length <= 4096));
        using var reopened = Open(options);
        var kept = ReadAll(reopened);
        Assert.Equal(200, kept[^1]);
        Assert.True(kept[0] > 1);
        Assert.Equal(Range(kept[0], 200), kept);
    }

    [Fact]
    public void EmptyNewestFile_DoesNotSetPositionsBack()
    {
        using (var journal = Open()) AppendMany(journal, 1, 2);
        File.WriteAllText(folder.File("events-0000000000000000003.jsonl"), "");

        using var reopened = Open();
        reopened.Append(Events.Of(3));

        Assert.Equal(3, reopened.LastPosition);
    }

    [Fact]
    public async Task Subscriber_HearsOfNews_AndMissesNothing()
    {
        using var journal = Open(Options() with { MemoryEntries = 5000 });
        using var subscription = journal.Subscribe();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var producer = new Thread(() => AppendMany(journal, 1, 5000));
        producer.Start();
        long position = 0;

        while (position < 5000)
        {
            await subscription.News.ReadAsync(limit.Token);
            while (journal.Read(position, 100) is { Length: > 0 } page)
            {
                Assert.Equal(position + 1, page[0].Position);
                position = page[^1].Position;
            }
        }

        producer.Join();
        subscription.Dispose();
        subscription.News.TryRead(out _);
        Assert.False(await subscription.News.WaitToReadAsync(limit.Token));
    }

    [Fact]
    public void Appending_DoesNotWaitForADiskThatHangs()
    {
        var slow = new TaskCompletionSource();
        using var host = new TestHost();
        host.MountTinyDisk(folder.Path, 64 * 1024);
        using var journal = host.Run(() => new EventJournal(Options(), _ => slow.Task.Wait(TimeSpan.FromMinutes(2))));
        host.Run(() => GenerationFileTests.Fill(folder.File("ballast")));
        AppendMany(journal, 1, 100);

        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        AppendMany(journal, 101, 10_000);

        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1));
        Assert.Equal(10_000, journal.LastPosition);
        slow.SetResult();
    }

    [Fact]
    public void FullDisk_IsReportedOnce_MemoryGoesOn_AndAfterwardsNothingIsLost()
    {
        using var host = new TestHost();
        host.MountTinyDisk(folder.Path, 32 * 1024);
        var options = Options() with { MemoryEntries = 2000, RetryInterval = TimeSpan.FromMilliseconds(50) };
        using (var journal = host.Run(() => new EventJournal(options, reports.Enqueue)))
        {
            AppendMany(journal, 1, 10);
            Wait.Until(() => host.Run(() => Lines().Length) == 10, "the first entries are on disk");
            host.Run(() => GenerationFileTests.Fill(folder.File("ballast")));

            AppendMany(journal, 11, 100);
            Wait.Until(() => !reports.IsEmpty, "the report");
            AppendMany(journal, 101, 110);

            Assert.Equal(Range(11, 110), journal.Read(10, 500).Select(entry => entry.Position));
            var report = Assert.Single(reports);
            Assert.False(report.Works);
            Assert.Contains("No space left on device", report.Sentence, StringComparison.Ordinal);

            host.Run(() => File.Delete(folder.File("ballast")));
            Wait.Until(() => reports.Count == 2, "the recovery");
            Assert.True(reports.Last().Works);
            Assert.Contains("No event was lost", reports.Last().Sentence, StringComparison.Ordinal);
        }

        host.Run(() =>
        {
            using var reopened = new EventJournal(options, reports.Enqueue);
            Assert.Equal(Range(1, 110), ReadAll(reopened));
        });
    }

    [Fact]
    public void WhatFallsOutOfMemoryUnwritten_IsCounted()
    {
        using var host = new TestHost();
        host.MountTinyDisk(folder.Path, 32 * 1024);
        var options = Options() with { MemoryEntries = 50, RetryInterval = TimeSpan.FromMilliseconds(50) };
        using var journal = host.Run(() =>
        {
            GenerationFileTests.Fill(folder.File("ballast"));
            return new EventJournal(options, reports.Enqueue);
        });
        AppendMany(journal, 1, 60);
        Wait.Until(() => !reports.IsEmpty, "the report");
        AppendMany(journal, 61, 150);

        host.Run(() => File.Delete(folder.File("ballast")));

        Wait.Until(() => reports.Count == 2, "the recovery");
        Assert.Contains("100 events before position 101 were lost", reports.Last().Sentence, StringComparison.Ordinal);
        Assert.Equal(Range(101, 150), ReadAll(journal));
    }

    [Fact]
    public void DirectoryThatCannotBeUsed_IsRefusedWithItsPath()
    {
        File.WriteAllText(folder.File("taken"), "");

        var failure = Assert.Throws<StateException>(
            () => new EventJournal(new JournalOptions(folder.File("taken")), reports.Enqueue));

        Assert.Contains(folder.File("taken"), failure.Message, StringComparison.Ordinal);
    }

    private static void AppendMany(EventJournal journal, long first, long last)
    {
        for (var i = first; i <= last; i++) journal.Append(Events.Of(i));
    }

    private static List<long> Range(long first, long last)
    {
        var range = new List<long>();
        for (var i = first; i <= last; i++) range.Add(i);
        return range;
    }

    private static List<long> ReadAll(EventJournal journal, int pageSize = 500)
    {
        var positions = new List<long>();
        while (journal.Read(positions.LastOrDefault(), pageSize) is { Length: > 0 } page)
            positions.AddRange(page.Select(entry => entry.Position));
        return positions;
    }

    // The tests read what is on disk at the end, however busy the disk is.
    private JournalOptions Options() => new(folder.Path) { FlushAtEnd = TimeSpan.FromMinutes(1) };

    private EventJournal Open(JournalOptions? options = null) => new(options ?? Options(), reports.Enqueue);

    private string[] Files() => [.. Directory.GetFiles(folder.Path, "events-*").Order(StringComparer.Ordinal)];

    private string[] Lines() => [.. Files().SelectMany(File.ReadAllLines)];

    private void AwaitOnDisk(int number) => Wait.Until(
        () => Files().LastOrDefault() is { } file
            && File.ReadAllText(file).Contains($"\"s1/7/{number}\"", StringComparison.Ordinal),
        $"entry {number} on disk");
}
