using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Ha.Web.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ha.Web.Tests;

/// <summary>
/// One node's API as the dashboard sees it: REST, hub and self-signed certificate, real ones, in this process.
/// </summary>
internal sealed class FakeApi : IAsyncDisposable
{
    public const string Token = "hunter2-hunter2-hunter2";

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ReceivedCommand> _commands = new();
    private volatile ClusterSnapshot _snapshot;
    private volatile bool _aliveSigns = true;
    private volatile X509Certificate2 _certificate = NewCertificate();
    private Task _pulse = Task.CompletedTask;
    private bool _stopped;

    private FakeApi(WebApplication app, ClusterSnapshot snapshot)
    {
        _app = app;
        _snapshot = snapshot;
    }

    /// <summary>Address to give to ha-web.</summary>
    public Uri Address { get; private set; } = default!;

    /// <summary>Commands received so far.</summary>
    public ImmutableArray<ReceivedCommand> Commands => [.. _commands];

    /// <summary>Events that the history returns, newest first.</summary>
    public ImmutableArray<ClusterEvent> History { get; set; } = [];

    /// <summary>What the history answers instead of events; null: events.</summary>
    public Func<IResult>? HistoryFailure { get; set; }

    /// <summary>What a command is answered with.</summary>
    public Func<ReceivedCommand, IResult> OnCommand { get; set; } = _ => Results.StatusCode(500);

    /// <summary>False: the process lives, but its agent hangs.</summary>
    public bool AliveSigns
    {
        get => _aliveSigns;
        set => _aliveSigns = value;
    }

    /// <summary>False: the API lives, but its agent does not run.</summary>
    public bool AgentRuns { get; set; } = true;

    private LiveSign Sign => AgentRuns
        ? new(true, 20, new AliveSign(DateTimeOffset.UtcNow, _snapshot.Version, 3, 0.4))
        : new(false, 60_000, null);

    private IHubContext<FakeHub> Hub => _app.Services.GetRequiredService<IHubContext<FakeHub>>();

    public static async Task<FakeApi> StartAsync(ClusterSnapshot snapshot)
    {
        var reference = new FakeApiReference();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        // The kernel chooses the port when it is bound: one that was free a moment before may be taken by then.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => reference.Api!._certificate)));
        builder.Services.AddSignalR().AddJsonProtocol(json => json.PayloadSerializerOptions = ApiSession.Json);
        builder.Services.AddSingleton(reference);
        var app = builder.Build();
        var api = new FakeApi(app, snapshot);
        reference.Api = api;
        api.Map();
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses;
        api.Address = new Uri(addresses.First());
        api._pulse = api.PulseAsync();
        return api;
    }

    /// <summary>From now on it is another program, as far as its certificate tells.</summary>
    public void ShowAnotherCertificate() => _certificate = NewCertificate();

    /// <summary>Takes a new picture and pushes it.</summary>
    public Task SetAsync(ClusterSnapshot snapshot)
    {
        _snapshot = snapshot;
        return Hub.Clients.All.SendAsync("Snapshot", snapshot);
    }

    /// <summary>Tells clients that events were left out.</summary>
    public Task ResyncAsync() => Hub.Clients.All.SendAsync("Resync", "events were left out");

    public Task PushAsync(ClusterEvent happened)
    {
        History = [happened, .. History];
        return Hub.Clients.All.SendAsync("EventAppended", new JournalEntry(History.Length, happened));
    }

    /// <summary>Dies: connections are cut at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await _stop.CancelAsync();
        await _pulse;
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ha-api test", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private void Map()
    {
        _app.Use(async (context, next) =>
        {
            if (context.Request.Headers.Authorization != $"Bearer {Token}")
            {
                await Problem(401, "A valid token is needed", "Send the header Authorization.").ExecuteAsync(context);
                return;
            }

            await next(context);
        });
        _app.MapHub<FakeHub>("/hubs/cluster");
        _app.MapGet("/api/v1/cluster", () => Results.Json(_snapshot, ApiSession.Json));
        _app.MapGet("/api/v1/events", (int limit) =>
            HistoryFailure?.Invoke() ?? Results.Json(new Page<ClusterEvent>([.. History.Take(limit)], null),
                ApiSession.Json));
        _app.MapPut("/api/v1/nodes/{node}/mode", (string node, HttpRequest request) =>
            CommandAsync($"mode {node}", request));
        _app.MapPost("/api/v1/takeovers", (HttpRequest request) => CommandAsync("takeover", request));
    }

    public static IResult Problem(int status, string title, string detail) => Results.Json(
        new Problem
        {
            Type = "/problems/test",
            Title = title,
            Status = status,
            Code = "test",
            Detail = detail,
            Instance = "/",
            TraceId = "0af7651916cd43dd",
            Retryable = false,
            Errors = [],
        },
        ApiSession.Json, "application/problem+json", status);

    public static IResult Accepted(OperationSnapshot operation) =>
        Results.Json(operation, ApiSession.Json, statusCode: 202);

    private async Task<IResult> CommandAsync(string what, HttpRequest request)
    {
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body);
        var command = new ReceivedCommand(what, body, request.Headers["Idempotency-Key"].ToString());
        _commands.Enqueue(command);
        return OnCommand(command);
    }

    private async Task PulseAsync()
    {
        // More often than a real one: a busy machine brings some late, and three seconds without make the page stale.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (!_stop.IsCancellationRequested)
        {
            if (AliveSigns)
            {
                await Hub.Clients.All.SendAsync("Alive", Sign, CancellationToken.None);
            }

            Task tick = timer.WaitForNextTickAsync(_stop.Token).AsTask();
            await tick.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public sealed record ReceivedCommand(string What, JsonElement Body, string Key);

    internal sealed class FakeApiReference
    {
        public FakeApi? Api { get; set; }
    }

    internal sealed class FakeHub(FakeApiReference reference) : Hub
    {
        public override async Task OnConnectedAsync()
        {
            await Clients.Caller.SendAsync("Snapshot", reference.Api!._snapshot);
            if (reference.Api.AliveSigns)
            {
                await Clients.Caller.SendAsync("Alive", reference.Api.Sign);
            }
        }
    }
}
