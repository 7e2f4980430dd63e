using System.Xml.Linq;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Cib;

/// <summary>Reads the cluster-wide options.</summary>
internal static class CibOptions
{
    private static readonly string[] Used =
    [
        "startup-fencing", "stonith-enabled", "stonith-action", "no-quorum-policy", "symmetric-cluster",
        "have-watchdog", "maintenance-mode", "stop-all-resources", "stop-orphan-resources", "stop-orphan-actions",
        "start-failure-is-fatal", "enable-startup-probes",
    ];

    // Options that steer daemons, limits or display and never a decision of the policy engine, or that were
    // dropped long ago.
    private static readonly string[] WithoutEffect =
    [
        "dc-version", "cluster-infrastructure", "cluster-name", "last-lrm-refresh", "cluster-delay", "batch-limit",
        "dc-deadtime", "cluster-recheck-interval", "election-timeout", "shutdown-escalation", "stonith-timeout",
        "join-integration-timeout", "join-finalization-timeout", "transition-delay", "node-action-limit",
        "migration-limit", "pe-error-series-max", "pe-warn-series-max", "pe-input-series-max", "enable-acl",
        "load-threshold", "stonith-watchdog-timeout", "concurrent-fencing", "default-action-timeout",
        "crmd-transition-delay", "stonith-max-attempts", "fence-reaction", "transition-idle-timeout",
        "expected-quorum-votes", "remove-after-stop", "is-managed-default", "default-resource-stickiness",
        "default-migration-threshold", "default-resource-failure-stickiness", "shutdown-lock", "shutdown-lock-limit",
        "node-health-strategy", "priority-fencing-delay",
    ];

    public static ClusterOptions Read(CibDocument document, XElement section)
    {
        // The bootstrap set wins over any other, whatever the scores say.
        var sets = document.Sets(section, "cluster_property_set")
            .Select(set => set.Id == "cib-bootstrap-options" ? set with { Score = int.MaxValue } : set)
            .ToImmutableArray();
        var options = AttributeSets.Resolve(sets, new RuleContext { Now = DateTimeOffset.UnixEpoch });
        foreach (var (name, _) in options)
        {
            if (!Used.Contains(name) && !WithoutEffect.Contains(name))
                document.Findings.Add(section, $"option '{name}' is not supported; it has no effect");
        }

        bool Flag(string name, bool preset) =>
            options.TryGetValue(name, out var text) ? Values.Boolean(text) ?? preset : preset;
        return new ClusterOptions
        {
            AsPacemaker = true,
            HaveQuorum = document.Flag(document.Root, "have-quorum", false),
            NoQuorumPolicy = Policy(document, section, options),
            SymmetricCluster = Flag("symmetric-cluster", true),
            FencingEnabled = Flag("stonith-enabled", true),
            FencingAction = options.GetValueOrDefault("stonith-action") is "off" or "poweroff" ? "off" : "reboot",
            StartupFencing = Flag("startup-fencing", true),
            HaveWatchdog = Flag("have-watchdog", false),
            MaintenanceMode = Flag("maintenance-mode", false),
            StopAllResources = Flag("stop-all-resources", false),
            StopOrphanResources = Flag("stop-orphan-resources", true),
            StopOrphanActions = Flag("stop-orphan-actions", true),
            StartFailureIsFatal = Flag("start-failure-is-fatal", true),
            StartupProbes = Flag("enable-startup-probes", true),
        };
    }

    private static NoQuorumPolicy Policy(
        CibDocument document, XElement section, SortedDictionary<string, string> options)
    {
        var text = options.GetValueOrDefault("no-quorum-policy");
        switch (text)
        {
            // A partition that never had quorum has nothing to lose: nodes that start up do not fence each other.
            case "suicide" or "fence" when !document.Flag(document.Root, "have-quorum", false)
                && !document.Flag(document.Root, "no-quorum-panic", false):
                return NoQuorumPolicy.Stop;
            case null or "stop":
                return NoQuorumPolicy.Stop;
            case "freeze":
                return NoQuorumPolicy.Freeze;
            case "ignore":
                return NoQuorumPolicy.Ignore;
            case "suicide" or "fence":
                return NoQuorumPolicy.Fence;
            default:
                document.Findings.Add(section, $"no-quorum-policy '{text}' is not supported; 'stop' is used");
                return NoQuorumPolicy.Stop;
        }
    }
}
