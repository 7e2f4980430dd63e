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

    private const int JustNow = Now - 10;

    private readonly SplitMix64 random;
    private readonly CibText cib = new();
    private readonly RandomResources resources;
    private readonly bool fencing;

    private RandomCib(ulong seed)
    {
        random = new SplitMix64(seed);
        var nodes = Pick(1, 2, 2, 2, 3, 3, 4);
        for (var i = 1; i <= nodes; i++) cib.Nodes.Add($"n{i}");
        fencing = Chance(60);
        resources = new RandomResources(random, cib);
    }

    /// <summary>The CIB of a seed.</summary>
    public static string Text(ulong seed)
    {
        var draw = new RandomCib(seed);
        draw.DrawOptions();
        draw.resources.Draw(draw.Chance(22));
        new RandomConstraints(draw.random, draw.cib, draw.resources).Draw();
        if (draw.fencing) draw.resources.AddFenceDevice();
        draw.DrawNodeStates();
        draw.DrawHistory();
        return draw.cib.ToString();
    }

    private void DrawOptions()
    {
        Option("no-quorum-policy", Pick("ignore", "stop", "ignore", "freeze"));
        Option("stonith-enabled", fencing ? "true" : "false");
        if (Chance(15)) cib.HaveQuorum = false;
        if (Chance(10)) Option("symmetric-cluster", "false");
        if (Chance(5)) Option("maintenance-mode", "true");
        if (Chance(5)) Option("start-failure-is-fatal", "false");
        if (Chance(30)) Default("resource-stickiness", Pick("1", "100", "INFINITY"));
        if (Chance(30)) Default("migration-threshold", Pick("1", "2", "3"));
        if (Chance(10)) Default("failure-timeout", "60s");
    }

    private void Option(string name, string value) => cib.Options.Add(CibText.Pair("option", name, value));

    private void Default(string name, string value) => cib.Defaults.Add(CibText.Pair("default", name, value));

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
        }
    }

    private void State(string node, string member, string agent, string join, string expected) =>
        cib.States[node] = $"""in_ccm="{member}" crmd="{agent}" join="{join}" expected="{expected}" """;

    private void DrawHistory()
    {
        if (fencing) DrawFenceDevice();
        if (Chance(15)) return;
        foreach (var primitive in resources.Primitives)
        {
            string? home = null;
            if (Chance(80)) home = primitive.Home ??= Pick([.. cib.Nodes]);
            foreach (var node in cib.Nodes)
            {
                // Who was never seen, or left in an orderly way, has nothing to report.
                if (cib.States.TryGetValue(node, out var state)
                    && (state is null || state.Contains("join=\"down\" expected=\"down\"", StringComparison.Ordinal)))
                    continue;
                var runs = node == home || (primitive.IsCloned ? Chance(70) : Chance(4));
                if (runs) DrawRun(primitive, node);
                else if (Chance(85)) cib.Report(node, primitive.Id, "monitor", 0, 7);
                else if (Chance(50)) DrawStopped(primitive, node);
            }
        }

        if (!Chance(5)) return;
        if (Chance(50)) cib.Report(cib.Nodes[0], "old", "start", 0, 0);
        else cib.Report(cib.Nodes[0], "old", "monitor", 0, 7);
    }

    private void DrawFenceDevice()
    {
        foreach (var node in cib.Nodes) cib.Report(node, FenceDevice, "monitor", 0, 7);
        if (!Chance(70)) return;
        cib.Report(cib.Nodes[0], FenceDevice, "start", 0, 0);
        cib.Report(cib.Nodes[0], FenceDevice, "monitor", 60, 0);
    }

    private void DrawStopped(RandomPrimitive primitive, string node)
    {
        cib.Report(node, primitive.Id, "start", 0, 0);
        cib.Report(node, primitive.Id, "stop", 0, 0);
    }

    private void DrawRun(RandomPrimitive primitive, string node)
    {
        var draw = random.Next(0, 100);
        if (draw is >= 17 and < 22)
        {
            cib.Fail(node, primitive.Id, "start", 0, 1, "INFINITY", JustNow);
            return;
        }

        if (Chance(50)) cib.Report(node, primitive.Id, "monitor", 0, 7);
        cib.Report(node, primitive.Id, "start", 0, 0);
        var failed = draw < 12 && primitive.Monitors.Count > 0 ? primitive.Monitors[0] : 0;
        foreach (var seconds in primitive.Monitors)
        {
            if (seconds != failed && Chance(93)) cib.Report(node, primitive.Id, "monitor", seconds, 0);
        }

        if (failed > 0)
            cib.Fail(node, primitive.Id, "monitor", failed, Pick(1, 7), Pick("1", "2", "INFINITY"),
                Pick(1000, JustNow));
        else if (draw is >= 12 and < 17)
            cib.Fail(node, primitive.Id, "stop", 0, 1, "INFINITY", JustNow);
    }

    private bool Chance(int percent) => random.Chance(percent, 100);

    private T Pick<T>(params T[] values) => values[random.Next(0, values.Length)];
}
