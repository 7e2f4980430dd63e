using System.Text;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>HAProxy as a table: where it runs and reads what, then its frontends, backends and servers here.</summary>
internal static class HaproxyText
{
    private const int ShortHash = 8;

    /// <summary>All of them.</summary>
    public static string Of(HaproxyOverview overview, string node)
    {
        if (overview.Resources.IsEmpty) return "No resource of type builtin:haproxy is configured\n";
        var text = new StringBuilder();
        foreach (var resource in overview.Resources)
        {
            if (text.Length > 0) text.AppendLine();
            var live = overview.Live.FirstOrDefault(one => one.Resource == resource.Id);
            Head(text, resource);
            Here(text, live, node);
            if (live is not null)
            {
                foreach (var frontend in live.Frontends) Frontend(text, frontend);
                foreach (var backend in live.Backends) Backend(text, backend, resource);
            }

            foreach (var intent in Intents(resource).Where(one => !IsShown(one, live)))
                text.AppendLine($"  wanted of {intent.Backend}/{intent.Server}: {Wanted(intent)}");
        }

        return text.ToString();
    }

    private static void Head(StringBuilder text, ResourceSnapshot resource)
    {
        text.AppendLine($"HAProxy {resource.Id}");
        foreach (var on in resource.Nodes)
        {
            var known = on.Configuration;
            var hash = known is { Hash.Length: > 0 } ? known.Hash[..Math.Min(ShortHash, known.Hash.Length)] : "unknown";
            var verdict = known is null ? "" : known.Problem.Length > 0 ? $", does not pass its check: {known.Problem}"
                : ", passes its check";
            text.AppendLine($"  {on.Node}  {Words.Of(on.State)}, configuration {hash}{verdict}");
        }

        if (resource.ConfigurationDrift is { } drift)
        {
            text.AppendLine($"  DRIFT: {drift}. Planned moves between them are refused unless forced; a takeover "
                + "after a failure is not");
        }
    }

    private static void Here(StringBuilder text, HaproxyStatus? live, string node)
    {
        switch (live)
        {
            case null:
                text.AppendLine($"  {node} cannot look into it");
                break;
            case { IsRunning: false }:
                text.AppendLine($"  does not run on {node}: ask a node where it does for its servers");
                break;
            case { Problem: { } problem }:
                text.AppendLine($"  on {node}: {problem}");
                break;
            case { Process: { } process }:
                text.AppendLine($"  on {node}: version {process.Version}, up {Words.Duration(
                    TimeSpan.FromSeconds(process.UptimeSeconds))}, {process.Connections} connections, "
                    + $"{process.ConnectionRate} new a second, {process.IdlePercent} % idle");
                break;
            default:
                text.AppendLine($"  on {node}: runs");
                break;
        }

        if (live?.Configuration.IsLoaded == false)
            text.AppendLine("  the configuration on the disk is not the one that runs: reload it");
    }

    private static void Frontend(StringBuilder text, HaproxyFrontend frontend)
    {
        var traffic = frontend.Traffic;
        text.AppendLine($"  frontend {frontend.Name}  {frontend.Status}, {traffic.Sessions} sessions, "
            + $"{traffic.SessionRate} new a second, {traffic.SessionsTotal} in all");
    }

    private static void Backend(StringBuilder text, HaproxyBackend backend, ResourceSnapshot resource)
    {
        text.AppendLine($"  backend {backend.Name}  {(backend.IsUp ? "UP" : "DOWN")}, "
            + $"{backend.ActiveServers} of {backend.Servers.Length} servers in use, {backend.Queued} waiting");
        if (backend.Servers.IsEmpty) return;
        text.AppendLine($"    {"server",-20} {"state",-22} {"weight",6} {"sessions",9} {"in all",8}  check");
        foreach (var server in backend.Servers)
        {
            var intent = Intents(resource)
                .FirstOrDefault(one => one.Backend == backend.Name && one.Server == server.Name);
            var traffic = server.Traffic;
            text.Append($"    {server.Name,-20} {server.Status,-22} {server.Weight,6} {traffic.Sessions,9} ");
            text.Append($"{traffic.SessionsTotal,8}  {server.Check?.Result ?? "none",-10}");
            text.AppendLine(intent is null ? "" : $" wanted: {Wanted(intent)}");
        }
    }

    private static IEnumerable<ServerIntent> Intents(ResourceSnapshot resource) => resource.ServerIntents ?? [];

    private static bool IsShown(ServerIntent intent, HaproxyStatus? live) => live is not null && live.Backends.Any(
        backend => backend.Name == intent.Backend && backend.Servers.Any(server => server.Name == intent.Server));

    private static string Wanted(ServerIntent intent)
    {
        var state = intent.State switch
        {
            HaproxyServerAdmin.Ready => "ready",
            HaproxyServerAdmin.Drain => "drain",
            HaproxyServerAdmin.Maintenance => "maint",
            null => null,
        };
        var weight = intent.Weight is { } value ? $"weight {value}{Until(intent.WeightUntil)}" : null;
        var what = string.Join(", ", new[] { state is null ? null : state + Until(intent.Until), weight }
            .Where(static one => one is not null));
        return $"{what}, by {intent.Actor} at {Words.LocalTime(intent.At)}"
            + (intent.Reason.Length > 0 ? $": {intent.Reason}" : "");
    }

    private static string Until(DateTimeOffset? end) => end is { } at ? $" until {Words.LocalTime(at)}" : "";
}
