using System.Net.Sockets;
using Ha.Web.Client;
using Ha.Web.Components;
using Ha.Web.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.StaticFiles;

namespace Ha.Web;

/// <summary>Puts the dashboard together and runs it.</summary>
internal static class WebApplicationRun
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int UsageError = 2;
    private const int ConfigurationError = 6;

    /// <summary>The server pings the browser this often; wwwroot/app.js waits for three of them.</summary>
    private static readonly TimeSpan CircuitPing = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.Out.WriteLine(WebOptions.Usage);
            return Done;
        }

        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var (options, errors) = WebOptions.Read(builder.Configuration);
        errors = errors.AddRange(WebOptions.UnknownArguments(args));
        if (options is null || errors.Length > 0)
        {
            await Console.Error.WriteLineAsync($"ha-web: {string.Join("\nha-web: ", errors)}\n{WebOptions.Usage}");
            return UsageError;
        }

        CertificatePins pins;
        try
        {
            CreatePrivateFolder(options.StateDirectory);
            CreatePrivateFolder(KeyFolder(options));
            pins = CertificatePins.Load(options.StateDirectory, options.Fingerprints);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync($"ha-web: --state-dir {options.StateDirectory}: {error.Message}");
            return ConfigurationError;
        }

        ConfigureServices(builder, options, pins);
        await using var app = builder.Build();
        ConfigurePipeline(app);
        try
        {
            await app.RunAsync();
            return Done;
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            var addresses = builder.Configuration["urls"];
            await Console.Error.WriteLineAsync($"ha-web: cannot listen on {addresses}: {error.Message}; see --urls");
            return Failed;
        }
    }

    private static string KeyFolder(WebOptions options) => Path.Combine(options.StateDirectory, "keys");

    private static void CreatePrivateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void ConfigureServices(WebApplicationBuilder builder, WebOptions options, CertificatePins pins)
    {
        ImmutableArray<ApiEndpoint> apis = [.. options.Apis.Select(address => new ApiEndpoint(address, pins))];
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls("http://127.0.0.1:8080");
        }

        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => new FeedPool(
            apis, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ClusterFeed>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<FeedPool>());
        builder.Services.AddSingleton(_ => new SignInGate(apis));
        builder.Services.AddDataProtection().SetApplicationName("ha-web")
            .PersistKeysToFileSystem(new DirectoryInfo(KeyFolder(options)));
        builder.Services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = "ha-web-form");
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.Cookie.Name = "ha-web";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = Session.Lifetime;
            cookie.SlidingExpiration = false;
            cookie.LoginPath = "/sign-in";
            cookie.AccessDeniedPath = "/sign-in";
        });
        builder.Services.AddAuthorization();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents()
            .AddHubOptions(hub => hub.KeepAliveInterval = CircuitPing);
    }

    private static void ConfigurePipeline(WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = CacheForAnHour });
        app.UseMiddleware<ExpiredForm>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapPost("/sign-out", SignOutAsync);
        app.MapGet("/health/live", () => Results.Text("ok")).AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(
            mode => mode.ContentSecurityFrameAncestorsPolicy = null); // SecurityHeaders says it already
    }

    private static void CacheForAnHour(StaticFileResponseContext context) =>
        context.Context.Response.Headers.CacheControl = "public, max-age=3600";

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (await antiforgery.IsRequestValidAsync(context))
        {
            await context.SignOutAsync();
        }

        return Results.LocalRedirect("/sign-in");
    }
}
