using System.Security.Cryptography;
using System.Text;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Operations;

/// <summary>Endpoint metadata: the header Idempotency-Key counts here. The OpenAPI document shows it.</summary>
internal sealed class TakesIdempotencyKey
{
    public static readonly TakesIdempotencyKey Yes = new();
}

/// <summary>Remembers which key stood for which request, for at least a day.</summary>
internal sealed class IdempotencyKeys(
    SqliteFile<OperationsContext> file, TimeProvider clock, ILogger<IdempotencyKeys> log)
{
    private const int RemovedAtOnce = 1000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(2);

    /// <summary>Keeps the key, and tells what it stood for before.</summary>
    public EarlierRequest Remember(string key, string fingerprint)
    {
        try
        {
            return file.Use(kept => Remember(kept, key, fingerprint));
        }
        catch (Exception error) when (SqliteFault.IsStorageFault(error))
        {
            // A full disk must not keep an operator from moving a service: the agent still does one id once.
            log.IdempotencyNotKept(error.GetBaseException().Message);
            return EarlierRequest.None;
        }
    }

    /// <summary>Keeps what the request made.</summary>
    public void Complete(string key, string resultId)
    {
        try
        {
            file.Use(kept => kept.Keys.Where(row => row.Key == key)
                .ExecuteUpdate(update => update.SetProperty(row => row.ResultId, resultId)));
        }
        catch (Exception error) when (SqliteFault.IsStorageFault(error))
        {
            log.IdempotencyNotKept(error.GetBaseException().Message);
        }
    }

    private EarlierRequest Remember(OperationsContext kept, string key, string fingerprint)
    {
        var now = clock.GetUtcNow();
        var oldest = (now - KeptFor).ToMicroseconds();
        kept.Keys.Where(row => row.CreatedAtMicroseconds < oldest).Take(RemovedAtOnce).ExecuteDelete();
        // Two requests with one key at once: the first to write decides what the key stands for.
        kept.Database.ExecuteSql(
            $"""
             INSERT OR IGNORE INTO "Keys" ("Key", "Fingerprint", "CreatedAtMicroseconds")
             VALUES ({key}, {fingerprint}, {now.ToMicroseconds()})
             """);
        var row = kept.Keys.AsNoTracking().Single(found => found.Key == key);
        return new EarlierRequest(row.Fingerprint != fingerprint, row.ResultId);
    }
}

/// <summary>What a key stood for before this request.</summary>
/// <param name="OtherRequest">The key belongs to a request with another path or body.</param>
/// <param name="ResultId">What the same request made earlier; null: nothing that is known.</param>
internal readonly record struct EarlierRequest(bool OtherRequest, string? ResultId)
{
    public static readonly EarlierRequest None = new(OtherRequest: false, null);
}

/// <summary>The idempotency key of a request, if it has one.</summary>
/// <param name="Hash">Hash of actor and key: one actor's keys are not another's.</param>
/// <param name="Fingerprint">Hash of path and body.</param>
/// <param name="Error">What is wrong with the header.</param>
internal readonly record struct KeyReading(string? Hash, string? Fingerprint, ProblemError? Error)
{
    public const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    public static readonly KeyReading None = new(null, null, null);

    public static KeyReading From(HttpRequest request, string actor, string content)
    {
        if (!request.Headers.TryGetValue(Header, out var values)) return None;
        return values is [{ Length: >= 1 and <= MaxLength } key] && key.All(c => c is > ' ' and <= '~')
            ? new(Hashed($"{actor}\n{key}"), Hashed(content), null)
            : new(null, null, new(Header, $"One key of 1 to {MaxLength} visible ASCII characters."));
    }

    private static string Hashed(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
