using Ha.Core.Time;

namespace Ha.Core.Tests.Policy.Random;

/// <summary>Draws what nodes report: what runs where, what failed, and what is still under way.</summary>
internal sealed class RandomHistory(SplitMix64 random, Rare rare, CibText cib, RandomResources resources)
{
    private const int JustNow = RandomCib.Now - 10;

    public void Draw(bool fencing)
    {
        if (fencing) DrawFenceDevices();
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
                if (rare.Chance(6)) DrawRare(primitive, node);
                else if (runs) DrawRun(primitive, node);
                else if (Chance(85)) cib.Report(node, primitive.Id, "monitor", 0, 7);
                else if (Chance(50)) DrawStopped(primitive, node);
                if (rare.Chance(1)) cib.Count(node, primitive.Id, "monitor", 10, "3", rare.Pick(1000, JustNow));
            }
        }

        DrawOrphans();
    }

    private void DrawOrphans()
    {
        if (Chance(5))
        {
            if (Chance(50)) cib.Report(cib.Nodes[0], "old", "start", 0, 0);
            else cib.Report(cib.Nodes[0], "old", "monitor", 0, 7);
        }

        if (!rare.Chance(6)) return;
        var nodes = rare.Chance(30) ? cib.Nodes : [rare.Pick(cib.Nodes)];
        foreach (var node in nodes)
        {
            cib.Report(node, "gone", "start", 0, rare.Pick(0, 0, 0, 1));
            if (rare.Chance(60)) cib.Report(node, "gone", "monitor", 10, rare.Pick(0, 0, 0, 7));
            if (rare.Chance(20)) cib.Report(node, "gone", "stop", 0, rare.Pick(0, 1));
        }
    }

    private void DrawFenceDevices()
    {
        foreach (var node in cib.Nodes) cib.Report(node, RandomCib.FenceDevice, "monitor", 0, 7);
        if (!Chance(70)) return;
        cib.Report(cib.Nodes[0], RandomCib.FenceDevice, "start", 0, 0);
        if (rare.Chance(2))
        {
            cib.Fail(cib.Nodes[0], RandomCib.FenceDevice, "stop", 0, 1, "INFINITY", JustNow);
            return;
        }

        if (rare.Chance(7))
            cib.Fail(cib.Nodes[0], RandomCib.FenceDevice, "monitor", 60, 1, "1", JustNow);
        else
            cib.Report(cib.Nodes[0], RandomCib.FenceDevice, "monitor", 60, 0);
    }

    private void DrawStopped(RandomPrimitive primitive, string node)
    {
        Started(primitive, node);
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
        Started(primitive, node);
        var failed = draw < 12 && primitive.Monitors.Count > 0 ? primitive.Monitors[0] : 0;
        foreach (var seconds in primitive.Monitors)
        {
            if (seconds != failed && Chance(93)) Monitored(primitive, node, seconds);
        }

        if (failed > 0)
            cib.Fail(node, primitive.Id, "monitor", failed, Pick(1, 7), Pick("1", "2", "INFINITY"),
                Pick(1000, JustNow));
        else if (draw is >= 12 and < 17)
            cib.Fail(node, primitive.Id, "stop", 0, 1, "INFINITY", JustNow);
    }

    private void Started(RandomPrimitive primitive, string node) =>
        cib.Report(new Operation(node, primitive.Id, "start", 0, 0)
        {
            Parameters = primitive.Recorded,
            RestartParameters = primitive.RecordsRestart ? primitive.Recorded : null,
        });

    private void Monitored(RandomPrimitive primitive, string node, int seconds) =>
        cib.Report(new Operation(node, primitive.Id, "monitor", seconds, 0)
        {
            Parameters = primitive.Recorded, TimeoutMs = rare.Chance(2) ? 15_000 : 20_000,
        });

    // Histories that few nodes have.
    private void DrawRare(RandomPrimitive primitive, string node)
    {
        var id = primitive.Id;
        var when = rare.Pick(1000, JustNow);
        var count = rare.Pick("1", "2", "INFINITY");
        Operation Of(string name, int seconds, int code, int status = 0) =>
            new(node, id, name, seconds, code) { Status = status, When = when };

        switch (rare.Next(0, 14))
        {
            case 0:
                cib.Report(Of("start", 0, 193, -1));
                break;
            case 1:
                Started(primitive, node);
                cib.Report(Of("stop", 0, 193, -1));
                break;
            case 2:
                if (rare.Chance(50)) Started(primitive, node);
                cib.Report(Of("monitor", rare.Pick(0, 10), 193, -1));
                break;
            case 3:
                // A probe found it, or found it broken.
                cib.Report(Of("monitor", 0, rare.Pick(0, 0, 1, 2, 4, 5, 6)));
                if (rare.Chance(30)) Monitored(primitive, node, 10);
                break;
            case 4:
                cib.Report(Of("monitor", 0, rare.Pick(5, 1), rare.Pick(7, 4, 2, 3)));
                break;
            case 5:
                cib.Report(Of("start", 0, rare.Pick(2, 3, 4, 5, 6, 7), rare.Pick(0, 4, 5, 6, 7)));
                if (rare.Chance(70)) cib.Count(node, id, "start", 0, "INFINITY", when);
                break;
            case 6:
                Started(primitive, node);
                cib.Report(Of("monitor", 10, 1, 2));
                cib.Count(node, id, "monitor", 10, count, when);
                break;
            case 7:
                Started(primitive, node);
                cib.Report(Of("stop", 0, 1, 2));
                cib.Count(node, id, "stop", 0, "INFINITY", when);
                break;
            case 8:
                // Failed, stopped and started again: what is kept of it.
                cib.Report(Of("monitor", 10, 7) with { IsLastFailure = true });
                cib.Report(Of("stop", 0, 0));
                Started(primitive, node);
                Monitored(primitive, node, 10);
                cib.Count(node, id, "monitor", 10, count, when);
                break;
            case 9:
                Started(primitive, node);
                Monitored(primitive, node, 10);
                cib.Report(Of("monitor", 30, 0, rare.Pick(0, 1)));
                break;
            case 10:
                // Went down by a failed stop, and up again.
                cib.Report(Of("stop", 0, 1) with { IsLastFailure = true });
                cib.Report(Of("start", 0, rare.Pick(0, 1)));
                if (rare.Chance(50)) cib.Count(node, id, "stop", 0, count, when);
                break;
            case 11:
                cib.Report(Of("monitor", 0, 0));
                cib.Report(Of("stop", 0, rare.Pick(0, 1, 5)));
                break;
            case 12:
                Started(primitive, node);
                cib.Report(Of("monitor", 10, rare.Pick(5, 6, 2, 4, 7), rare.Pick(0, 4)));
                if (rare.Chance(60)) cib.Count(node, id, "monitor", 10, count, when);
                break;
            default:
                // A report without numbers of failures, or only failures without a report.
                if (rare.Chance(50)) cib.Report(Of("start", 0, 1));
                else cib.Count(node, id, "start", 0, count, when);
                break;
        }
    }

    private bool Chance(int percent) => random.Chance(percent, 100);

    private T Pick<T>(params T[] values) => values[random.Next(0, values.Length)];
}
