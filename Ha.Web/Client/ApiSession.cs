using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Ha.Web.Client;

/// <summary>Speaks with the APIs in one person's name: follows the hub, reads events, sends commands.</summary>
/// <param name="Token">The bearer token of the person who signed in.</param>
internal sealed record ApiSession(string Token)
{
    private const int MaxPendingMessages = 256;
    private const int HistoryTries = 5;
    private static readonly TimeSpan HistoryPause = TimeSpan.FromSeconds(2);

    /// <summary>JSON as <see cref="HaJson"/> writes it, for the shapes that are not in it too.</summary>
    public static JsonSerializerOptions Json { get; } = new(HaJson.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(HaJson.Default, new DefaultJsonTypeInfoResolver()),
    };

    /// <summary>Asks whether an API accepts the token. Null: it does.</summary>
    public async Task<ApiFault?> VerifyAsync(ApiEndpoint api, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendAsync(api, HttpMethod.Get, "api/v1/cluster", null, null, cancellationToken);
            return answer.IsSuccessStatusCode ? null : await FaultOfAsync(api, answer, cancellationToken);
        }
        catch (Exception error) when (IsConnectionTrouble(error, cancellationToken))
        {
            return ApiFault.OfException(error, api);
        }
    }

    /// <summary>
    /// Connects to the hub of one API and yields what comes in, the newest events of its history included.
    /// </summary>
    public async IAsyncEnumerable<ApiMessage> FollowAsync(
        ApiEndpoint api, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var messages = Channel.CreateBounded<ApiMessage>(MaxPendingMessages);
        var historyWanted = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        historyWanted.Writer.TryWrite(true);
        await using var hub = BuildHub(api);
        hub.On<ClusterSnapshot>("Snapshot", value => Push(new ApiMessage.SnapshotReceived(value)));
        hub.On<LiveSign>("Alive", value => Push(new ApiMessage.AliveReceived(value)));
        hub.On<JournalEntry>("EventAppended", value => Push(new ApiMessage.EventsReceived([value.Event])));
        hub.On<string>("Resync", _ => historyWanted.Writer.TryWrite(true));
        hub.Closed += error =>
        {
            messages.Writer.TryComplete(error);
            return Task.CompletedTask;
        };

        await hub.StartAsync(cancellationToken);
        using var historyStop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var history = ReadHistoryAsync(api, historyWanted.Reader, messages.Writer, historyStop.Token);
        try
        {
            await foreach (var message in messages.Reader.ReadAllAsync(cancellationToken))
            {
                yield return message;
            }
        }
        finally
        {
            await historyStop.CancelAsync();
            await history;
        }

        // A full channel means that this process cannot keep up: better to connect anew than to miss an event silently.
        void Push(ApiMessage message)
        {
            if (!messages.Writer.TryWrite(message))
            {
                messages.Writer.TryComplete(new IOException($"more than {MaxPendingMessages} unread messages"));
            }
        }
    }

    /// <summary>
    /// Sends a command, first to the API that is asked to begin with, then to the others while none can be reached.
    /// The key makes it safe: the cluster carries the same command out once.
    /// </summary>
    public async Task<CommandOutcome> CommandAsync(
        IEnumerable<ApiEndpoint> apis, ClusterCommand command, string key, CancellationToken cancellationToken)
    {
        ApiFault? last = null;
        foreach (var api in apis)
        {
            try
            {
                using var answer = await SendAsync(
                    api, command.Method, command.Path, command.Body, key, cancellationToken);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return new CommandOutcome.AlreadySo();
                }

                if (answer.IsSuccessStatusCode)
                {
                    var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
                    var operation = await JsonSerializer.DeserializeAsync<OperationSnapshot>(
                        body, Json, cancellationToken);
                    return operation is null
                        ? new CommandOutcome.Refused(
                            new ApiFault(ApiFaultKind.Refused, "Empty answer", $"from {api.Name}"))
                        : new CommandOutcome.Accepted(operation);
                }

                last = await FaultOfAsync(api, answer, cancellationToken);
                if (last.Kind != ApiFaultKind.NotReady)
                {
                    return new CommandOutcome.Refused(last);
                }
            }
            catch (Exception error) when (IsConnectionTrouble(error, cancellationToken))
            {
                last = ApiFault.OfException(error, api);
            }
        }

        return new CommandOutcome.Refused(last ?? new ApiFault(ApiFaultKind.Unreachable, "No API", ""));
    }

    private static bool IsConnectionTrouble(Exception error, CancellationToken cancellationToken) =>
        error is HttpRequestException or IOException or JsonException
        || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private HubConnection BuildHub(ApiEndpoint api)
    {
        var scheme = api.Address.Scheme == "https" ? "wss" : "ws";
        var address = new UriBuilder(new Uri(api.Address, "hubs/cluster")) { Scheme = scheme };
        var builder = new HubConnectionBuilder();
        builder.Services.AddSingleton<System.Net.EndPoint>(new UriEndPoint(address.Uri));
        builder.Services.AddSingleton<IConnectionFactory>(new WebSocketTransport(api, Token));
        builder.AddJsonProtocol(options => options.PayloadSerializerOptions = Json);
        return builder.Build();
    }

    /// <summary>Reads the newest events when connecting, and again when the hub had to leave some out.</summary>
    private async Task ReadHistoryAsync(
        ApiEndpoint api,
        ChannelReader<bool> wanted,
        ChannelWriter<ApiMessage> messages,
        CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in wanted.ReadAllAsync(cancellationToken))
            {
                for (var tries = 1; tries <= HistoryTries; tries++)
                {
                    var read = await ReadEventsAsync(api, cancellationToken);
                    messages.TryWrite(read);
                    if (read is ApiMessage.EventsReceived)
                    {
                        break;
                    }

                    await Task.Delay(HistoryPause * tries, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The connection that this history belongs to has ended.
        }
    }

    private async Task<ApiMessage> ReadEventsAsync(ApiEndpoint api, CancellationToken cancellationToken)
    {
        try
        {
            var path = $"api/v1/events?limit={EventList.MaxEvents}";
            using var answer = await SendAsync(api, HttpMethod.Get, path, null, null, cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                return new ApiMessage.EventsUnavailable(await FaultOfAsync(api, answer, cancellationToken));
            }

            var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var page = await JsonSerializer.DeserializeAsync<Page<ClusterEvent>>(body, Json, cancellationToken);
            return new ApiMessage.EventsReceived(page?.Items ?? []);
        }
        catch (Exception error) when (IsConnectionTrouble(error, cancellationToken))
        {
            return new ApiMessage.EventsUnavailable(ApiFault.OfException(error, api));
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        ApiEndpoint api, HttpMethod method, string path, object? body, string? key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: Json);
        }

        return await api.Http.SendAsync(request, cancellationToken);
    }

    private static async Task<ApiFault> FaultOfAsync(
        ApiEndpoint api, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var general = ApiFault.OfStatus(answer.StatusCode, api.Name);
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return general;
        }

        try
        {
            var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var problem = await JsonSerializer.DeserializeAsync<Problem>(body, Json, cancellationToken);
            return problem is null
                ? general
                : general with { Title = problem.Title, Detail = problem.Detail, TraceId = problem.TraceId };
        }
        catch (JsonException)
        {
            return general; // somebody else's problem document, from a proxy in between: the status says enough
        }
    }

    /// <summary>The token stays out of anything that prints this.</summary>
    public override string ToString() => nameof(ApiSession);
}
