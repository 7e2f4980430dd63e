using Ha.Agent.Netlink;
using Ha.Core.Resources;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>What this node does with a virtual IP.</summary>
internal enum AddressPhase
{
    /// <summary>Not known yet.</summary>
    Unknown = 0,

    /// <summary>It must not be here.</summary>
    Absent = 1,

    /// <summary>It is found out whether somebody else has it.</summary>
    Probing = 2,

    /// <summary>It is here, and its lease is renewed.</summary>
    Held = 3,
}

/// <summary>
/// One virtual IP as this agent manages it. Shared by the heartbeat loop, which carries out orders, and the keeper's
/// thread, which renews and watches: <see cref="Gate"/> is held across each of their changes to the kernel's tables, so
/// that no renewal can bring an address back that an order has just removed.
/// </summary>
/// <param name="resource">Id of the resource.</param>
/// <param name="settings">As configured.</param>
internal sealed class ManagedAddress(string resource, VirtualIpSettings settings)
{
    /// <summary>Guards everything below but what is the keeper's own.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Id of the resource.</summary>
    public string Resource { get; } = resource;

    /// <summary>As configured.</summary>
    public VirtualIpSettings Settings { get; set; } = settings;

    /// <summary>What is done with it.</summary>
    public AddressPhase Phase { get; set; }

    /// <summary>As it was added; null unless held.</summary>
    public VipClaim? Claim { get; set; }

    /// <summary>The interface that it is on; null unless held.</summary>
    public NetworkInterface? Link { get; set; }

    /// <summary>The request that renews its lease; null unless held with a lease.</summary>
    public byte[]? Renewal { get; set; }

    /// <summary>When the lease began anew.</summary>
    public MonotonicTime RenewedAt { get; set; }

    /// <summary>When it is to be renewed.</summary>
    public MonotonicTime NextRenewal { get; set; } = MonotonicTime.Never;

    /// <summary>It is not on its interface any more, though this node should hold it: why. Null while it is.</summary>
    public string? Lost { get; set; }

    /// <summary>Its interface does not work: how. Null while it does.</summary>
    public string? LinkTrouble { get; set; }

    /// <summary>Keeper: when the interface stopped working; Never while it works.</summary>
    public MonotonicTime LinkLostAt { get; set; } = MonotonicTime.Never;

    /// <summary>Keeper: when it is announced again because the interface works again.</summary>
    public MonotonicTime AnnounceAt { get; set; } = MonotonicTime.Never;

    /// <summary>Keeper: when it was announced for that reason.</summary>
    public MonotonicTime AnnouncedAt { get; set; }

    /// <summary>Keeper: when it is looked whether the address is where it must not be.</summary>
    public MonotonicTime StrayCheckAt { get; set; } = MonotonicTime.Never;

    /// <summary>Keeper: when this node answers a foreign claim.</summary>
    public MonotonicTime DefendAt { get; set; } = MonotonicTime.Never;

    /// <summary>Keeper: when the next answer to a foreign claim is allowed.</summary>
    public MonotonicTime NextDefence { get; set; }

    /// <summary>Keeper: when the link is asked who has the address, while this node has not.</summary>
    public MonotonicTime AskAt { get; set; }

    /// <summary>Keeper: questions since the last answer.</summary>
    public int Asked { get; set; }

    /// <summary>Keeper: the link that was asked last; 0: none is shared with others.</summary>
    public int AskedLink { get; set; }

    /// <summary>Keeper: what the engine was told last of who has it; null: nothing.</summary>
    public AddressMapping? Told { get; set; }

    /// <summary>Keeper: the interface it was told with; null unless it was told as held here.</summary>
    public NetworkInterface? ToldLink { get; set; }

    /// <summary>Seconds of the lease as a time; zero: for ever.</summary>
    public TimeSpan Lease => TimeSpan.FromSeconds(Settings.LeaseSeconds);

    /// <summary>The lease begins now.</summary>
    public void Renewed(MonotonicTime now)
    {
        RenewedAt = now;
        NextRenewal = Renewal is null ? MonotonicTime.Never : now + (Lease / 4);
    }

    /// <summary>It is not held any more.</summary>
    public void Release(AddressPhase next)
    {
        Phase = next;
        Claim = null;
        Renewal = null;
        NextRenewal = MonotonicTime.Never;
        Lost = LinkTrouble = null;
        AskAt = default;
        Asked = AskedLink = 0;
    }
}
