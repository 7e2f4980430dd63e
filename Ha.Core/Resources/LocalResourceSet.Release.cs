using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>Giving everything up on this node's own account.</summary>
internal sealed partial class LocalResourceSet
{
    private readonly List<LocalResource> releasing = [];

    /// <summary>True while this node gives everything up on its own account.</summary>
    public bool Releasing => releasing.Count > 0;

    /// <summary>True when something may run here whose stop has not failed already.</summary>
    public bool AnyToRelease
    {
        get
        {
            foreach (var resource in resources)
            {
                if (resource.MayRun && resource.StopFailure is null) return true;
            }

            return false;
        }
    }

    /// <summary>
    /// Gives up everything on this node's own account, all groups side by side: of each the virtual IPs first, so that
    /// nobody is led here any more, then the rest in reverse order.
    /// </summary>
    public void ReleaseAll(EffectList effects)
    {
        releasing.Clear();
        releasing.AddRange(resources.Where(one => one.Definition.IsVip));
        releasing.AddRange(resources.Where(one => !one.Definition.IsVip).Reverse());
        foreach (var resource in resources) resource.Next = null;
        ContinueRelease(effects);
    }

    private void ContinueRelease(EffectList effects)
    {
        foreach (var group in releasing.Select(one => one.Group).Distinct().ToList()) ContinueRelease(group, effects);
    }

    private void ContinueRelease(string group, EffectList effects)
    {
        while (releasing.Find(one => one.Group == group) is { } resource)
        {
            if (!resource.IsIdle) return;
            if (resource.State == ResourceState.Stopped || resource.StopFailure is not null)
            {
                releasing.Remove(resource);
                Changed = true;
                continue;
            }

            var stop = new LocalOperation(0, OperationKind.Stop, 0, Token: null, Attempt: 1);
            Begin(resource, stop, urgent: true, effects);
            return;
        }
    }
}
