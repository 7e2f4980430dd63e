using System.Security.Claims;
using System.Text.Encodings.Web;
using Ha.Api.Live;
using Ha.Api.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Ha.Api.Security;

/// <summary>
/// Who asks: the bearer token in the header, or for the hub alone in the query, as browsers can only there.
/// </summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logging, UrlEncoder encoder,
    TokenStore tokens, RefusedTokens refused)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logging, encoder)
{
    public const string SchemeName = "Bearer";
    private const string HeaderPrefix = "Bearer ";

    public static void AddTo(IServiceCollection parts)
    {
        parts.AddSingleton<TokenStore>().AddSingleton<RefusedTokens>();
        parts.AddAuthentication(SchemeName)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(SchemeName, null);
        parts.AddAuthorizationBuilder().SetFallbackPolicy(
            new AuthorizationPolicyBuilder(SchemeName).RequireAuthenticatedUser().Build());
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    private AuthenticateResult Authenticate()
    {
        if (Presented() is not { Length: > 0 } token) return AuthenticateResult.NoResult();
        if (tokens.ActorOf(token) is not { } actor)
        {
            refused.Count(Context);
            return AuthenticateResult.Fail("The token is not valid.");
        }
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, actor)], SchemeName, ClaimTypes.Name, null);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    private string? Presented()
    {
        string? header = Request.Headers.Authorization;
        if (header is not null)
            return header.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase)
                ? header[HeaderPrefix.Length..].Trim() : null;
        return Request.Path.StartsWithSegments(ClusterHub.Path, StringComparison.Ordinal)
            ? (string?)Request.Query["access_token"] : null;
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (RefusedTokens.TooMany(Context) is { } wait)
        {
            var slow = new ProblemResult(ProblemType.TooManyRequests, "Too many wrong tokens came from this address.");
            return (slow with { RetryAfter = wait }).ExecuteAsync(Context);
        }
        Response.Headers[HeaderNames.WWWAuthenticate] = Presented() is null
            ? "Bearer realm=\"ha-api\"" : "Bearer realm=\"ha-api\", error=\"invalid_token\"";
        return ProblemMapping.ForStatus(StatusCodes.Status401Unauthorized).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ProblemMapping.ForStatus(StatusCodes.Status403Forbidden).ExecuteAsync(Context);
}
