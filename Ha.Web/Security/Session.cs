using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Ha.Web.Security;

/// <summary>
/// A signed-in person: the API token, inside the encrypted cookie and nowhere else. A session ends
/// <see cref="Lifetime"/> after signing in, however busy: long enough for a shift in front of a wallboard.
/// </summary>
internal static class Session
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
    private const string TokenClaim = "ha:token";
    private const string EndsClaim = "ha:ends";

    public static ClaimsPrincipal Begin(string token, DateTimeOffset now)
    {
        var ends = (now + Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(TokenClaim, token), new Claim(EndsClaim, ends)],
            CookieAuthenticationDefaults.AuthenticationScheme));
    }

    /// <summary>The token of a signed-in person.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in.</exception>
    public static string Token(ClaimsPrincipal person) =>
        person.FindFirstValue(TokenClaim) ?? throw new InvalidOperationException("Nobody is signed in.");

    /// <summary>True when the session has ended, also for a page that has been open since before.</summary>
    public static bool HasEnded(ClaimsPrincipal person, DateTimeOffset now) =>
        !long.TryParse(person.FindFirstValue(EndsClaim), CultureInfo.InvariantCulture, out var ends)
        || now.ToUnixTimeSeconds() >= ends;
}
