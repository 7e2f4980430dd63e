using System.Diagnostics;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Agent;

/// <summary>Carries out what a step asks for.</summary>
internal sealed partial class ClusterLoop
{
    private void StepOnce(ClusterTime now, ClusterInput input)
    {
        if (halt is not null) return;
        effects.Clear();
        engine.Step(now, input, effects);
        foreach (var effect in effects.Items)
        {
            if (effect is RunOperation operation)
            {
                operations.Add(operation);
                continue;
            }

            RunOperations();
            CarryOut(effect, now.Monotonic);
        }

        RunOperations();
    }

    // Those that follow each other go out together: several addresses are one call of the kernel.
    private void RunOperations()
    {
        if (operations.Count == 0) return;
        outlets.Run(operations);
        operations.Clear();
    }

    private void CarryOut(ClusterEffect effect, MonotonicTime now)
    {
        switch (effect)
        {
            case SendDatagram datagram:
                media.Send(datagram, now);
                break;
            case RunCheck check:
                outlets.Look(check);
                break;
            case AppendEvent append:
                outlets.Append(append.Event);
                break;
            case AnswerCommand answer:
                outlets.Answer(answer);
                break;
            case RenewAuthority authority:
                outlets.Extend?.Invoke(authority.Until);
                break;
            case GuardAddresses guard:
                outlets.GuardAddresses(guard.Resources);
                break;
            case RememberFullView:
                outlets.RememberFullView();
                break;
            case FenceNode fence:
                inputs.TryPost(new FenceCompleted
                {
                    Number = fence.Number, Outcome = FenceOutcome.NotInstalled, Duration = TimeSpan.Zero,
                    Output = $"this release cannot call {fence.Device.Agent}",
                });
                break;
            case AskArbiter ask:
                inputs.TryPost(new ArbiterAnswered { Number = ask.Number, Grant = ArbiterGrant.Unknown });
                break;
            case StoreConfiguration store:
                outlets.StoreConfiguration(store);
                break;
            case StoreIntents store:
                outlets.StoreIntents(store.Intents);
                break;
            case ApplyServerIntents apply:
                outlets.ApplyServerIntents(apply);
                break;
            case Halt last:
                halt = last;
                break;
            default:
                throw new UnreachableException($"the loop does not know the effect {effect.GetType().Name}");
        }
    }
}
