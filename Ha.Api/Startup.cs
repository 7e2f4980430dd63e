using Ha.Api.Security;
using Microsoft.Extensions.Configuration.Json;

namespace Ha.Api;

/// <summary>From the command line to a running program and its exit code.</summary>
internal static class Startup
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const int WrongConfiguration = 6;
    private const string DefaultUrls = "https://*:8443";

    public static async Task<int> RunAsync(CommandLine line, TextWriter output, TextWriter errors)
    {
        switch (line.Verb)
        {
            case Verb.Help:
                await output.WriteLineAsync(CommandLine.Usage);
                return Done;
            case Verb.Wrong:
                await errors.WriteLineAsync(line.Error);
                return WrongUsage;
            case Verb.NewToken or Verb.Serve:
                break;
        }
        var (builder, options) = Configure(line, output);
        string[] wrong = [.. options.Errors()];
        if (wrong.Length > 0)
        {
            foreach (var error in wrong) await errors.WriteLineAsync(error);
            return WrongConfiguration;
        }
        try
        {
            return line.Verb == Verb.NewToken
                ? await ReplaceTokenAsync(options, output, errors)
                : await ServeAsync(builder, options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"ha-api cannot start: {error.Message}");
            return Failed;
        }
        catch (InvalidDataException error)
        {
            await errors.WriteLineAsync(error.Message);
            return WrongConfiguration;
        }
    }

    /// <summary>Files, environment and command line, the later over the earlier.</summary>
    internal static (WebApplicationBuilder Builder, ApiOptions Options) Configure(CommandLine line, TextWriter output)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        foreach (var file in builder.Configuration.Sources.OfType<JsonConfigurationSource>())
            file.ReloadOnChange = false; // nothing here is read again, and each watch costs an inotify instance
        if (Environment.GetEnvironmentVariable("HA_API_TOKEN_FILE") is { Length: > 0 } tokenFile)
            builder.Configuration["Api:TokenFile"] = tokenFile;
        builder.Configuration.AddInMemoryCollection(line.Settings);
        if (builder.Configuration["urls"] is null && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            builder.Configuration["urls"] = DefaultUrls;
        var options = builder.Configuration.GetSection("Api").Get<ApiOptions>() ?? new ApiOptions();
        builder.Configuration.GetSection("Webhooks").Bind(options.Webhooks);
        // The framework writes the whole address of each request, with the hub's token in it.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        // RefusedTokens says it better.
        builder.Logging.AddFilter(typeof(BearerAuthentication).FullName, LogLevel.Warning);
        builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System).AddSingleton(output);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        return (builder, options);
    }

    private static async Task<int> ServeAsync(WebApplicationBuilder builder, ApiOptions options)
    {
        await using var app = Program.Compose(builder, options);
        await StartAsync(app);
        await app.WaitForShutdownAsync();
        return Done;
    }

    internal static async Task StartAsync(WebApplication app)
    {
        // Shows a new token, and stops the start if there is none to be had.
        _ = app.Services.GetRequiredService<TokenStore>();
        await app.StartAsync();
        foreach (var address in app.Urls.Where(url => url.StartsWith("http://", StringComparison.Ordinal)))
            app.Logger.ListeningWithoutTls(address);
    }

    private static async Task<int> ReplaceTokenAsync(ApiOptions options, TextWriter output, TextWriter errors)
    {
        if (options.TokenFile is { } file)
        {
            await errors.WriteLineAsync($"The token comes from {file}: write a new one into that file.");
            return WrongUsage;
        }
        await output.WriteLineAsync(TokenStore.Replace(options, TimeProvider.System));
        return Done;
    }

    /// <summary>A part that runs by itself and that others also ask.</summary>
    public static IServiceCollection AddRunning<T>(this IServiceCollection parts) where T : class, IHostedService =>
        parts.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());
}
