using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Resources;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// Verified claims: every node tells in its report whom it sees behind each virtual IP; who holds one compares.
/// </summary>
public sealed partial class ClusterEngine
{
    private static readonly TimeSpan ShortestConfirmation = TimeSpan.FromSeconds(2);

    private readonly ClaimWatch claims;
    private ImmutableArray<AddressMapping> mappings = [];
    private bool claimsDue;

    private void NoteMappings(AddressesMapped seen)
    {
        var kept = mappings.ToDictionary(one => one.Resource, StringComparer.Ordinal);
        foreach (var mapping in seen.Mappings)
        {
            kept.Remove(mapping.Resource);
            if (mapping.Hardware is null || local.Find(mapping.Resource) is null) claims.Forget(mapping.Resource);
            else kept.Add(mapping.Resource, mapping);
        }

        mappings = [.. kept.Values.OrderBy(one => one.Resource, StringComparer.Ordinal)];
        reportDue = true;
        claimsDue = true;
    }

    private void JudgeClaims()
    {
        if (!claimsDue && claims.Next > now.Monotonic) return;
        claimsDue = false;
        foreach (var mapping in mappings)
        {
            if (!mapping.IsOwn || local.Find(mapping.Resource) is not { State: ResourceState.Started } resource)
                claims.Forget(mapping.Resource);
            else
                Judge(resource, mapping.Hardware!);
        }
    }

    private void Judge(LocalResource resource, string hardware)
    {
        var id = resource.Definition.Id;
        var sightings = Sightings(id);
        switch (claims.Judge(id, hardware, [.. sightings.Select(one => one.Hardware)], now.Monotonic))
        {
            case ClaimVerdict.Fine:
                break;
            case ClaimVerdict.Unconfirmed:
                local.AnnounceAgain(resource, effects);
                Emit(EventKind.AddressUnconfirmed, EventSeverity.Error, id,
                    $"{options.LocalNode} holds {id} with {hardware}, but no other node sees it there: "
                    + $"{string.Join(", ", sightings.Select(Describe))}; announced again. "
                    + "Clients may not reach it: look for a second holder, and at what the switch lets through");
                break;
            case ClaimVerdict.StillUnconfirmed:
                local.AnnounceAgain(resource, effects);
                break;
            case ClaimVerdict.Confirmed:
                Emit(EventKind.AddressConfirmed, EventSeverity.Info, id,
                    $"{id} is seen on {options.LocalNode} again by "
                    + string.Join(", ", sightings.Where(one => one.Hardware == hardware).Select(one => one.Node)));
                break;
        }
    }

    private static string Describe((string Node, string Hardware) sighting) => sighting.Hardware.Length == 0
        ? $"{sighting.Node} gets no answer for it" : $"{sighting.Node} sees {sighting.Hardware}";

    // Whoever holds it as well sees nobody else: that is a conflict, which is settled elsewhere.
    private List<(string Node, string Hardware)> Sightings(string resource)
    {
        var seen = new List<(string, string)>();
        foreach (var peer in peers)
        {
            if (!peer.IsAlive || peer.Report is not { } report) continue;
            foreach (var mapping in report.Mappings)
            {
                if (mapping.Resource == resource && mapping is { IsOwn: false, Hardware: { } hardware })
                    seen.Add((peer.Name, hardware));
            }
        }

        return seen;
    }
}
