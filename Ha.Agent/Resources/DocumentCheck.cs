using System.Collections.Immutable;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;

namespace Ha.Agent.Resources;

/// <summary>
/// What this node can say about a cluster configuration that is to take the place of the present one: resources that
/// are new or changed are held against what their agents say about themselves. What is not installed here may be
/// elsewhere, so that is a warning.
/// </summary>
/// <param name="facts">The cluster it is for.</param>
/// <param name="check">Looks at one resource.</param>
/// <param name="present">The configuration that holds; null: none, so every resource is new.</param>
internal sealed class DocumentCheck(ClusterFacts facts, ResourceCheck check, Func<ConfigurationDocument?> present)
{
    /// <summary>Nobody waits longer for agents that do not answer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Finds what is wrong, within a few seconds.</summary>
    public async Task<ImmutableArray<DocumentFinding>> FindAsync(ReadOnlyMemory<byte> text)
    {
        var looking = Task.Run(() => Find(text));
        // What goes on then ends by itself: each agent has a limit, and what it has said is known the next time.
        if (await Task.WhenAny(looking, Task.Delay(Limit)) == looking) return await looking;
        return
        [
            new(FindingSeverity.Warning, "", "not all parameters were held against the agents' own meta-data: the "
                + $"agents did not answer within {Limit.TotalSeconds} s", "ask them: ha-agent config check FILE"),
        ];
    }

    /// <summary>Finds what is wrong, however long it takes. Nothing for what is no configuration: its reader tells.
    /// </summary>
    public ImmutableArray<DocumentFinding> Find(ReadOnlyMemory<byte> text)
    {
        if (ConfigurationReader.Read(text, facts) is not { Document: { } document, Active: { } active }) return [];
        var before = present() is { } known ? DocumentCompiler.Compile(known, facts.Nodes) : null;
        var findings = ImmutableArray.CreateBuilder<DocumentFinding>();
        for (var i = 0; i < document.Resources.Length; i++)
        {
            if (active.Find(document.Resources[i].Id) is not { } resource
                || before?.Find(resource.Id)?.Digest == resource.Digest) continue;
            foreach (var (severity, parameter, problem, advice) in check.Check(resource))
            {
                // About the resource as a whole: it is not installed.
                findings.Add(new(parameter.Length == 0 ? FindingSeverity.Warning : severity,
                    parameter.Length == 0 ? $"/resources/{i}" : $"/resources/{i}/parameters/{parameter}",
                    $"{resource.Id}: {problem}", advice));
            }
        }

        return findings.ToImmutable();
    }
}
