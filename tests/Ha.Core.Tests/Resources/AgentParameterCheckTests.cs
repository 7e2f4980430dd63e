using System.Collections.Immutable;
using Ha.Core.Configuration;
using Ha.Core.Resources;

namespace Ha.Core.Tests.Resources;

public sealed class AgentParameterCheckTests
{
    private static readonly AgentMetaData Agent = new()
    {
        Name = "mount",
        Parameters =
        [
            new() { Name = "device", IsRequired = true, ShortDescription = "block device" },
            new() { Name = "directory", IsRequired = true, Default = "/srv" },
            new() { Name = "tries", Kind = AgentParameterKind.Integer },
            new() { Name = "fast", Kind = AgentParameterKind.Boolean },
            new() { Name = "mode", Kind = AgentParameterKind.Choice, Choices = ["ro", "rw"] },
            new() { Name = "old", IsDeprecated = true, ShortDescription = "use mode" },
        ],
        Actions =
        [
            new("start", TimeSpan.FromSeconds(60), null, 0, null),
            new("stop", null, null, 0, null),
            new("monitor", TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10), 0, null),
            new("monitor", TimeSpan.FromSeconds(40), null, 10, null),
        ],
    };

    [Fact]
    public void FittingParameters_HaveNoFinding() => Assert.Empty(Check(
        ("device", "/dev/sda1"), ("tries", "-3"), ("fast", "Yes"), ("mode", "rw"), ("trace_ra", "1")));

    [Fact]
    public void RequiredParameterWithoutDefault_MustBeSet()
    {
        var finding = Assert.Single(Check());

        Assert.Equal(
            new ParameterFinding(FindingSeverity.Error, "device", "is required and not set", "set it: block device"),
            finding);
    }

    [Theory]
    [InlineData("Device", "did you mean device?")]
    [InlineData("devcie", "did you mean device?")]
    [InlineData("size", "remove it, or write one of device, directory, tries, fast, mode, old")]
    [InlineData("CRM_meta_timeout", "the cluster sets the CRM_meta_ ones itself")]
    [InlineData("a=b", "remove it")]
    public void UnknownParameter_IsAnErrorWithAdvice(string name, string advice)
    {
        var finding = Check(("device", "/dev/sda1"), (name, "1"))[0];

        Assert.Equal((FindingSeverity.Error, name), (finding.Severity, finding.Parameter));
        Assert.Contains(advice, finding.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tries", "many", "write a whole number")]
    [InlineData("fast", "perhaps", "write true or false")]
    [InlineData("mode", "rx", "write one of ro, rw")]
    [InlineData("old", "x", "see: use mode")]
    public void OddValue_IsAWarning(string name, string value, string advice)
    {
        var finding = Assert.Single(Check(("device", "/dev/sda1"), (name, value)));

        Assert.Equal((FindingSeverity.Warning, name, advice), (finding.Severity, finding.Parameter, finding.Advice));
    }

    [Fact]
    public void ValueWithANul_IsAnError() =>
        Assert.Equal(FindingSeverity.Error, Assert.Single(Check(("device", "a\0b"))).Severity);

    [Fact]
    public void TimeoutsBelowTheAdvice_AreWarnings()
    {
        var resource = new ResourceDefinition
        {
            Id = "fs", Class = "ocf", Provider = "heartbeat", Type = "mount",
            StartTimeout = TimeSpan.FromSeconds(30), StopTimeout = TimeSpan.FromSeconds(1),
            Monitors =
            [
                new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)),
                new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5), 10),
            ],
        };

        Assert.Equal(
            [
                "the timeout of start is 30 s, the agent advises 60 s at least; set it to 60 s or more",
                "the timeout of monitor is 5 s, the agent advises 40 s at least; set it to 40 s or more",
            ],
            AgentParameterCheck.CheckTimes(Agent, resource).Select(static finding => finding.ToString()));
    }

    private static ImmutableArray<ParameterFinding> Check(params (string Name, string Value)[] parameters) =>
        AgentParameterCheck.Check(Agent, parameters.ToImmutableSortedDictionary(
            static p => p.Name, static p => p.Value, StringComparer.Ordinal));
}
