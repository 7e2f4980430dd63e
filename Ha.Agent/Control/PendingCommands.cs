using System.Collections.Concurrent;
using Ha.Agent.Loop;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Control;

/// <summary>Operator's commands on their way to the engine and their answers on the way back.</summary>
internal sealed class PendingCommands(InputQueue inputs)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // At most one per connection, so bounded by the connections.
    private readonly ConcurrentDictionary<long, TaskCompletionSource<CommandAnswer>> waiting = new();
    private long lastTicket;

    /// <summary>Hands a command to the engine and waits for its answer.</summary>
    /// <exception cref="TimeoutException">The heartbeat loop did not answer in time.</exception>
    public async Task<CommandAnswer> AskAsync(OperatorCommand command, CancellationToken cancellation)
    {
        var ticket = Interlocked.Increment(ref lastTicket);
        var answer = new TaskCompletionSource<CommandAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[ticket] = answer;
        try
        {
            if (!inputs.TryPost(new OperatorCommanded(command, ticket)))
                return new CommandAnswer(null, new CommandRejection(RejectionCode.Busy,
                    $"{InputQueue.MaxCommands} commands wait already; look at 'ha-agent status' and try again"));
            return await answer.Task.WaitAsync(Limit, cancellation);
        }
        finally
        {
            waiting.TryRemove(ticket, out _);
        }
    }

    /// <summary>Loop only: the engine's answer.</summary>
    public void Answered(AnswerCommand effect)
    {
        // Nobody waits any more when the client went away: the operation itself goes on.
        if (waiting.TryRemove(effect.Ticket, out var answer)) answer.TrySetResult(effect.Answer);
    }
}
