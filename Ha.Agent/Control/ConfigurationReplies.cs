using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>What the control socket tells of the cluster configuration: answered from what this node keeps.</summary>
internal static class ConfigurationReplies
{
    /// <summary>Answers one of the configuration methods.</summary>
    public static ControlReply Of(ControlRequest request, ConfigurationHistory history)
    {
        if (history.Current is null) return Failed(request, "this node has no cluster configuration yet");
        return request.Method switch
        {
            ControlMethod.ConfigurationHistory => new ControlReply
            {
                Id = request.Id, History = [.. history.Records.Reverse().Select(View)],
            },
            ControlMethod.ConfigurationDifferences => Differences(request, history),
            ControlMethod.Configuration => Find(history, request.Version, history.Current) is { } record
                ? new ControlReply
                {
                    Id = request.Id,
                    Configuration = View(record) with { Document = ConfigurationText.Write(record.Document) },
                }
                : Unknown(request, request.Version, history),
            ControlMethod.Snapshot or ControlMethod.Events or ControlMethod.Subscribe or ControlMethod.Command
                or ControlMethod.Situation or ControlMethod.Haproxy or ControlMethod.HaproxyReload
                or ControlMethod.Results =>
                throw new System.Diagnostics.UnreachableException($"{request.Method} is about no configuration"),
        };
    }

    private static ControlReply Differences(ControlRequest request, ConfigurationHistory history)
    {
        if (Find(history, request.ToVersion, history.Current!) is not { } to)
            return Unknown(request, request.ToVersion, history);
        var before = history.Records.LastOrDefault(record => record.Version < to.Version) ?? to;
        if (Find(history, request.Version, before) is not { } from) return Unknown(request, request.Version, history);
        return new ControlReply
        {
            Id = request.Id,
            Differences = [.. ConfigurationDiff.Between(from.Document, to.Document)
                .Select(change => new ConfigurationDifference(change.Pointer, change.Old, change.New))],
        };
    }

    private static ConfigurationRecord? Find(
        ConfigurationHistory history, string? version, ConfigurationRecord otherwise)
    {
        if (version is null) return otherwise;
        return ConfigurationVersion.TryParse(version, out var wanted) ? history.Find(wanted) : null;
    }

    private static ConfigurationView View(ConfigurationRecord record) => new()
    {
        Version = record.Version.ToString(), Hash = record.Hash, Actor = record.Actor, At = record.At,
        Reason = record.Reason,
    };

    private static ControlReply Unknown(ControlRequest request, string? version, ConfigurationHistory history) =>
        Failed(request, $"version {version} is not kept on this node; the newest are "
            + string.Join(", ", history.Records.TakeLast(10).Select(record => record.Version)));

    private static ControlReply Failed(ControlRequest request, string error) => new() { Id = request.Id, Error = error };
}
