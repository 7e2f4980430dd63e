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

    /// <summary>How often in this life everything was given up.</summary>
    public long Releases { get; private set; }

    /// <summary>True when something may run here that may be stopped, and whose stop has not failed already.</summary>
    public bool AnyToRelease
    {
        get
        {
            foreach (var resource in resources)
            {
                if (resource is { MayRun: true, IsLeftAlone: false, StopFailure: null }) return true;
            }

            return false;
        }
    }

    /// <summary>True when something that may be stopped runs, may run, or anything is being worked on.</summary>
    public bool AnyToGiveUp
    {
        get
        {
            foreach (var resource in resources)
            {
                if (resource is { MayRun: true, IsLeftAlone: false }
                    || resource.Busy is { Kind: not OperationKind.Monitor }) return true;
            }

            return false;
        }
    }

    /// <summary>
    /// Says what nobody may touch: everything (maintenance), or only what is not managed. What a node gives up on its
    /// own account is the rest. In maintenance nothing is watched either, whether somebody coordinates or not.
    /// </summary>
    public void LeaveAlone(bool everything)
    {
        foreach (var resource in resources)
        {
            resource.IsLeftAlone = everything || !resource.Definition.IsManaged;
            while ((everything || resource.Definition.InMaintenance) && resource.Watches.Count > 0)
            {
                EndWatch(resource, resource.Watches[0].IntervalMs);
                Changed = true;
            }
        }
    }

    /// <summary>
    /// Gives up everything that may be touched on this node's own account, all groups side by side: of each the virtual IPs first, so that
    /// nobody is led here any more, then the rest in reverse order.
    /// </summary>
    public void ReleaseAll(EffectList effects)
    {
        Releases++;
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
            if (resource.IsLeftAlone || resource.State == ResourceState.Stopped || resource.StopFailure is not null)
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
