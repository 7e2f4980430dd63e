using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ha.Api.Tests;

/// <summary>The real program on real Kestrel, real SQLite and a fake agent, in a directory of its own.</summary>
internal sealed class ApiApplication : IAsyncDisposable
{
    private readonly string directory;
    private readonly List<string> logged = [];
    private readonly string[] settings;
    private WebApplication app;

    private ApiApplication(string directory, string[] settings, bool withAgent)
    {
        (this.directory, this.settings) = (directory, settings);
        if (withAgent) Agent = new FakeAgent(RuntimeDirectory);
        app = Build();
    }

    public FakeAgent Agent { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public HttpClient Anonymous { get; private set; } = null!;

    public string Token { get; private set; } = "";

    public StringWriter Output { get; } = new();

    public Uri Address => new(app.Urls.First());

    public string RuntimeDirectory => Path.Combine(directory, "run");

    public string StateDirectory => Path.Combine(directory, "state");

    public IServiceProvider Parts => app.Services;

    public ImmutableArray<string> Logged
    {
        get
        {
            lock (logged) return [.. logged];
        }
    }

    public string StateFile(string name) => Path.Combine(StateDirectory, "api", name);

    /// <summary>Starts the program; waits until it has the agent's state.</summary>
    public static async Task<ApiApplication> StartAsync(string[]? settings = null, bool withAgent = true,
        Action<ApiApplication>? before = null)
    {
        var application = new ApiApplication(
            Directory.CreateTempSubdirectory("ha-api-").FullName, settings ?? [], withAgent);
        before?.Invoke(application);
        await application.StartProgramAsync();
        if (withAgent) await application.StateIsKnownAsync();
        return application;
    }

    public Task StateIsKnownAsync() => Until.TrueAsync(
        async () => (await Anonymous.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK,
        "the API has the agent's state");

    public async Task RestartProgramAsync(Action? between = null)
    {
        await StopProgramAsync();
        between?.Invoke();
        app = Build();
        await StartProgramAsync();
    }

    public async Task StopAgentAsync() => await Agent.DisposeAsync();

    public void StartAgent(ClusterSnapshot? snapshot = null, ImmutableList<JournalEntry>? journal = null) =>
        Agent = new FakeAgent(RuntimeDirectory, journal, snapshot);

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type)
    {
        using var response = await Client.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode,
            $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return (await response.Content.ReadFromJsonAsync(type))!;
    }

    /// <summary>Reads an answer that has to be a problem, as all problems have to be.</summary>
    public static async Task<Problem> ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = System.Text.Json.JsonSerializer.Deserialize(body, HaJson.Default.Problem)!;
        Assert.Equal(code, problem.Code);
        Assert.Equal($"/problems/{code}", problem.Type);
        Assert.Equal((int)status, problem.Status);
        Assert.NotEmpty(problem.TraceId);
        Assert.NotEmpty(problem.Detail);
        return problem;
    }

    private WebApplication Build()
    {
        string[] arguments =
        [
            "--runtime-dir", RuntimeDirectory, "--state-dir", StateDirectory,
            "--urls", "http://127.0.0.1:0", // the last one counts
            "--Api:RequestBurst=100000", "--Api:RequestsPerSecond=100000", // waiting for a condition asks often
            .. settings,
        ];
        var line = CommandLine.Parse(arguments);
        Assert.Equal("", line.Error);
        var (builder, options) = Startup.Configure(line, Output);
        Assert.Empty(options.Errors());
        builder.Logging.ClearProviders().AddProvider(new LogLines(logged));
        return Program.Compose(builder, options);
    }

    private async Task StartProgramAsync()
    {
        await Startup.StartAsync(app);
        var shown = Output.ToString();
        if (Token.Length == 0 && shown.Contains("API token ", StringComparison.Ordinal))
            Token = shown.Split("API token ")[1].Split(' ')[0];
        Client = NewClient(Token);
        Anonymous = NewClient(null);
    }

    public HttpClient NewClient(string? token)
    {
        // The certificate is checked by the tests that are about it.
        var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
            AllowAutoRedirect = false,
            Expect100ContinueTimeout = TimeSpan.FromSeconds(30),
        }) { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private async Task StopProgramAsync()
    {
        Client.Dispose();
        Anonymous.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopProgramAsync();
        if (Agent is not null) await Agent.DisposeAsync();
        await DeleteAsync(directory);
    }

    // On a busy machine the shutdown's time can be over before the last write to a database: a file may come meanwhile.
    private static async Task DeleteAsync(string directory)
    {
        for (var begin = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                Directory.Delete(directory, recursive: true);
                return;
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private sealed class LogLines(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (lines) lines.Add($"{logLevel}: {formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
