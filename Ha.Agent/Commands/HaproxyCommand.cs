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
        var all = snapshot.Groups.SelectMany(static group => group.Resources)
            .Where(static one => one.Type == Type).DistinctBy(static one => one.Id).ToList();
        var wanted = all.Where(one => resource is null || one.Id == resource).ToList();
        if (resource is not null && wanted.Count == 0)
        {
            var choice = all.Count == 0 ? "none is configured" : $"there are {string.Join(", ", all.Select(one => one.Id))}";
            Console.Error.WriteLine($"ha-agent: there is no resource {resource} of type {Type}; {choice}");
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

    /// <summary>Has the one of this node read its configuration anew.</summary>
    /// <param name="paths">Whose agent.</param>
    /// <param name="resource">Which one; null: the only one.</param>
    public static int Reload(AgentPaths paths, string? resource)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        if (resource is null)
        {
            var all = agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Haproxy }).Haproxy ?? [];
            if (all is not [var only])
            {
                Console.Error.WriteLine(all.IsEmpty ? $"ha-agent: no resource of type {Type} is configured"
                    : $"ha-agent: there are {string.Join(", ", all.Select(static one => one.Resource))}: name one by "
                        + "--resource");
                return ExitCode.Usage;
            }

            resource = only.Resource;
        }

        try
        {
            agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.HaproxyReload, Resource = resource });
        }
        catch (RequestFailedException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return ExitCode.Failed;
        }

        Console.Out.WriteLine($"{resource}: reloaded");
        return ExitCode.Done;
    }
}
