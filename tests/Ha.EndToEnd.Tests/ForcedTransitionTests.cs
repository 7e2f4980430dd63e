using Ha.Lab.Running;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The short version of <c>./bench.sh transitions --runs 1000</c>.</summary>
public sealed class ForcedTransitionTests(ITestOutputHelper output) : ClusterStory(output)
{
    [Fact]
    public void TransitionsInARow_LeaveNothingBehind_AndHooksRunOnceForEachEventInOrder()
    {
        var forced = new ForcedTransitions(Build(Quick));
        forced.InstallHooks();
        Cluster.StartAndServe();
        forced.Run(4);
        var before = forced.Take();

        forced.Run(20);

        Assert.Empty(forced.HookMistakes());
        Assert.Empty(forced.WhatIsLeft(before));
    }
}
