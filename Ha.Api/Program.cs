using Ha.Api.Agent;
using Ha.Api.Cluster;
using Ha.Api.Documentation;
using Ha.Api.Groups;
using Ha.Api.Haproxy;
using Ha.Api.Health;
using Ha.Api.History;
using Ha.Api.Live;
using Ha.Api.Nodes;
using Ha.Api.Operations;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Ha.Api.Resources;
using Ha.Api.Security;
using Ha.Api.Takeovers;
using Ha.Api.Webhooks;

namespace Ha.Api;

internal static class Program
{
    public static Task<int> Main(string[] args) =>
        Startup.RunAsync(CommandLine.Parse(args), Console.Out, Console.Error);

    /// <summary>The parts of this program and the order that requests pass them in.</summary>
    public static WebApplication Compose(WebApplicationBuilder builder, ApiOptions options)
    {
        var parts = builder.Services;
        ApiJson.AddTo(parts);
        RequestLimits.AddTo(builder, options);
        TlsCertificate.AddTo(builder, options);
        BearerAuthentication.AddTo(parts);
        parts.AddRunning<AgentClient>();
        HistoryProjection.AddTo(parts);
        OperationLog.AddTo(parts);
        LiveClients.AddTo(parts);
        WebhookParts.AddTo(parts);
        OpenApiDocument.AddTo(parts);

        var app = builder.Build();
        app.UseSecurityHeaders();
        app.UseStateHeaders();
        app.UseProblems();
        app.UseOpenApiDocument();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();

        app.MapProbes();
        app.MapProblemTypes();
        app.MapHub<ClusterHub>(ClusterHub.Path, LiveClients.OverWebSockets);
        var api = app.MapGroup("/api/v1").AddEndpointFilter(KnownQuery.Filter)
            .WithProblems(ProblemType.Unauthorized, ProblemType.TooManyRequests, ProblemType.InternalError);
        api.MapCluster();
        api.MapNodes();
        api.MapGroups();
        api.MapTakeovers();
        api.MapResources();
        api.MapHaproxy();
        api.MapOperations();
        api.MapEvents();
        api.MapWebhooks();
        api.MapDeliveries();
        return app;
    }
}
