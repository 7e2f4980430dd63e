namespace Ha.Api.Security;

internal static class SecurityHeaders
{
    private const string ForApi = "default-src 'none'; frame-ancestors 'none'";
    private const string ForSwagger =
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

    /// <summary>Tells browsers to guess no types, frame nothing, load nothing foreign and keep nothing.</summary>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(Write, context);
        return next(context);
    });

    private static Task Write(object target)
    {
        var context = (HttpContext)target;
        var isSwagger = context.Request.Path.StartsWithSegments("/swagger", StringComparison.Ordinal);
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = isSwagger ? ForSwagger : ForApi;
        headers["Referrer-Policy"] = "no-referrer";
        if (!isSwagger) headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
