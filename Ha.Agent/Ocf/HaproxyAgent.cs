using System.Collections.Immutable;
using System.Globalization;
using Ha.Agent.Haproxy;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Ocf;

/// <summary>
/// <c>ocf:haappliance:haproxy</c>: HAProxy as this product controls it. Each call is a process of its own, so nobody
/// hears its end at once: the cluster manager's monitor finds it.
/// </summary>
internal static class HaproxyAgent
{
    /// <summary>What the agent says about itself; valid by Debian's ra-api-1.dtd.</summary>
    public const string MetaData = """
        <?xml version="1.0"?>
        <!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
        <resource-agent name="haproxy" version="1.0">
        <version>1.1</version>
        <longdesc lang="en">
        HAProxy in master-worker mode. Its configuration is checked before each start and reload; it is monitored by its
        processes, by its runtime socket and by a request through it; a reload cuts no connection.
        </longdesc>
        <shortdesc lang="en">HAProxy, controlled by HaAppliance</shortdesc>
        <parameters>
        <parameter name="config" unique="1" required="0">
        <longdesc lang="en">Its main configuration file.</longdesc>
        <shortdesc lang="en">Configuration file</shortdesc>
        <content type="string" default="/etc/haproxy/haproxy.cfg"/>
        </parameter>
        <parameter name="binary" unique="0" required="0">
        <longdesc lang="en">The program.</longdesc>
        <shortdesc lang="en">Program</shortdesc>
        <content type="string" default="/usr/sbin/haproxy"/>
        </parameter>
        <parameter name="socket" unique="1" required="0">
        <longdesc lang="en">
        Where the socket of its master is made; below /run/ha-appliance/ocf, named after the resource, when not set.
        </longdesc>
        <shortdesc lang="en">Master socket</shortdesc>
        <content type="string"/>
        </parameter>
        <parameter name="check_url" unique="0" required="0">
        <longdesc lang="en">
        What monitor asks for through it, for example http://127.0.0.1:80/health; 2xx and 3xx are good answers.
        </longdesc>
        <shortdesc lang="en">URL asked for through it</shortdesc>
        <content type="string"/>
        </parameter>
        <parameter name="check_timeout" unique="0" required="0">
        <longdesc lang="en">How long each answer may take, in milliseconds.</longdesc>
        <shortdesc lang="en">Longest time for an answer</shortdesc>
        <content type="integer" default="1000"/>
        </parameter>
        <parameter name="stop_grace" unique="0" required="0">
        <longdesc lang="en">How long sessions may go on at a stop, in seconds; 0 cuts them.</longdesc>
        <shortdesc lang="en">Time for sessions to end</shortdesc>
        <content type="integer" default="0"/>
        </parameter>
        </parameters>
        <actions>
        <action name="start" timeout="60s"/>
        <action name="stop" timeout="60s"/>
        <action name="reload" timeout="60s"/>
        <action name="monitor" depth="0" timeout="20s" interval="10s"/>
        <action name="validate-all" timeout="20s"/>
        <action name="meta-data" timeout="5s"/>
        </actions>
        </resource-agent>
        """;

    private const string SocketDirectory = "/run/ha-appliance/ocf";

    private static readonly ImmutableArray<string> Parameters =
        ["config", "binary", "socket", "check_url", "check_timeout", "stop_grace"];

    private static readonly ImmutableArray<string> Environment =
        ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C"];

    /// <summary>Carries out an action.</summary>
    /// <param name="variable">Value of an environment variable by name; empty when it is not set.</param>
    /// <param name="action">start, stop, monitor, reload or validate-all.</param>
    public static OperationResult Run(Func<string, string> variable, string action)
    {
        var name = variable("OCF_RESOURCE_INSTANCE");
        var definition = new ResourceDefinition
        {
            Id = name.Length > 0 ? name : "haproxy", Class = "builtin", Type = "haproxy",
            Parameters = Parameters.Select(one => KeyValuePair.Create(one, variable("OCF_RESKEY_" + one)))
                .Where(static pair => pair.Value.Length > 0).ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
        if (HaproxySettings.Read(definition, SocketDirectory, out var problem) is not { } settings)
            return new(OperationOutcome.NotConfigured, problem);
        var limit = TimeSpan.FromSeconds(60);
        if (int.TryParse(variable("OCF_RESKEY_CRM_meta_timeout"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var milliseconds) && milliseconds > 0) limit = TimeSpan.FromMilliseconds(milliseconds);
        var call = new AgentCall(definition, OperationKind.Monitor, limit, 0, static _ => { });
        var control = new HaproxyControl(settings, new ProgramRun(null, null), Environment);
        return action switch
        {
            "start" => control.Start(call, null).Result,
            "stop" => control.Stop(limit),
            "monitor" => control.Look(settings.CheckTimeout, through: true).Result,
            "reload" => control.Reload(call, out _).Result,
            _ => Validated(control.Check(call)),
        };
    }

    private static OperationResult Validated(ConfigurationCheck check) => check.Problem switch
    {
        null => OperationResult.Succeeded(),
        { Outcome: OperationOutcome.Failed } broken => broken with { Outcome = OperationOutcome.NotConfigured },
        { } other => other,
    };
}
