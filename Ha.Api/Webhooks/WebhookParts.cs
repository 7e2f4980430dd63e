using Ha.Api.Agent;
using Ha.Api.Journal;
using Ha.Api.Storage;

namespace Ha.Api.Webhooks;

internal static class WebhookParts
{
    public static void AddTo(IServiceCollection parts)
    {
        parts.AddSingleton(provider => provider.GetRequiredService<ApiOptions>().Webhooks);
        parts.AddSingleton(provider => new SqliteFile<WebhooksContext>(
            provider.GetRequiredService<ApiOptions>().OwnFile("webhooks.db"), options => new WebhooksContext(options),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WebhooksContext>>()));
        parts.AddSingleton<TargetGuard>().AddSingleton<WebhookRequest>().AddSingleton<OutboxSignal>()
            .AddSingleton<Outbox>();
        parts.AddRunning<WebhookSender>();
        parts.AddSingleton<IHostedService>(provider => new JournalFollower(provider.GetRequiredService<AgentClient>(),
            provider.GetRequiredService<Outbox>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<JournalFollower>>()));
    }
}
