using Ha.Agent.Interop;
using Ha.Agent.Loop;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>Leases are renewed while this node may claim; what is gone is noticed, and what must not be here goes.</summary>
internal sealed partial class VirtualIpKeeper
{
    private static readonly TimeSpan NoAuthorityPause = TimeSpan.FromMilliseconds(50);

    private void Renew(ManagedAddress vip, MonotonicTime now)
    {
        if (now < vip.NextRenewal) return;
        bool late;
        int errno;
        lock (vip.Gate)
        {
            if (!outlets.MayClaim())
            {
                vip.NextRenewal = now + NoAuthorityPause;
                return;
            }

            if (vip.Phase != AddressPhase.Held || vip.Renewal is null || vip.Lost is not null) return;
            late = now - vip.RenewedAt >= vip.Lease;
            errno = resource.Renew(vip);
            if (errno == Errno.None) vip.Renewed(now);
            else vip.NextRenewal = now + (vip.Lease / 8);
            if (errno == Errno.None && late) resource.AnnounceAgain(vip);
        }

        if (errno != Errno.None)
        {
            complaints.Tell(EventKind.AddressLost, EventSeverity.Error, vip.Resource,
                $"the lease of {vip.Settings.Address} cannot be renewed: {Errno.Text(errno)}; "
                + $"it ends within {vip.Lease.TotalSeconds} s");
        }
        else if (late)
        {
            complaints.Tell(EventKind.AddressRestored, EventSeverity.Warning, vip.Resource,
                $"{vip.Settings.Address} was without renewal for longer than its lease of {vip.Lease.TotalSeconds} s "
                + "(this agent did not run, or had no authority): put back");
        }
    }

    private void RemoveStray(ManagedAddress vip)
    {
        vip.StrayCheckAt = MonotonicTime.Never;
        string where;
        OperationResult result;
        lock (vip.Gate)
        {
            if (vip.Phase != AddressPhase.Absent || !guarded.Contains(vip.Resource)
                || resource.Find(vip.Settings.Address) is not { } found) return;
            where = resource.NameOf(found.InterfaceIndex);
            result = resource.Remove(vip.Settings.Address);
        }

        complaints.Tell(EventKind.AddressStray, EventSeverity.Error, vip.Resource,
            result.Outcome == OperationOutcome.Succeeded
                ? $"{vip.Settings.Address} was put on {where} by somebody else, "
                    + "while the cluster does not run it here: removed"
                : $"{vip.Settings.Address} was put on {where} by somebody else: {result.Output}");
    }

    // The kernel itself takes it away when its lease runs out; then the renewal puts it back, if this node still may.
    private void NoteLoss(ManagedAddress vip, int interfaceIndex)
    {
        string lost;
        lock (vip.Gate)
        {
            if (vip.Phase != AddressPhase.Held || vip.Lost is not null || vip.Claim!.InterfaceIndex != interfaceIndex
                || resource.Find(vip.Settings.Address) is not null) return;
            resource.Silence(vip);
            if (vip.Renewal is not null && LoopClocks.Monotonic - vip.RenewedAt >= vip.Lease) return;
            lost = vip.Lost = $"{vip.Settings.Address} was removed from {vip.Link!.Name} by somebody else.";
            vip.NextRenewal = MonotonicTime.Never;
        }

        outlets.Post(new ResourceDisturbed(vip.Resource, lost));
    }
}
