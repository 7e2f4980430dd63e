using System.Threading.RateLimiting;
using Ha.Web.Client;

namespace Ha.Web.Security;

/// <summary>Decides who comes in: a token is good when an API of the cluster accepts it.</summary>
internal sealed class SignInGate(ImmutableArray<ApiEndpoint> apis) : IDisposable
{
    public const int MaxTokenLength = 512;
    public const int TriesPerMinute = 10;

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(
        address => RateLimitPartition.GetFixedWindowLimiter(
            address,
            _ => new FixedWindowRateLimiterOptions { PermitLimit = TriesPerMinute, Window = TimeSpan.FromMinutes(1) }));

    /// <summary>Checks a token. Null: come in. Otherwise what is wrong, one line for each thing to know.</summary>
    /// <param name="token">What was typed.</param>
    /// <param name="address">Where the request comes from; tries are counted for each address.</param>
    /// <param name="cancellationToken">Ends the check when the browser has gone.</param>
    public async Task<SignInRefusal?> CheckAsync(string? token, string address, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
        {
            return new SignInRefusal("Enter the API token.", []);
        }

        using var lease = _limiter.AttemptAcquire(address);
        if (!lease.IsAcquired)
        {
            return new SignInRefusal($"More than {TriesPerMinute} tries in a minute. Wait a minute and try again.", []);
        }

        if (token.Length > MaxTokenLength || token.Any(character => character is <= ' ' or > '~'))
        {
            return WrongToken;
        }

        var session = new ApiSession(token);
        var checks = apis.Select(api => session.VerifyAsync(api, cancellationToken)).ToList();
        List<ApiFault> faults = [];
        await foreach (var check in Task.WhenEach(checks))
        {
            // An API whose agent is out of reach has accepted the token all the same; the dashboard tells the rest.
            if (await check is not { } fault || fault.Kind == ApiFaultKind.NotReady)
            {
                return null;
            }

            faults.Add(fault);
        }

        return Explain(faults);
    }

    public void Dispose() => _limiter.Dispose();

    private static SignInRefusal WrongToken => new(
        "This token is not accepted.",
        ["It was printed once when ha-api was first started. Look for spaces or missing characters at its ends."]);

    private static SignInRefusal Explain(List<ApiFault> faults)
    {
        if (faults.Exists(fault => fault.Kind == ApiFaultKind.RateLimited))
        {
            return new SignInRefusal("The API has seen too many tries. Wait a minute and try again.", []);
        }

        return faults.Exists(fault => fault.Kind == ApiFaultKind.TokenRefused)
            ? WrongToken
            : new SignInRefusal("No node's API can be used.", [.. faults.Select(fault => fault.Sentence)]);
    }
}

/// <summary>Why somebody cannot come in.</summary>
/// <param name="Title">What is wrong.</param>
/// <param name="Details">What more is known, one line each.</param>
internal sealed record SignInRefusal(string Title, ImmutableArray<string> Details);
