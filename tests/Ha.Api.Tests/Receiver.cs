using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ha.Api.Tests;

/// <summary>A real receiver of webhooks.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Delivery> received = new();

    private Receiver(WebApplication app) => this.app = app;

    public sealed record Delivery(string Id, long Timestamp, string Signature, string Body);

    /// <summary>The status to answer the n-th request with, counted from 1.</summary>
    public Func<int, int> Answer { get; set; } = _ => 200;

    public ImmutableArray<Delivery> Received => [.. received];

    public string Url => app.Urls.First() + "/hook";

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver.app.MapPost("/hook", receiver.TakeAsync);
        await receiver.app.StartAsync();
        return receiver;
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers;
        received.Enqueue(new(headers["webhook-id"]!, long.Parse(headers["webhook-timestamp"]!),
            headers["webhook-signature"]!, body));
        context.Response.StatusCode = Answer(received.Count);
        if (context.Response.StatusCode is >= 300 and < 400) context.Response.Headers.Location = "/elsewhere";
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();
}
