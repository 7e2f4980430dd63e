using System.Diagnostics;
using Ha.Agent.Control;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>The verbs that ask the cluster to do something, and the waiting for its end.</summary>
internal static class OperatorCommands
{
    /// <summary>Sends a command; with a limit, follows the operation to its end and prints its steps.</summary>
    /// <param name="paths">Whose agent.</param>
    /// <param name="command">What to do; id and actor are filled in here and by the agent.</param>
    /// <param name="wait">How long to wait for the end; null: not at all.</param>
    public static int Run(AgentPaths paths, OperatorCommand command, TimeSpan? wait)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var reply = agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Command, Command = command });
        switch (reply.Answer)
        {
            case { Rejection: { } rejection }:
                Console.Error.WriteLine($"refused ({Words.Of(rejection.Code)}): {rejection.Detail}");
                foreach (var error in rejection.Errors)
                    Console.Error.WriteLine($"error: {(error.Pointer.Length > 0 ? error.Pointer : "document")}: {error.Detail}");
                return rejection.Code == RejectionCode.InvalidConfiguration ? ExitCode.Configuration : ExitCode.Refused;
            case { OperationId: { } id } when wait is { } limit:
                return Follow(agent, id, limit);
            case { OperationId: { } id }:
                Console.Out.WriteLine($"accepted as operation {id}; 'ha-agent status' shows how far it is");
                return ExitCode.Done;
            default:
                throw new RequestFailedException("the agent answered with neither an operation nor a refusal");
        }
    }

    /// <summary>A command with a new id.</summary>
    public static OperatorCommand New(CommandKind kind) =>
        new() { Id = Guid.NewGuid().ToString("N"), Kind = kind, Actor = "cli" };

    private static int Follow(ControlClient agent, string id, TimeSpan limit)
    {
        agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Subscribe });
        var clock = Stopwatch.StartNew();
        var steps = new StepPrinter(Console.Out);
        while (limit - clock.Elapsed is { Ticks: > 0 } left)
        {
            if (agent.Next(left)?.Snapshot?.Operations.FirstOrDefault(operation => operation.Id == id) is not { } seen)
                continue;
            steps.Show(seen);
            switch (seen.State)
            {
                case OperationState.Queued:
                case OperationState.Running:
                    break;
                case OperationState.Succeeded:
                    Console.Out.WriteLine($"{seen.Title}: done in {Words.Duration(Duration(seen))}");
                    return ExitCode.Done;
                case OperationState.Failed:
                    Console.Error.WriteLine($"{seen.Title}: failed: {seen.Detail}");
                    return ExitCode.Failed;
            }
        }

        Console.Error.WriteLine($"operation {id} has not ended within {Words.Duration(limit)}; it goes on: " +
            "'ha-agent status' shows how far it is");
        return ExitCode.Failed;
    }

    private static TimeSpan Duration(OperationSnapshot operation) =>
        (operation.FinishedAt ?? operation.RequestedAt) - operation.RequestedAt;
}

/// <summary>Prints each step of an operation when it ends.</summary>
internal sealed class StepPrinter(TextWriter output)
{
    private readonly HashSet<int> shown = [];

    /// <summary>Prints the steps that have ended since the last call.</summary>
    public void Show(OperationSnapshot operation)
    {
        for (var i = 0; i < operation.Steps.Length; i++)
        {
            var step = operation.Steps[i];
            if (step.FinishedAt is not { } end || !shown.Add(i)) continue;
            var detail = step.Detail.Length > 0 ? $": {step.Detail}" : "";
            var time = Words.Duration(end - step.StartedAt);
            output.WriteLine($"  {step.Title}  {Words.Of(step.State)} in {time}{detail}");
        }
    }
}
