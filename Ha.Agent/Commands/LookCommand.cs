using System.Collections.Immutable;
using System.Net.Sockets;
using Ha.Agent.Health;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Health;

namespace Ha.Agent.Commands;

/// <summary>
/// The verb <c>look</c>: one look at a URL in a process of its own, which may take as much memory as TLS needs, and
/// which ends with whatever a hostile server has done to it.
/// </summary>
internal static class LookCommand
{
    /// <summary>Looks; prints what it found.</summary>
    /// <returns>Exit code: done when it is well.</returns>
    public static int Run(IReadOnlyList<string> settings, TimeSpan within, TextWriter output, TextWriter errors)
    {
        var parameters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) parameters[setting[..equals]] = setting[(equals + 1)..];
        }

        var problems = CheckedParameters.Problems(CheckKind.Http, parameters.ToImmutable());
        foreach (var problem in problems) errors.WriteLine($"ha-agent: {problem}");
        if (!problems.IsEmpty) return ExitCode.Usage;
        var check = new CheckDefinition
        {
            Id = "look", Kind = CheckKind.Http, Parameters = parameters.ToImmutable(), Timeout = within,
        };
        var finding = Look(new CheckLook(check, static _ => { }));
        output.WriteLine(finding.Text);
        return finding.IsGood ? ExitCode.Done : ExitCode.Failed;
    }

    private static CheckFinding Look(CheckLook look)
    {
        try
        {
            return new TlsLook(look, DateTimeOffset.UtcNow).Look();
        }
        catch (TimeoutException)
        {
            return CheckFinding.Bad(look.Late);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            return CheckFinding.Bad(e.Message);
        }
    }
}
