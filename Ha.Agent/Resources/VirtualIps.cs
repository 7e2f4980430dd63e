using System.Collections.Immutable;
using Ha.Agent.Netlink;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>
/// All virtual IPs of this node: the orders of the engine, carried out on the heartbeat loop's thread. A claim that can
/// wait is handed to the keeper, which asks for foreign holders first.
/// </summary>
/// <param name="resource">Does it, with network tables that belong to the loop's thread.</param>
/// <param name="keeper">Renews leases and watches.</param>
internal sealed class VirtualIps(VirtualIpResource resource, VirtualIpKeeper keeper)
{
    private readonly Dictionary<string, ManagedAddress> known = [];

    /// <summary>Whether an operation is one of these.</summary>
    public static bool Knows(ResourceDefinition definition) => definition is { Class: "builtin", Type: "vip" };

    /// <summary>Carries out one operation.</summary>
    /// <param name="operation">The order.</param>
    /// <param name="done">Called once with its end: before this returns, or on the keeper's thread.</param>
    public void Run(RunOperation operation, Action<OperationResult> done)
    {
        if (VirtualIpSettings.Read(operation.Resource, out var problem) is not { } settings)
        {
            done(new(OperationOutcome.NotConfigured, $"{problem}."));
            return;
        }

        var vip = Manage(operation.Resource.Id, settings);
        if (operation is { Kind: OperationKind.Start, Urgent: false } && settings.ConflictProbes > 0)
        {
            keeper.ProbeThenStart(vip, done);
            return;
        }

        var result = resource.Run(vip, operation.Kind);
        if (operation.Kind != OperationKind.Monitor) keeper.Changed();
        done(result);
    }

    private ManagedAddress Manage(string id, VirtualIpSettings settings)
    {
        if (!known.TryGetValue(id, out var vip))
        {
            known.Add(id, vip = new ManagedAddress(id, settings));
            keeper.Manage([.. known.Values]);
        }

        vip.Settings = settings;
        return vip;
    }
}

/// <summary>What the keeper of virtual IPs tells the rest of the agent. None of these may wait.</summary>
/// <param name="MayClaim">Whether this node may claim addresses now.</param>
/// <param name="Post">Hands an input to the engine.</param>
internal sealed record KeeperOutlets(Func<bool> MayClaim, Action<ClusterInput> Post)
{
    /// <summary>Posts an event.</summary>
    public void Report(EventKind kind, EventSeverity severity, string subject, string sentence) =>
        Post(new ShellReported { Kind = kind, Severity = severity, Subject = subject, Sentence = sentence });
}
