using Ha.Agent.Loop;
using Ha.Agent.Netlink;
using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>Foreign claims to the addresses of this node (RFC 5227 section 2.4).</summary>
internal sealed partial class VirtualIpKeeper
{
    private static readonly TimeSpan DefencePause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefenceDelay = TimeSpan.FromSeconds(1);

    private void HearNeighbours()
    {
        var listen = probes.Any || Array.Exists(managed, vip => vip.Phase != AddressPhase.Unknown);
        if (!listen)
        {
            neighbours.Close();
            return;
        }

        neighbours.Open();
        claims.Clear();
        neighbours.Read(IsManaged, claims);
        foreach (var claim in claims)
        {
            if (probes.Answered(claim)) continue;
            NoteConflict(claim);
            NoteHolder(claim);
        }
    }

    private bool IsManaged(ReadOnlyMemory<byte> address)
    {
        Span<byte> own = stackalloc byte[16];
        foreach (var vip in managed)
        {
            if (vip.Phase != AddressPhase.Unknown && vip.Settings.Address.TryWriteBytes(own, out var length)
                && address.Span.SequenceEqual(own[..length])) return true;
        }

        return false;
    }

    private void NoteConflict(NeighbourClaim claim)
    {
        if (Array.Find(managed, vip => vip.Settings.Address.Equals(claim.Address)) is not
            { Phase: AddressPhase.Held, Link: { } link } vip || link.Index != claim.InterfaceIndex
            || link.HardwareAddress.Span.SequenceEqual(claim.HardwareAddress)) return;
        complaints.Tell(EventKind.AddressConflict, EventSeverity.Error, vip.Resource,
            $"two hosts have {claim.Address}: this one, and the one with hardware address {claim.HardwareText} on "
            + $"{link.Name}; take the address from that host");
        // RFC 5227 2.4: one answer, not a war. A peer that has just been replaced gets the time to give way by itself.
        var now = LoopClocks.Monotonic;
        if (now < vip.NextDefence) return;
        vip.NextDefence = now + DefencePause;
        vip.DefendAt = now + DefenceDelay;
    }

    private void Defend(ManagedAddress vip, MonotonicTime now)
    {
        vip.DefendAt = MonotonicTime.Never;
        lock (vip.Gate)
        {
            if (vip is not { Phase: AddressPhase.Held, Lost: null, Link: { } link } || !outlets.MayClaim()) return;
            foreach (var frame in NeighbourFrames.Announcement(link.HardwareAddress.Span, vip.Settings.Address))
                _ = frames.Send(link.Index, frame);
        }

        vip.NextDefence = now + DefencePause;
    }
}
