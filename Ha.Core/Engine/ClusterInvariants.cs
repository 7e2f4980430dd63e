using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Core.Engine;

/// <summary>
/// Safety checks after every step, in release builds too (RELIABILITY.md section 1). They see one node; what needs the
/// sight of all nodes is checked by the simulator.
/// </summary>
public sealed partial class ClusterEngine
{
    private void CheckInvariants()
    {
        // Orders are given and obeyed only inside an agreed view.
        if (transition is not null && !IsCoordinator)
            throw new InvariantBrokenException(
                $"{options.LocalNode} walks transition {transition.Id} without coordinating");
        if (view is not null && !view.Contains(LocalMember))
            throw new InvariantBrokenException($"view {view.Id} does not contain {options.LocalNode} itself");
        if (view is not null && promised < view.Id)
            throw new InvariantBrokenException($"view {view.Id} was installed without a promise (newest {promised})");
        foreach (var resource in local.All) CheckResource(resource);
    }

    // S2: nothing is started before it is known what runs here. S10: nothing starts over a failed stop.
    private void CheckResource(LocalResource resource)
    {
        if (resource.Busy is not { Kind: OperationKind.Start } start) return;
        if (!local.AllProbed)
            throw new InvariantBrokenException($"{resource.Definition.Id} is started before everything was probed");
        if (start.Token is null)
            throw new InvariantBrokenException($"{resource.Definition.Id} is started without an order");
        if (resource.StopFailure is not null)
            throw new InvariantBrokenException($"{resource.Definition.Id} is started although its stop failed");
    }
}
