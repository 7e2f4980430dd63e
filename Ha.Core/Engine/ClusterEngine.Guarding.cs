using Ha.Core.ClusterConfiguration;

namespace Ha.Core.Engine;

/// <summary>Which virtual IPs the driver takes away when they appear here without an order.</summary>
public sealed partial class ClusterEngine
{
    private (ActiveConfiguration? Configuration, bool Maintenance) guardedBy;

    private bool IsNodeInMaintenance => intents.Maintenance || configuration.Model.Options.MaintenanceMode
        || configuration.NodesInMaintenance.Contains(options.LocalNode);

    private void LeaveAlone() => local.LeaveAlone(IsNodeInMaintenance);

    // Neither in maintenance nor where somebody else manages it: there an operator's hand is no accident.
    private void GuardOwnAddresses()
    {
        if (ReferenceEquals(guardedBy.Configuration, configuration) && guardedBy.Maintenance == intents.Maintenance)
            return;
        guardedBy = (configuration, intents.Maintenance);
        var none = IsNodeInMaintenance;
        effects.Add(new GuardAddresses(none ? [] :
        [
            .. configuration.Groups.SelectMany(group => group.Resources)
                .Where(resource => resource is { IsVip: true, IsManaged: true }).Select(resource => resource.Id),
        ]));
    }
}
