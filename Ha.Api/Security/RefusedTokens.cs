using System.Net;
using System.Threading.RateLimiting;

namespace Ha.Api.Security;

/// <summary>
/// Counts wrong tokens per address. Too many are answered 429 and no longer logged; the right token is always let in,
/// or anybody could lock the operators out.
/// </summary>
internal sealed class RefusedTokens(ILogger<RefusedTokens> log) : IDisposable
{
    private const int AtOnce = 10;
    private static readonly TimeSpan OneMoreEach = TimeSpan.FromSeconds(6);
    private static readonly object WasTooMany = new();

    private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetTokenBucketLimiter(address, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = AtOnce, TokensPerPeriod = 1, ReplenishmentPeriod = OneMoreEach, QueueLimit = 0,
        }));

    public void Count(HttpContext context)
    {
        var address = AddressOf(context);
        using var lease = limiter.AttemptAcquire(address);
        if (lease.IsAcquired) log.TokenRefused(address, context.Request.Path.ToUriComponent());
        else context.Items[WasTooMany] = OneMoreEach;
    }

    /// <summary>How long to wait, when this request had one wrong token too many; otherwise null.</summary>
    public static TimeSpan? TooMany(HttpContext context) => context.Items[WasTooMany] as TimeSpan?;

    /// <summary>The client's address; for IPv6 its network, of which one client has all addresses.</summary>
    public static string AddressOf(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address) return "unknown";
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4().ToString();
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 4) return address.ToString();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes) + "/64";
    }

    public void Dispose() => limiter.Dispose();
}
