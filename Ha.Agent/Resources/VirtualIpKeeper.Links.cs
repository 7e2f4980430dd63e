using Ha.Agent.Loop;
using Ha.Agent.Netlink;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>Whether the interfaces that hold addresses work: carrier lost is trouble, its return is announced.</summary>
internal sealed partial class VirtualIpKeeper
{
    private static TimeSpan Debounce(ManagedAddress vip) => vip.Settings.CarrierDebounce
        ?? (vip.Link?.Kind is "bond" or "team" ? TimeSpan.FromMilliseconds(500) : TimeSpan.Zero);

    private static void NoteLink(ManagedAddress vip, NetworkInterface link, bool gone)
    {
        lock (vip.Gate)
        {
            if (vip.Phase != AddressPhase.Held) return;
            vip.Link = link;
            if (gone || !link.IsUp || !link.HasCarrier)
            {
                if (vip.LinkLostAt == MonotonicTime.Never) vip.LinkLostAt = LoopClocks.Monotonic;
                vip.AnnounceAt = MonotonicTime.Never;
                return;
            }

            if (vip.LinkLostAt == MonotonicTime.Never) return;
            vip.LinkLostAt = MonotonicTime.Never;
            vip.LinkTrouble = null;
            // A link that flaps is not answered by a storm.
            vip.AnnounceAt = MonotonicTime.Max(LoopClocks.Monotonic, vip.AnnouncedAt + TimeSpan.FromMilliseconds(500));
        }
    }

    private void JudgeLink(ManagedAddress vip, MonotonicTime now)
    {
        if (vip.LinkTrouble is not null || vip.Link is not { } link) return;
        // Claimed on an interface that does not work: the next look at it shall say so.
        if (vip.LinkLostAt == MonotonicTime.Never && vip.Phase == AddressPhase.Held && !(link.IsUp && link.HasCarrier))
            vip.LinkLostAt = now;
        if (vip.LinkLostAt == MonotonicTime.Never) return;
        if (now < vip.LinkLostAt + Debounce(vip)) return;
        string trouble;
        lock (vip.Gate)
        {
            if (vip.Phase != AddressPhase.Held)
            {
                vip.LinkLostAt = MonotonicTime.Never;
                return;
            }

            trouble = vip.LinkTrouble = $"{vip.Settings.Address} cannot be reached: interface {link.Name} "
                + (!link.IsUp ? "is switched off." : "has no carrier; check its cable and the switch.");
        }

        outlets.Post(new ResourceDisturbed(vip.Resource, trouble));
    }

    private void AnnounceAfterReturn(ManagedAddress vip, MonotonicTime now)
    {
        vip.AnnounceAt = MonotonicTime.Never;
        lock (vip.Gate)
        {
            if (vip is not { Phase: AddressPhase.Held, Lost: null } || !outlets.MayClaim()) return;
            vip.AnnouncedAt = now;
            resource.AnnounceAgain(vip);
        }
    }
}
