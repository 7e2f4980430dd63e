using Ha.Lab.Clusters;
using Ha.Lab.Running;

namespace Ha.Lab.Benchmarks;

/// <summary><c>bench transitions</c>: many forced transitions in a row, and what they leave behind.</summary>
internal static class TransitionSoak
{
    private const int Turn = 20;

    internal static void Run(int transitions, Results results)
    {
        using var cluster = new ReferenceCluster(TimerProfile.Fast);
        var forced = new ForcedTransitions(cluster);
        forced.InstallHooks();
        cluster.StartAndServe();
        forced.Run(Turn);
        var before = forced.Take();
        var from = LabClock.Now;
        for (var done = 0; done < transitions; done += Turn)
        {
            forced.Run(Math.Min(Turn, transitions - done));
            // So that hooks of a busy machine keep up, and none is left out.
            foreach (var mistake in forced.HookMistakes()) Console.Error.WriteLine(mistake);
        }

        var took = LabClock.Milliseconds(from, LabClock.Now);
        var left = forced.WhatIsLeft(before);
        var mistakes = forced.HookMistakes();
        foreach (var line in left.Concat(mistakes)) Console.Error.WriteLine(line);
        results.Add("forced transitions", "HaAppliance", transitions);
        results.Add("time for each, hooks included, ms", "HaAppliance", took / transitions);
        results.Add("processes, descriptors, addresses, namespaces left", "HaAppliance", left.Count);
        results.Add("hooks that did not run once and in order", "HaAppliance", mistakes.Count);
        foreach (var (first, last) in before.Zip(forced.Take()))
        {
            results.Add($"descriptors of the agent of {first.Node} before", "HaAppliance", first.Descriptors);
            results.Add($"descriptors of the agent of {first.Node} after", "HaAppliance", last.Descriptors);
        }
    }
}
