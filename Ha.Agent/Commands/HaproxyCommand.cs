using System.Text.Json;
using Ha.Agent.Control;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>What HAProxy is doing here, and what the cluster knows of it.</summary>
internal static class HaproxyCommand
{
    private const string Type = "builtin:haproxy";

    /// <summary>Prints it.</summary>
    /// <param name="paths">Whose agent.</param>
    /// <param name="resource">Only this one; null: all.</param>
    /// <param name="json">For programs.</param>
    public static int Show(AgentPaths paths, string? resource, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var snapshot = ReportCommands.Snapshot(agent);
        var all = Configured(snapshot);
        var wanted = all.Where(one => resource is null || one.Id == resource).ToList();
        if (resource is not null && wanted.Count == 0)
        {
            Console.Error.WriteLine($"ha-agent: there is no resource {resource} of type {Type}; {Choice(all)}");
            return ExitCode.Usage;
        }

        var live = agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Haproxy }).Haproxy ??
            throw new RequestFailedException("the agent answered without the state of HAProxy");
        var overview = new HaproxyOverview(
            [.. live.Where(one => wanted.Exists(it => it.Id == one.Resource))], [.. wanted]);
        Console.Out.Write(json ? JsonSerializer.Serialize(overview, HaJson.Default.HaproxyOverview) + "\n"
            : HaproxyText.Of(overview, snapshot.Node));
        return ExitCode.Done;
    }

    /// <summary>Lets the HAProxy of this node read its configuration anew.</summary>
    /// <param name="paths">Whose agent.</param>
    /// <param name="resource">Which; null: the only one.</param>
    public static int Reload(AgentPaths paths, string? resource)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var all = Configured(ReportCommands.Snapshot(agent));
        if ((resource ?? (all is [var only] ? only.Id : null)) is not { } wanted
            || all.TrueForAll(one => one.Id != wanted))
        {
            var named = resource is null ? "name the HAProxy with --resource"
                : $"there is no resource {resource} of type {Type}";
            Console.Error.WriteLine($"ha-agent: {named}; {Choice(all)}");
            return ExitCode.Usage;
        }

        agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.HaproxyReload, Resource = wanted });
        Console.Out.WriteLine($"{wanted} runs with its present configuration");
        return ExitCode.Done;
    }

    private static List<ResourceSnapshot> Configured(ClusterSnapshot snapshot) =>
        [.. snapshot.Groups.SelectMany(static group => group.Resources).Where(static one => one.Type == Type)];

    private static string Choice(List<ResourceSnapshot> all) => all.Count == 0 ? "none is configured"
        : $"there are {string.Join(", ", all.Select(static one => one.Id))}";
}
