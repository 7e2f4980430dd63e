using System.Net;
using Microsoft.Data.Sqlite;

namespace Ha.Api.Tests;

public sealed class EventTests(SharedApi shared) : IClassFixture<SharedApi>
{
    [Fact]
    public async Task Events_ArePagedNewestFirstWithoutGapOrDouble()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Append([.. Enumerable.Range(1, 25).Select(number => Sample.Event(number))]);
        await CountAsync(api, 25);

        Assert.Equal(Enumerable.Range(1, 25).Reverse(), await NumbersAsync(api, "/api/v1/events?limit=10"));
        Assert.Equal(Enumerable.Range(1, 25), await NumbersAsync(api, "/api/v1/events?limit=10&order=oldest"));
    }

    [Fact]
    public async Task EventsThatArriveWhilePaging_DoNotShiftThePages()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Append([.. Enumerable.Range(1, 4).Select(number => Sample.Event(number))]);
        await CountAsync(api, 4);
        var first = await api.GetAsync("/api/v1/events?limit=2", HaJson.Default.PageClusterEvent);

        api.Agent.Append(Sample.Event(5));
        await CountAsync(api, 5);
        var second = await api.GetAsync(first.NextLink!, HaJson.Default.PageClusterEvent);

        Assert.Equal(["s1/5/4", "s1/5/3"], first.Items.Select(happened => happened.Id));
        Assert.Equal(["s1/5/2", "s1/5/1"], second.Items.Select(happened => happened.Id));
        Assert.Null(second.NextLink);
    }

    [Theory]
    [InlineData("kind=nodeDead", "2")]
    [InlineData("kind=nodeDead&kind=groupActive", "3,2")]
    [InlineData("severity=error", "2")]
    [InlineData("node=s2", "3")]
    [InlineData("subject=web", "3")]
    [InlineData("q=silent%20for", "2")]
    [InlineData("q=100%25", "4")]
    [InlineData("q=_", "")]
    [InlineData("from=2026-11-22T12:00:03Z", "4,3")]
    [InlineData("to=2026-11-22T12:00:03Z", "2,1")]
    [InlineData("from=2026-11-22T12:00:02Z&to=2026-11-22T12:00:04Z&node=s1", "2")]
    public async Task Filters_NarrowTheList(string query, string expected)
    {
        var api = shared.Api;
        if (api.Agent.Journal.IsEmpty)
        {
            api.Agent.Append(
                Sample.Event(1),
                Sample.Event(2, EventKind.NodeDead, severity: EventSeverity.Error, sentence: "s2 was silent for 30 s."),
                Sample.Event(3, EventKind.GroupActive, node: "s2", subject: "web"),
                Sample.Event(4, sentence: "100% of the packets are lost."));
        }

        await CountAsync(api, 4);

        Assert.Equal(expected, string.Join(',', await NumbersAsync(api, $"/api/v1/events?{query}")));
    }

    [Theory]
    [InlineData("page=2", "?page")]
    [InlineData("limit=0", "?limit")]
    [InlineData("limit=501", "?limit")]
    [InlineData("kind=disaster", "?kind")]
    [InlineData("kind=42", "?kind")]
    [InlineData("severity=Error", "?severity")]
    [InlineData("from=yesterday", "?from")]
    [InlineData("cursor=abc", "?cursor")]
    [InlineData("order=random", "?order")]
    public async Task WrongQuery_IsRefusedWithItsName(string query, string pointer)
    {
        var api = shared.Api;

        var problem = await ApiApplication.ProblemAsync(
            await api.Client.GetAsync($"/api/v1/events?{query}"), HttpStatusCode.BadRequest, "malformed-request");

        Assert.Equal(pointer, problem.Errors.Single().Pointer);
    }

    [Fact]
    public async Task EachEvent_HasItsAddressAndComesBackWhole()
    {
        await using var api = await ApiApplication.StartAsync();
        var sent = Sample.Event(123) with { TransitionId = "1.s1/4" };
        api.Agent.Append(sent);
        await CountAsync(api, 1);

        foreach (var path in new[] { "/api/v1/events/s1%2F5%2F123", "/api/v1/events/s1/5/123" })
        {
            var read = await api.GetAsync(path, HaJson.Default.ClusterEvent);
            Assert.Equal(sent with { Data = read.Data }, read);
            Assert.Equal(sent.Data, read.Data);
        }
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/events/s1/5/124"), HttpStatusCode.NotFound,
            "not-found");
    }

    [Fact]
    public async Task DatabaseDeletedWhileRunning_IsRebuiltFromTheJournalWithoutARestart()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Append([.. Enumerable.Range(1, 450).Select(number => Sample.Event(number))]);
        await CountAsync(api, 450);
        var page = await api.GetAsync("/api/v1/events?limit=2", HaJson.Default.PageClusterEvent);

        File.Delete(api.StateFile("history.db"));

        await CountAsync(api, 450);
        api.Agent.Append(Sample.Event(451));
        await CountAsync(api, 451);
        Assert.Contains(api.Logged, line => line.Contains("removed or replaced", StringComparison.Ordinal));
        await ApiApplication.ProblemAsync(await api.Client.GetAsync(page.NextLink), HttpStatusCode.Gone,
            "cursor-expired");
    }

    [Fact]
    public async Task DamagedDatabase_IsMovedAsideAndRebuilt()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Append([.. Enumerable.Range(1, 20).Select(number => Sample.Event(number))]);
        await CountAsync(api, 20);
        var noise = new byte[64 * 1024];
        new Random(1).NextBytes(noise);

        await api.RestartProgramAsync(between: () => File.WriteAllBytes(api.StateFile("history.db"), noise));
        await api.StateIsKnownAsync();

        await CountAsync(api, 20);
        Assert.NotEmpty(Directory.GetFiles(Path.GetDirectoryName(api.StateFile("x"))!, "history.db.damaged-*"));
        Assert.Contains(api.Logged, line => line.Contains("is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MigrationLockLeftByAPowerLoss_DoesNotHangTheStart()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Append(Sample.Event(1));
        await CountAsync(api, 1);
        using (var connection = new SqliteConnection($"Data Source={api.StateFile("history.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01')
                """;
            command.ExecuteNonQuery();
        }

        await api.RestartProgramAsync();
        await api.StateIsKnownAsync();

        api.Agent.Append(Sample.Event(2));
        await CountAsync(api, 2);
    }

    [Fact]
    public async Task JournalThatBeganAnew_IsReadFromItsStartWithoutDoubles()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Append([.. Enumerable.Range(1, 10).Select(number => Sample.Event(number))]);
        await CountAsync(api, 10);

        await api.StopAgentAsync();
        api.StartAgent(journal:
        [
            new JournalEntry(1, Sample.Event(9)),
            new JournalEntry(2, Sample.Event(10)),
            new JournalEntry(3, Sample.Event(11)),
        ]);

        await CountAsync(api, 11);
        api.Agent.Append(Sample.Event(12));
        await CountAsync(api, 12);
        Assert.Equal(Enumerable.Range(1, 12).Reverse(), await NumbersAsync(api, "/api/v1/events"));
    }

    [Fact]
    public async Task AgentRestartedWithItsJournal_ContinuesWhereItStopped()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Append(Sample.Event(1), Sample.Event(2));
        await CountAsync(api, 2);

        var journal = api.Agent.Journal;
        await api.StopAgentAsync();
        api.StartAgent(journal: journal.Add(new JournalEntry(3, Sample.Event(3))));

        await CountAsync(api, 3);
        Assert.DoesNotContain(api.Logged, line => line.Contains("from its start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retention_RemovesTheOldest()
    {
        await using var api = await ApiApplication.StartAsync(["--Api:HistoryEvents=1000"],
            before: application =>
                application.Agent.Append([.. Enumerable.Range(1, 2500).Select(number => Sample.Event(number))]));

        await Until.TrueAsync(async () =>
            (await NumbersAsync(api, "/api/v1/events?limit=500&order=oldest")).FirstOrDefault() > 1,
            "old events are removed");
        await Until.TrueAsync(async () =>
            (await NumbersAsync(api, "/api/v1/events?limit=1", pages: 1)).Single() == 2500, "new events are kept");
    }

    private static Task CountAsync(ApiApplication api, int count) => Until.TrueAsync(async () =>
    {
        using var response = await api.Client.GetAsync("/api/v1/events?limit=1&order=newest");
        return response.IsSuccessStatusCode && (await NumbersAsync(api, "/api/v1/events?limit=500")).Count == count;
    }, $"{count} events in the history");

    private static async Task<List<int>> NumbersAsync(ApiApplication api, string path, int pages = 100)
    {
        var numbers = new List<int>();
        for (string? next = path; next is not null && pages > 0; pages--)
        {
            var page = await api.GetAsync(next, HaJson.Default.PageClusterEvent);
            numbers.AddRange(page.Items.Select(happened => int.Parse(happened.Data["number"])));
            next = page.NextLink;
        }
        return numbers;
    }
}
