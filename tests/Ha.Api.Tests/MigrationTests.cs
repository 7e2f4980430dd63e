using Ha.Api.History;
using Ha.Api.Operations;
using Ha.Api.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Tests;

public sealed class MigrationTests
{
    [Fact]
    public void HandWrittenMigrations_MakeWhatTheModelSays()
    {
        Compare<HistoryContext>(options => new HistoryContext(options));
        Compare<OperationsContext>(options => new OperationsContext(options));
        Compare<WebhooksContext>(options => new WebhooksContext(options));
    }

    private static void Compare<T>(Func<DbContextOptions<T>, T> create) where T : DbContext
    {
        var directory = Directory.CreateTempSubdirectory("ha-api-");
        var migrated = Shape(directory, "migrated.db", create, context => context.Database.Migrate());
        var modelled = Shape(directory, "modelled.db", create, context => context.Database.EnsureCreated());
        directory.Delete(recursive: true);
        Assert.NotEmpty(modelled);
        Assert.Equal(modelled, migrated);
    }

    private static List<string> Shape<T>(
        DirectoryInfo directory, string name, Func<DbContextOptions<T>, T> create, Action<T> make) where T : DbContext
    {
        var path = Path.Combine(directory.FullName, name);
        using var context = create(new DbContextOptionsBuilder<T>()
            .UseSqlite($"Data Source={path};Pooling=False").Options);
        make(context);
        return [.. context.Database.SqlQueryRaw<string>(
            """
            SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk AS Value
            FROM sqlite_master m JOIN pragma_table_info(m.name) c
            WHERE m.type = 'table' AND m.name NOT LIKE '%EFMigrations%' AND m.name NOT LIKE 'sqlite_%'
            UNION ALL
            SELECT m.name || ' on ' || m.tbl_name || ' (' || group_concat(i.name) || ')' AS Value
            FROM sqlite_master m JOIN pragma_index_info(m.name) i
            WHERE m.type = 'index' AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name
            ORDER BY 1
            """).ToList()];
    }
}
