using Ha.Agent.Loop;
using Ha.Agent.Netlink;
using Ha.Core.Engine;
using Ha.Core.Resources;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>
/// Who has the virtual IPs on the links of this node: heard when it is announced, asked for from time to time. The
/// holder learns from the other nodes that its claim has come through.
/// </summary>
internal sealed partial class VirtualIpKeeper
{
    /// <summary>Questions before it is believed that nobody has an address.</summary>
    private const int Questions = 3;

    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan AskPause = TimeSpan.FromSeconds(15);

    private readonly List<AddressMapping> news = [];

    private void FindHolder(ManagedAddress vip, MonotonicTime now)
    {
        switch (vip.Phase)
        {
            case AddressPhase.Held when vip.Link is { } link:
                if (!ReferenceEquals(vip.ToldLink, link)) Tell(vip, OwnHardware(link), isOwn: true);
                vip.ToldLink = link;
                break;
            case AddressPhase.Absent when now >= vip.AskAt:
                Ask(vip, now);
                break;
            case AddressPhase.Held or AddressPhase.Absent or AddressPhase.Probing or AddressPhase.Unknown:
                break;
        }
    }

    private static string? OwnHardware(NetworkInterface link) =>
        link is { IsLoopback: false, AsksNeighbours: true, HardwareAddress.IsEmpty: false } ? link.HardwareText : null;

    private void Ask(ManagedAddress vip, MonotonicTime now)
    {
        vip.AskAt = now + AskPause;
        if (resource.Resolve(vip, out _) is not { Link: { IsShared: true } link })
        {
            vip.AskedLink = 0;
            Tell(vip, null, isOwn: false);
            return;
        }

        vip.AskedLink = link.Index;
        if (vip.Asked >= Questions)
        {
            Tell(vip, "", isOwn: false);
            vip.Asked = 0;
            return;
        }

        var address = vip.Settings.Address;
        _ = frames.Send(link.Index, routes.FindNextHop(address, link.Index) is { } hop
            ? NeighbourFrames.Question(link.HardwareAddress.Span, hop.Source, address)
            : NeighbourFrames.Probe(link.HardwareAddress.Span, address));
        vip.Asked++;
        vip.AskAt = now + AnswerPatience;
    }

    private void NoteHolder(NeighbourClaim claim)
    {
        foreach (var vip in managed)
        {
            if (vip.Phase != AddressPhase.Absent || !vip.Settings.Address.Equals(claim.Address)
                || (vip.AskedLink != 0 && vip.AskedLink != claim.InterfaceIndex)) continue;
            Tell(vip, claim.HardwareText, isOwn: false);
            vip.Asked = 0;
            vip.AskAt = LoopClocks.Monotonic + AskPause;
        }
    }

    private void Tell(ManagedAddress vip, string? hardware, bool isOwn)
    {
        var mapping = new AddressMapping(vip.Resource, hardware, isOwn);
        if (mapping == (vip.Told ?? mapping with { Hardware = null, IsOwn = false })) return;
        vip.Told = mapping;
        vip.ToldLink = null;
        news.Add(mapping);
    }

    // One message for what changed together, such as a group of many addresses.
    private void TellHolders()
    {
        if (news.Count == 0) return;
        outlets.Post(new AddressesMapped([.. news]));
        news.Clear();
    }
}
