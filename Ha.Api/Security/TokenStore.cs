using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ha.Api.Storage;

namespace Ha.Api.Security;

/// <summary>
/// The one API token. Its own file holds only the hash; a token file given by the operator holds the token. Both are
/// read again when they change.
/// </summary>
internal sealed class TokenStore
{
    private const string Prefix = "ha_";
    private const int RandomBytes = 32;
    private const int ShortestToken = 20;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    private readonly Lock gate = new();
    private readonly string path;
    private readonly bool isTokenFile;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private volatile StoredToken current;
    private DateTime changedAt;
    private long lookedAt;

    /// <param name="options">Where the token is.</param>
    /// <param name="announce">Where a token that was just made is shown, once.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">The log; never sees a token.</param>
    /// <exception cref="InvalidDataException">There is a token file that must not or cannot be used.</exception>
    public TokenStore(ApiOptions options, TextWriter announce, TimeProvider clock, ILogger<TokenStore> log)
    {
        (this.clock, this.log) = (clock, log);
        isTokenFile = options.TokenFile is not null;
        path = options.TokenFile ?? PathOf(options);
        if (!isTokenFile && !File.Exists(path))
        {
            var token = Replace(options, clock);
            announce.WriteLine($"first start: API token {token}   (shown once; 'ha-api token --new' makes another)");
        }
        changedAt = File.GetLastWriteTimeUtc(path);
        current = Read();
        lookedAt = clock.GetTimestamp();
    }

    /// <summary>Changes when the token is replaced: whoever came in with the old one has to go.</summary>
    public string Fingerprint => Current().Sha256;

    /// <summary>The name of the actor that the token stands for; null when the token is wrong.</summary>
    public string? ActorOf(string presented)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(presented));
        if (Matches(Current(), hash) is { } actor) return actor;
        return Matches(Current(lookNow: true), hash); // a token that was made just now is no wrong one
    }

    private static string? Matches(StoredToken token, byte[] hash) =>
        CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(token.Sha256)) ? token.Name : null;

    /// <summary>Makes a new token, stores its hash and returns it: the only moment it can be seen.</summary>
    public static string Replace(ApiOptions options, TimeProvider clock)
    {
        var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        var stored = new StoredToken("operator", HashOf(token), clock.GetUtcNow());
        OwnerOnly.WriteFile(PathOf(options), JsonSerializer.SerializeToUtf8Bytes(stored, ApiJson.Default.StoredToken));
        return token;
    }

    private static string PathOf(ApiOptions options) => options.OwnFile("token.json");

    private static string HashOf(string token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private StoredToken Current(bool lookNow = false)
    {
        lock (gate)
        {
            if (!lookNow && clock.GetElapsedTime(lookedAt) < LookInterval) return current;
            lookedAt = clock.GetTimestamp();
            var changed = File.GetLastWriteTimeUtc(path);
            if (changed == changedAt) return current;
            try
            {
                var read = Read();
                changedAt = changed;
                if (read.Sha256 != current.Sha256) log.TokenReplaced();
                current = read;
            }
            catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                changedAt = changed; // said once for each change, not at every request
                log.TokenUnreadable(error.Message);
            }
            return current;
        }
    }

    private StoredToken Read()
    {
        if ((File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
            throw new InvalidDataException(
                $"{path} holds a secret but others can read or change it: chmod 0600 {path}");
        return isTokenFile ? FromTokenFile(File.ReadAllText(path).Trim()) : FromStore(File.ReadAllBytes(path));
    }

    private StoredToken FromTokenFile(string token) =>
        token.Length >= ShortestToken && token.All(c => c is > ' ' and <= '~')
            ? new StoredToken("operator", HashOf(token), clock.GetUtcNow())
            : throw new InvalidDataException(
                $"{path} has to hold one token of at least {ShortestToken} visible ASCII characters and nothing else.");

    private StoredToken FromStore(byte[] json)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, ApiJson.Default.StoredToken) is { Sha256.Length: 64 } token
                && Convert.FromHexString(token.Sha256).Length == SHA256.HashSizeInBytes) return token;
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            throw new InvalidDataException(
                $"{path} is damaged ({error.Message}): make a new token with 'ha-api token --new'.", error);
        }
        throw new InvalidDataException($"{path} has no hash in it: make a new token with 'ha-api token --new'.");
    }
}

/// <summary>The token as it is kept.</summary>
/// <param name="Name">Name of the actor it stands for; shown in events.</param>
/// <param name="Sha256">Hash in hex. A token of 32 random bytes needs no slow hash.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record StoredToken(string Name, string Sha256, DateTimeOffset CreatedAt);
