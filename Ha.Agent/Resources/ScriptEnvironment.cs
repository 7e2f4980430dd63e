using System.Collections.Immutable;
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
    ]);
}
