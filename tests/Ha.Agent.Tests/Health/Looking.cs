using System.Collections.Immutable;
using Ha.Agent.Health;
using Ha.Core.Health;

namespace Ha.Agent.Tests.Health;

/// <summary>Short ways to look once.</summary>
internal static class Looking
{
    /// <summary>Longer than anything takes on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>For looks whose time shall be over.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    public static CheckLook At(CheckKind kind, TimeSpan timeout, params (string Name, string Value)[] parameters) =>
        new(Check(kind, timeout, parameters), static _ => { });

    public static CheckLook At(CheckKind kind, params (string Name, string Value)[] parameters) =>
        At(kind, Patience, parameters);

    public static CheckDefinition Check(
        CheckKind kind, TimeSpan timeout, params (string Name, string Value)[] parameters) => new()
        {
            Id = "tested",
            Kind = kind,
            Timeout = timeout,
            Parameters = parameters.ToImmutableSortedDictionary(
                static one => one.Name, static one => one.Value, StringComparer.Ordinal),
        };

    public static void Good(string text, CheckFinding found) => Assert.Equal((true, text), (found.IsGood, found.Text));

    public static void Bad(string part, CheckFinding found)
    {
        Assert.False(found.IsGood, found.Text);
        Assert.Contains(part, found.Text, StringComparison.Ordinal);
    }

    /// <summary>Looks as the agent does: what is thrown is what was found.</summary>
    public static CheckFinding Once(ICheckKind kind, CheckLook look)
    {
        using var end = new ManualResetEventSlim();
        var found = default(CheckFinding);
        using var checks = new HealthChecks(_ => kind, completed =>
        {
            found = new CheckFinding(completed.IsGood, completed.Output);
            end.Set();
        });
        checks.Run(new Ha.Core.Engine.RunCheck { Number = 1, Check = look.Check });
        Assert.True(end.Wait(Patience + Patience), "the look does not end");
        return found;
    }
}
