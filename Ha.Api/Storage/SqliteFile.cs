using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Storage;

/// <summary>
/// One SQLite database that may vanish or be damaged while it is in use: every use looks whether the file is still
/// the one that was prepared, and makes it anew if not.
/// </summary>
internal sealed class SqliteFile<TContext>(
    string path, Func<DbContextOptions<TContext>, TContext> create, TimeProvider clock, ILogger log)
    : IDisposable where TContext : DbContext
{
    private const int BusyTimeoutSeconds = 2;
    private const int KeptDamagedFiles = 3;

    private const string ForgetFrameworkLock =
        """
        CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER PRIMARY KEY, "Timestamp" TEXT NOT NULL);
        DELETE FROM "__EFMigrationsLock";
        """;

    private readonly Lock gate = new();
    private readonly string connection = new SqliteConnectionStringBuilder
    {
        DataSource = path, DefaultTimeout = BusyTimeoutSeconds, Pooling = true,
    }.ToString();

    private FileIdentity? prepared;

    public string Path => path;

    /// <summary>Runs one unit of work. It may wait for another writer for two seconds, not longer.</summary>
    /// <exception cref="SqliteException">The database cannot be used; damage is repaired before the next
    /// use.</exception>
    public T Use<T>(Func<TContext, T> work)
    {
        EnsurePrepared();
        try
        {
            using var context = create(Options());
            return work(context);
        }
        catch (Exception error) when (SqliteFault.IsDamage(error))
        {
            lock (gate) MoveAside(error);
            throw;
        }
    }

    public void Use(Action<TContext> work) => Use(context =>
    {
        work(context);
        return 0;
    });

    /// <summary>Closes what is open, so that the write-ahead log is played into the database.</summary>
    public void Dispose() => ReleaseConnections();

    private DbContextOptions<TContext> Options() =>
        new DbContextOptionsBuilder<TContext>().UseSqlite(connection).Options;

    private void EnsurePrepared()
    {
        if (!gate.TryEnter(TimeSpan.FromSeconds(BusyTimeoutSeconds)))
            throw new IOException($"Database {path} is being made ready; that takes longer than usual.");
        try
        {
            var found = FileIdentity.Of(path);
            if (prepared is not null && found == prepared) return;
            if (prepared is not null) log.DatabaseGone(path);
            PrepareOrReplace(isNew: found is null);
        }
        finally
        {
            gate.Exit();
        }
    }

    private void PrepareOrReplace(bool isNew)
    {
        try
        {
            Prepare(isNew);
        }
        catch (SqliteException error) when (SqliteFault.IsDamage(error))
        {
            MoveAside(error);
            Prepare(isNew: true);
        }
    }

    private void Prepare(bool isNew)
    {
        prepared = null;
        ReleaseConnections();
        OwnerOnly.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        // Two processes must not migrate at once; the framework's own lock survives a power loss and would hang the
        // next start.
        using var migrating =
            new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (isNew) RemoveLogs();
        using var context = create(Options());
        if (!isNew) context.Database.ExecuteSqlRaw(ForgetFrameworkLock);
        context.Database.Migrate();
        context.Database.ExecuteSqlRaw("PRAGMA journal_mode = WAL");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        prepared = FileIdentity.Of(path);
        if (isNew) log.DatabaseCreated(path);
    }

    private void MoveAside(Exception damage)
    {
        prepared = null;
        ReleaseConnections();
        var aside = $"{path}.damaged-{clock.GetUtcNow():yyyyMMdd'T'HHmmssfff}";
        if (File.Exists(path)) File.Move(path, aside);
        RemoveLogs();
        var directory = new DirectoryInfo(System.IO.Path.GetDirectoryName(path)!);
        foreach (var old in directory.GetFiles(System.IO.Path.GetFileName(path) + ".damaged-*")
            .OrderByDescending(file => file.Name, StringComparer.Ordinal).Skip(KeptDamagedFiles)) old.Delete();
        log.DatabaseDamaged(path, damage.GetBaseException().Message, aside);
    }

    // A write-ahead log that belongs to another database file would be played into the new one.
    private void RemoveLogs()
    {
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
    }

    private void ReleaseConnections()
    {
        using var pooled = new SqliteConnection(connection);
        SqliteConnection.ClearPool(pooled);
    }
}

internal static class SqliteFault
{
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    public static bool IsDamage(Exception error) =>
        error.GetBaseException() is SqliteException { SqliteErrorCode: Corrupt or NotADatabase };

    /// <summary>A fault of disk or database that may pass: full, locked, not writable, just being made anew.</summary>
    public static bool IsStorageFault(Exception error) =>
        error is SqliteException or DbUpdateException or IOException or UnauthorizedAccessException;
}
