using Xunit.Abstractions;

namespace Ha.Policy.Tests;

/// <summary>The policy engine plans as Pacemaker 2.1.5 does, for random clusters (docs/policy.md).</summary>
public sealed class PacemakerComparisonTests(ITestOutputHelper output)
{
    private const int Cases = 2000;

    [Fact]
    public void OfRandomClusters_NinetyNineInAHundredArePlannedAsPacemakerPlansThem()
    {
        var cases = PolicyCase.RunAll(first: 1, Cases);
        var summary = Report.Summary(cases, most: 10);
        output.WriteLine(summary);
        Assert.True(cases.Count(one => one.HasEqualActions) >= Cases * 99 / 100, summary);
    }
}
