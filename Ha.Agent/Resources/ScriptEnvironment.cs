using System.Collections.Immutable;
using Ha.Agent.Commands;
using Ha.Core.Configuration;

namespace Ha.Agent.Resources;

/// <summary>Where resource scripts are and what environment they get (CONFIG.md sections 3.2 and 4).</summary>
/// <param name="ConfigurationDirectory">The directory of ha.cf, usually <c>/etc/ha.d</c>.</param>
/// <param name="Variables">NAME=value entries; the whole environment of a script.</param>
internal sealed record ScriptEnvironment(string ConfigurationDirectory, ImmutableArray<string> Variables)
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Directories that are searched for a script, in order.</summary>
    public ImmutableArray<string> ScriptDirectories { get; init; } =
        [Path.Combine(ConfigurationDirectory, "resource.d"), "/etc/init.d"];

    /// <summary>Directory of init scripts.</summary>
    public string InitDirectory { get; init; } = "/etc/init.d";

    /// <summary>Below it are the OCF agents: <c>resource.d/PROVIDER/TYPE</c>.</summary>
    public string OcfRoot { get; init; } = "/usr/lib/ocf";

    /// <summary>
    /// Where OCF agents keep small files while the machine is up (<c>HA_RSCTMP</c>); null: where they do by themselves.
    /// </summary>
    public string? ResourceTemporaryDirectory { get; init; }

    /// <summary>Program that speaks to systemd.</summary>
    public string Systemctl { get; init; } = "/usr/bin/systemctl";

    /// <summary>Where systemd takes settings of units from that hold until the next boot.</summary>
    public string UnitDirectory { get; init; } = "/run/systemd/system";

    /// <summary>Name of this node.</summary>
    public string Node { get; init; } = "";

    /// <summary>
    /// What OCF agents get besides their parameters. Where no log is configured they write to standard error, so that
    /// their words are in the result of the operation.
    /// </summary>
    public IEnumerable<string> OcfVariables
    {
        get
        {
            foreach (var variable in Variables)
            {
                if (variable is "HA_LOGFILE=/dev/null" or "HA_LOGFACILITY=none" || IsOcfRoot(variable)) continue;
                yield return variable;
            }

            yield return $"OCF_ROOT={OcfRoot}";
            if (ResourceTemporaryDirectory is not null) yield return $"HA_RSCTMP={ResourceTemporaryDirectory}";
        }
    }

    private static bool IsOcfRoot(string variable) => variable.StartsWith("OCF_ROOT=", StringComparison.Ordinal);

    /// <summary>The environment of the programs of one agent.</summary>
    /// <param name="paths">
    /// Where it lives: with a runtime directory of its own, its resources' small files are there too, so that many
    /// nodes can run on one machine.
    /// </param>
    /// <param name="node">Name of this node.</param>
    /// <param name="configuration">ha.cf.</param>
    public static ScriptEnvironment Create(AgentPaths paths, string node, HaCf configuration) =>
        Create(paths.ConfigDirectory, node, configuration) with
        {
            ResourceTemporaryDirectory = paths.RuntimeDirectory == AgentPaths.DefaultRuntimeDirectory
                ? null
                : Path.Combine(paths.RuntimeDirectory, "resource-agents"),
        };

    /// <summary>The environment that Heartbeat gives its scripts, as far as it means something here.</summary>
    /// <param name="directory">The directory of ha.cf.</param>
    /// <param name="node">Name of this node.</param>
    /// <param name="configuration">ha.cf.</param>
    public static ScriptEnvironment Create(string directory, string node, HaCf configuration) => new(directory,
    [
        $"PATH={SearchPath}",
        "LANG=C",
        "LC_ALL=C",
        "HOME=/root",
        "OCF_ROOT=/usr/lib/ocf",
        $"HA_CURHOST={node}",
        $"HA_DIR={directory}",
        $"HA_FUNCS={Path.Combine(directory, "shellfuncs")}",
        $"HA_RCDIR={Path.Combine(directory, "rc.d")}",
        $"HA_RESOURCEDIR={Path.Combine(directory, "resource.d")}",
        "HA_DATEFMT=%Y/%m/%d_%T ",
        $"HA_LOGFILE={configuration.LogFile ?? "/dev/null"}",
        $"HA_DEBUGLOG={configuration.DebugFile ?? "/dev/null"}",
        $"HA_LOGFACILITY={configuration.LogFacility ?? "none"}",
        "HA_LOGD=no",
        "HA_debug=0",
        $"HA_NICEFAILBACK={(configuration.AutoFailback == AutoFailback.Legacy ? "no" : "yes")}",
    ]) { Node = node };
}
