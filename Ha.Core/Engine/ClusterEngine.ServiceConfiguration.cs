using Ha.Core.Contracts;

namespace Ha.Core.Engine;

/// <summary>
/// Services that read files of their own (HAProxy): whether those are well on this node, which every report tells.
/// </summary>
public sealed partial class ClusterEngine
{
    private const int LongestProblem = 512;

    private ImmutableArray<ServiceConfiguration> serviceConfigurations = [];

    private void NoteServiceConfiguration(ServiceConfigurationSeen seen)
    {
        var problem = seen.Problem.Length > LongestProblem ? seen.Problem[..LongestProblem] : seen.Problem;
        var found = new ServiceConfiguration(seen.Resource, seen.Hash, problem);
        var before = serviceConfigurations.FirstOrDefault(one => one.Resource == seen.Resource);
        // What is no longer configured is nobody's business.
        if (local.Find(seen.Resource) is null || before == found) return;
        serviceConfigurations = [.. serviceConfigurations.Where(one => one.Resource != seen.Resource).Append(found)
            .OrderBy(one => one.Resource, StringComparer.Ordinal)];
        reportDue = true;
        SnapshotVersion++;
        if (problem.Length > 0 && before?.Problem != problem)
        {
            Emit(EventKind.ServiceConfigurationBroken, EventSeverity.Error, seen.Resource,
                $"the configuration of {seen.Resource} on {options.LocalNode} does not pass its check: {problem}");
        }
        else if (problem.Length == 0 && before is { Problem.Length: > 0 })
        {
            Emit(EventKind.ServiceConfigurationRepaired, EventSeverity.Info, seen.Resource,
                $"the configuration of {seen.Resource} on {options.LocalNode} passes its check again");
        }
    }
}
