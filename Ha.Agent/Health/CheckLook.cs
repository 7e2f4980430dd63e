using System.Diagnostics;
using Ha.Agent.Resources;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>What a look found.</summary>
/// <param name="IsGood">Whether it is well.</param>
/// <param name="Text">The evidence, for people; the same text as long as the same is found.</param>
internal readonly record struct CheckFinding(bool IsGood, string Text)
{
    /// <summary>It is well.</summary>
    public static CheckFinding Good(string text) => new(true, text);

    /// <summary>It is not.</summary>
    public static CheckFinding Bad(string text) => new(false, text);
}

/// <summary>One look of a check, with the time that it may take.</summary>
/// <param name="Check">What to look at.</param>
/// <param name="Started">Called with each program that it runs, so that it can be killed from elsewhere.</param>
internal sealed record CheckLook(CheckDefinition Check, Action<ChildProcess> Started)
{
    private readonly long began = Stopwatch.GetTimestamp();

    /// <summary>How much of the time is left; zero when none.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = Check.Timeout - Stopwatch.GetElapsedTime(began);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>What is said when the time is over.</summary>
    public string Late => $"no answer within {DurationText.Show(Check.Timeout)}";

    /// <summary>Parameters of the check.</summary>
    public string Parameter(string name, string preset = "") => Check.Parameters.GetValueOrDefault(name, preset);
}

/// <summary>A kind of check.</summary>
internal interface ICheckKind
{
    /// <summary>
    /// Looks once, on a thread that may wait. What the network or the files refuse may be thrown as
    /// <see cref="System.Net.Sockets.SocketException"/>, <see cref="IOException"/>,
    /// <see cref="UnauthorizedAccessException"/> or <see cref="TimeoutException"/>: it is what was found.
    /// </summary>
    CheckFinding Look(CheckLook look);
}
