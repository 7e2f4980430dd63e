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
    private readonly List<(RunOperation Operation, ManagedAddress Vip)> batch = [];

    /// <summary>Whether an operation is one of these.</summary>
    public static bool Knows(ResourceDefinition definition) => definition is { Class: "builtin", Type: "vip" };

    /// <summary>Carries out operations, in their order; those of a kind that follow each other together.</summary>
    /// <param name="operations">The orders.</param>
    /// <param name="done">Called once for each with its end: before this returns, or on the keeper's thread.</param>
    public void Run(IReadOnlyList<RunOperation> operations, Action<RunOperation, OperationResult> done)
    {
        foreach (var operation in operations)
        {
            if (batch.Count > 0 && batch[0].Operation.Kind != operation.Kind) RunBatch(done);
            Take(operation, done);
        }

        RunBatch(done);
    }

    private void Take(RunOperation operation, Action<RunOperation, OperationResult> done)
    {
        if (VirtualIpSettings.Read(operation.Resource, out var problem) is not { } settings)
        {
            done(operation, new(OperationOutcome.NotConfigured, $"{problem}."));
            return;
        }

        var vip = Manage(operation.Resource.Id, settings);
        if (operation is { Kind: OperationKind.Start, Urgent: false } && settings.ConflictProbes > 0)
            keeper.ProbeThenStart(vip, result => done(operation, result));
        else
            batch.Add((operation, vip));
    }

    private void RunBatch(Action<RunOperation, OperationResult> done)
    {
        if (batch.Count == 0) return;
        var kind = batch[0].Operation.Kind;
        var results = resource.Run([.. batch.Select(static one => one.Vip)], kind);
        if (kind != OperationKind.Monitor) keeper.Changed();
        for (var i = 0; i < results.Length; i++) done(batch[i].Operation, results[i]);
        batch.Clear();
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
