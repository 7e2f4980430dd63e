using Xunit.Abstractions;

namespace Ha.Policy.Tests;

/// <summary>The policy engine plans as Pacemaker 2.1.5 does, for random clusters (docs/policy.md).</summary>
public sealed class PacemakerComparisonTests(ITestOutputHelper output)
{
    private const int Cases = 2000;

    /// <summary>Clusters that were once planned differently, one for each reason there was.</summary>
    public static TheoryData<ulong> OnceDifferent { get; } =
    [
        19, 35, 42, 62, 97, 147, 193, 205, 206, 427, 433, 604, 626, 822, 1010, 1148, 1332, 1466, 1511, 1566, 1707, 1930,
    ];

    /// <summary>The same for clusters with something rare in them.</summary>
    public static TheoryData<ulong> OnceDifferentInSomethingRare { get; } =
    [
        47, 52, 89, 91, 129, 136, 151, 176, 182, 192, 277, 296, 342, 384, 521, 616, 738, 1058, 1133, 1443, 1519, 1527,
        1618, 1724, 1927, 700004, 700198, 700232, 700389, 700534, 701193, 701347, 701521, 701559, 701754, 701772,
        900437, 900674, 900761, 900941, 901322, 901348, 901571, 901610, 901766, 901793,
    ];

    [Theory]
    [MemberData(nameof(OnceDifferent))]
    public void WhatOnceDifferedIsPlannedAlike(ulong seed) => PlansAlike(seed, wide: false);

    [Theory]
    [MemberData(nameof(OnceDifferentInSomethingRare))]
    public void SomethingRareThatOnceDifferedIsPlannedAlike(ulong seed) => PlansAlike(seed, wide: true);

    [Fact]
    public void OfRandomClusters_NinetyNineInAHundredArePlannedAsPacemakerPlansThem()
    {
        var cases = PolicyCase.RunAll(first: 1, Cases);
        var summary = Report.Summary(cases, most: 10);
        output.WriteLine(summary);
        Assert.True(cases.Count(one => one.HasEqualActions) >= Cases * 99 / 100, summary);
    }

    private static void PlansAlike(ulong seed, bool wide)
    {
        var one = PolicyCase.Run(seed, wide);
        Assert.True(one.HasEqualActions, one.Difference());
    }
}
