using System.Threading.RateLimiting;
using Ha.Api.Problems;

namespace Ha.Api.Security;

/// <summary>What one client may ask of this process.</summary>
internal static class RequestLimits
{
    public const long MaxBodyBytes = 1024 * 1024;
    private const int MaxConnections = 1000;
    private const int MaxHubConnections = 200;
    private const int PeriodsPerSecond = 10;

    public static void AddTo(WebApplicationBuilder builder, ApiOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = MaxHubConnections;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        AddRate(builder.Services, options);
    }

    // A rate for each token, and for each address that has none.
    private static void AddRate(IServiceCollection parts, ApiOptions options) => parts.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            RateLimitPartition.GetTokenBucketLimiter(
                context.User.Identity is { IsAuthenticated: true, Name: { } name }
                    ? $"actor {name}" : $"address {RefusedTokens.AddressOf(context)}",
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = options.RequestBurst,
                    TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / PeriodsPerSecond),
                    ReplenishmentPeriod = TimeSpan.FromSeconds(
                        Math.Max(1, options.RequestsPerSecond / PeriodsPerSecond) / (double)options.RequestsPerSecond),
                    QueueLimit = 0,
                }));
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (rejected, _) => await new ProblemResult(ProblemType.TooManyRequests,
            $"More than {options.RequestsPerSecond} requests a second.")
        {
            RetryAfter = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
                ? wait : TimeSpan.FromSeconds(1),
        }.ExecuteAsync(rejected.HttpContext);
    });
}
