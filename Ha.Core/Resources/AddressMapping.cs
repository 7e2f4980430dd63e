namespace Ha.Core.Resources;

/// <summary>Who has a virtual IP, as one node knows it from the link that it shares with the others.</summary>
/// <param name="Resource">Resource id of the virtual IP.</param>
/// <param name="Hardware">Hardware address of its holder, as <c>02:00:00:00:00:01</c>; empty: nobody answers for it;
/// null: this node does not see the link, and can tell nothing.</param>
/// <param name="IsOwn">True when this node holds it, and the hardware address is its own.</param>
public sealed record AddressMapping(string Resource, string? Hardware, bool IsOwn);
