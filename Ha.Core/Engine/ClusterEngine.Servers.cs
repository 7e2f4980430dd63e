using Ha.Core.Contracts;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// Servers behind an HAProxy that operators want otherwise than configured: an HAProxy forgets at a restart what it was
/// told, and the one that takes over was never told. So it is told at each change and after each start.
/// </summary>
public sealed partial class ClusterEngine
{
    private MonotonicTime nextIntentEnd = MonotonicTime.Never;

    private ServerChange? Resolve(ServerChange? change) =>
        change is null ? null : ServerIntentRules.Resolve(change, configuration.Groups);

    private void TellServers(ClusterIntents before, ClusterIntents wanted)
    {
        foreach (var resource in before.Servers.Keys.Union(wanted.Servers.Keys).Order(StringComparer.Ordinal))
        {
            if (!before.ServersOf(resource).SequenceEqual(wanted.ServersOf(resource)))
                effects.Add(new ApplyServerIntents(resource, wanted.ServersOf(resource)));
        }
    }

    private void TellServersAfter(EndedOperation ended)
    {
        var resource = ended.Resource;
        if (!resource.Definition.IsHaproxy || resource.State != ResourceState.Started
            || ended.Operation.Kind is not (OperationKind.Start or OperationKind.Probe)) return;
        effects.Add(new ApplyServerIntents(resource.Definition.Id, intents.ServersOf(resource.Definition.Id)));
    }

    // Only the coordinator ends them; a successor finds its own deadlines in what it has gathered.
    private void ScheduleIntentEnd()
    {
        nextIntentEnd = MonotonicTime.Never;
        if (!IsCoordinator || !intentsGathered || ServerIntentRules.NextEnd(intents) is not { } end) return;
        var left = end - now.Wall;
        nextIntentEnd = now.Monotonic + (left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
    }

    private void EndServerIntents()
    {
        if (now.Monotonic < nextIntentEnd) return;
        nextIntentEnd = MonotonicTime.Never;
        if (!IsCoordinator || !intentsGathered) return;
        var left = ServerIntentRules.WithoutEnded(intents, now.Wall);
        foreach (var resource in intents.Servers.Keys)
        {
            foreach (var intent in intents.ServersOf(resource).Except(left.ServersOf(resource)))
                ReportIntentEnd(resource, intent);
        }

        // The wall clock was set back meanwhile: their time has not come.
        if (left.SameAs(intents)) ScheduleIntentEnd();
        else ChangeIntents(left);
    }

    private void ReportIntentEnd(string resource, ServerIntent intent)
    {
        var stateEnds = intent.Until <= now.Wall;
        var weightEnds = intent.WeightUntil <= now.Wall;
        var what = (stateEnds, weightEnds) switch
        {
            (true, true) => $"{ServerIntentRules.Word(intent.State!.Value)} and weight {intent.Weight}",
            (true, false) => ServerIntentRules.Word(intent.State!.Value),
            (false, _) => $"weight {intent.Weight}",
        };
        Emit(EventKind.ServerIntentEnded, EventSeverity.Info, resource,
            $"the time of {what} of {intent.Backend}/{intent.Server} of {resource}, asked for by {intent.Actor}, is "
                + "over: it is as configured again");
    }

    private void DropObsoleteServers()
    {
        var left = ServerIntentRules.WithoutUnknown(intents, configuration.Groups);
        if (!left.SameAs(intents)) ChangeIntents(left);
    }
}
