using Ha.Core.Time;

namespace Ha.Core.Tests.Policy.Random;

/// <summary>
/// Draws a cluster within what the policy engine supports: nodes in all states, primitives, groups and clones with
/// their settings, constraints and sets, and a history with failures. Equal seeds give equal clusters.
/// </summary>
internal sealed class RandomCib
{
    public const int Now = 2_000_000;
    public const string FenceDevice = "Fencing";

    private readonly SplitMix64 random;
    private readonly Rare rare;
    private readonly CibText cib = new();
    private readonly RandomResources resources;
    private readonly bool fencing;

    private RandomCib(ulong seed, bool wide)
    {
        random = new SplitMix64(seed);
        rare = new Rare(wide ? new SplitMix64(~seed) : null);
        var nodes = Pick(1, 2, 2, 2, 3, 3, 4);
        if (rare.Chance(4)) nodes = rare.Next(5, 12);
        for (var i = 1; i <= nodes; i++) cib.Nodes.Add($"n{i}");
        // The order of names need not be that of the configuration.
        if (rare.Chance(15)) cib.Nodes.Reverse();
        fencing = Chance(60);
        resources = new RandomResources(random, rare, cib);
    }

    /// <summary>The CIB of a seed.</summary>
    /// <param name="seed">Any value; equal seeds give equal clusters.</param>
    /// <param name="wide">Whether it may have what few clusters have.</param>
    public static string Text(ulong seed, bool wide = false)
    {
        var draw = new RandomCib(seed, wide);
        draw.DrawOptions();
        draw.DrawRareOptions();
        draw.resources.Draw(draw.Chance(22));
        new RandomConstraints(draw.random, draw.rare, draw.cib, draw.resources).Draw();
        if (draw.fencing) draw.resources.AddFenceDevice();
        draw.DrawNodeStates();
        new RandomHistory(draw.random, draw.rare, draw.cib, draw.resources).Draw(draw.fencing);
        return draw.cib.ToString();
    }

    private void DrawOptions()
    {
        var policy = Pick("ignore", "stop", "ignore", "freeze");
        Option("no-quorum-policy", rare.Chance(6) ? rare.Pick("suicide", "demote") : policy);
        Option("stonith-enabled", fencing ? "true" : "false");
        if (Chance(15)) cib.HaveQuorum = false;
        if (Chance(10)) Option("symmetric-cluster", "false");
        if (Chance(5)) Option("maintenance-mode", "true");
        if (Chance(5)) Option("start-failure-is-fatal", "false");
        if (Chance(30)) Default("resource-stickiness", Pick("1", "100", "INFINITY"));
        if (Chance(30)) Default("migration-threshold", Pick("1", "2", "3"));
        if (Chance(10)) Default("failure-timeout", "60s");
    }

    private void DrawRareOptions()
    {
        if (rare.Chance(3)) Option("stop-all-resources", "true");
        if (rare.Chance(5)) Option("stop-orphan-resources", "false");
        if (rare.Chance(5)) Option("stop-orphan-actions", "false");
        if (rare.Chance(6)) Option("startup-fencing", "false");
        if (rare.Chance(5)) Option("stonith-action", "off");
        if (rare.Chance(3)) Option("have-watchdog", "true");
        if (rare.Chance(8)) Option("concurrent-fencing", rare.Pick("true", "false"));
        if (rare.Chance(3)) Option("enable-startup-probes", "false");
        if (rare.Chance(3)) Option("priority-fencing-delay", "15s");
        if (rare.Chance(3)) Default("is-managed", "false");
        if (rare.Chance(3)) Default("target-role", "Stopped");
        if (rare.Chance(3)) Default("multiple-active", rare.Pick("stop_only", "block", "stop_unexpected"));
        if (rare.Chance(4)) OperationDefault("on-fail", rare.Pick("ignore", "block", "stop", "fence", "standby"));
        if (rare.Chance(3)) OperationDefault("timeout", "30s");
    }

    private void Option(string name, string value) => cib.Options.Add(CibText.Pair("option", name, value));

    private void Default(string name, string value) => cib.Defaults.Add(CibText.Pair("default", name, value));

    private void OperationDefault(string name, string value) =>
        cib.OperationDefaults.Add(CibText.Pair("op-default", name, value));

    private void DrawNodeStates()
    {
        foreach (var node in cib.Nodes)
        {
            if (Chance(20)) cib.Permanent(node, "color", Pick("red", "blue"));
            var draw = random.Next(0, 100);
            var coordinator = node == cib.Nodes[0];
            if (draw < 10) cib.Permanent(node, "standby", "on");
            else if (draw < 13) cib.Permanent(node, "maintenance", "true");
            else if (draw < 20 && !coordinator) State(node, "false", "offline", "down", "down");
            else if (draw < 25 && !coordinator) State(node, "false", "offline", "member", "member");
            else if (draw < 28 && !coordinator) cib.States[node] = null;
            else if (draw < 31 && !coordinator) State(node, "true", "online", "down", "member");
            else if (draw < 35 && !coordinator) State(node, "true", "offline", "member", "member");
            else if (draw < 38) cib.Transient(node, "shutdown", "1500000000");
            DrawRareState(node, coordinator);
        }
    }

    private void DrawRareState(string node, bool coordinator)
    {
        if (rare.Chance(12)) cib.Permanent(node, "level", rare.Pick("1", "5", "30", "-20", "2.5", "INFINITY"));
        if (rare.Chance(3)) cib.Transient(node, "standby", rare.Pick("on", "off", "true"));
        if (rare.Chance(2)) cib.Transient(node, "terminate", rare.Pick("true", "1500000000"));
        if (rare.Chance(1)) cib.Transient(node, "shutdown", "1500000000");
        if (coordinator || !rare.Chance(10)) return;
        var (member, agent) = (rare.Pick("true", "true", "false"), rare.Pick("online", "offline"));
        State(node, member, agent, rare.Pick("pending", "down", "banned", "member"), rare.Pick("member", "down"));
    }

    private void State(string node, string member, string agent, string join, string expected) =>
        cib.States[node] = $"""in_ccm="{member}" crmd="{agent}" join="{join}" expected="{expected}" """;

    private bool Chance(int percent) => random.Chance(percent, 100);

    private T Pick<T>(params T[] values) => values[random.Next(0, values.Length)];
}
