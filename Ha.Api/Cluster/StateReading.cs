using Ha.Api.Agent;
using Ha.Api.Problems;

namespace Ha.Api.Cluster;

/// <summary>The state that reads answer with, and what is said about its age.</summary>
internal static class StateReading
{
    public const string ServedBy = "X-Served-By";
    public const string StateAge = "X-State-Age-Ms";
    public const string StateStale = "X-State-Stale";

    public static readonly ProblemResult NoState = new(ProblemType.NoState, ProblemType.NoState.Help);

    /// <summary>Says on every answer which node gave it and how old the state behind it is.</summary>
    public static void UseStateHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(Write, context);
        return next(context);
    });

    private static Task Write(object target)
    {
        var context = (HttpContext)target;
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        var state = context.RequestServices.GetRequiredService<AgentClient>().State;
        var headers = context.Response.Headers;
        headers[ServedBy] = state.Snapshot?.Node ?? Environment.MachineName;
        if (state.Age(clock) is not { } age) return Task.CompletedTask;
        headers[StateAge] = ((long)age.TotalMilliseconds).ToString();
        if (!state.IsFresh(clock)) headers[StateStale] = state.Connected ? "agent-silent" : "agent-not-running";
        return Task.CompletedTask;
    }
}
