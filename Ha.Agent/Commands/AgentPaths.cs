namespace Ha.Agent.Commands;

/// <summary>Where one agent lives; all of it can be set, so that many nodes can run on one machine.</summary>
/// <param name="ConfigDirectory">ha.cf, authkeys, haresources, resource.d.</param>
/// <param name="StateDirectory">What survives a restart: generation, uuid, journal.</param>
/// <param name="RuntimeDirectory">What does not: control socket, lock.</param>
/// <param name="Node">Name of this node; null: the host's.</param>
internal sealed record AgentPaths(string ConfigDirectory, string StateDirectory, string RuntimeDirectory, string? Node)
{
    public const string DefaultConfigDirectory = "/etc/ha.d";
    public const string DefaultStateDirectory = "/var/lib/ha-appliance";
    public const string DefaultRuntimeDirectory = "/run/ha-appliance";

    /// <summary>The paths of a machine with one agent.</summary>
    public static readonly AgentPaths Default =
        new(DefaultConfigDirectory, DefaultStateDirectory, DefaultRuntimeDirectory, Node: null);
}
