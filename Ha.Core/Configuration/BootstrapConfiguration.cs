using Ha.Core.ClusterConfiguration;
using Ha.Core.Engine;
using Ha.Core.Heartbeat;
using Ha.Core.Resources;

namespace Ha.Core.Configuration;

/// <summary>A configuration file as the driver found it.</summary>
/// <param name="Path">Path, for findings.</param>
/// <param name="Text">Content decoded as Latin-1, one character per byte; null when it could not be read.</param>
/// <param name="UnixMode">Permission bits; 0 when it could not be read.</param>
/// <param name="Failure">Why it could not be read, without a final stop; empty when it was.</param>
public sealed record ConfigurationFile(string Path, string? Text, int UnixMode, string Failure);

/// <summary>What a node must know before its first packet: ha.cf, authkeys and haresources, free of errors.</summary>
public sealed record BootstrapConfiguration
{
    /// <summary>ha.cf.</summary>
    public required HaCf HaCf { get; init; }

    /// <summary>authkeys.</summary>
    public required AuthenticationKeys Keys { get; init; }

    /// <summary>Groups of haresources, in the order of the file.</summary>
    public required ImmutableArray<ResourceGroup> Groups { get; init; }

    /// <summary>Warnings, by file and line.</summary>
    public required ImmutableArray<ConfigurationFinding> Findings { get; init; }

    /// <summary>Reads all three files and reports all their mistakes at once. Never throws.</summary>
    /// <param name="haCf">ha.cf.</param>
    /// <param name="authKeys">authkeys.</param>
    /// <param name="haResources">haresources.</param>
    /// <param name="localNode">Name of this node.</param>
    /// <param name="host">Facts of this host.</param>
    /// <param name="findings">
    /// Every finding, in the order of the files as above and of their lines; those of a whole file first.
    /// </param>
    /// <returns>The configuration; null when there is an error.</returns>
    public static BootstrapConfiguration? Parse(
        ConfigurationFile haCf, ConfigurationFile authKeys, ConfigurationFile haResources,
        string localNode, HostFacts host, out ImmutableArray<ConfigurationFinding> findings)
    {
        var ofHaCf = new List<ConfigurationFinding>();
        var ofAuthKeys = new List<ConfigurationFinding>();
        var ofHaResources = new List<ConfigurationFinding>();
        ImmutableArray<string> nodes = [];
        var cf = IsRead(haCf, "it must list the nodes and the media between them", ofHaCf)
            ? HaCfParser.Parse(haCf.Path, haCf.Text!, localNode, host, ofHaCf, out nodes) : null;
        var keys = IsRead(authKeys, "it must hold the key that the nodes share, with mode 0600", ofAuthKeys)
            ? AuthKeysParser.Parse(authKeys.Path, authKeys.Text!, authKeys.UnixMode, ofAuthKeys) : null;
        const string groupsPurpose = "it must hold one line for each resource group, and may be empty";
        ImmutableArray<ResourceGroup> groups = IsRead(haResources, groupsPurpose, ofHaResources)
            ? HaResourcesParser.Parse(haResources.Path, haResources.Text!, nodes, host, ofHaResources) : [];

        findings = [.. InOrder(ofHaCf), .. InOrder(ofAuthKeys), .. InOrder(ofHaResources)];
        if (cf is null || keys is null || findings.Any(f => f.Severity == FindingSeverity.Error)) return null;
        return new BootstrapConfiguration { HaCf = cf, Keys = keys, Groups = groups, Findings = findings };
    }

    /// <summary>What the engine of one life of this node is created from.</summary>
    /// <param name="localNode">Name of this node; one of the nodes of ha.cf.</param>
    /// <param name="uuid">UUID of this node.</param>
    /// <param name="generation">Generation of this life.</param>
    /// <param name="seed">Seed of the delays that must differ between nodes.</param>
    public EngineOptions ToEngineOptions(string localNode, Guid uuid, uint generation, ulong seed) => new()
    {
        LocalNode = localNode.ToLowerInvariant(),
        Uuid = uuid,
        Generation = generation,
        Seed = seed,
        Nodes = HaCf.Nodes,
        Media = [.. HaCf.Media.Select(m => m.ToString())],
        Keys = Keys,
        Configuration = HaresourcesImport.Configure(Groups, HaCf.Nodes, HaCf.AutoFailback),
        Keepalive = HaCf.Keepalive,
        Deadtime = HaCf.Deadtime,
        HasWatchdog = false,
        Warntime = HaCf.Warntime,
        Initdead = HaCf.Initdead,
        InnerAuth = HaCf.InnerAuth,
        HopFudge = HaCf.HopFudge,
        MaxRetransmitDelay = HaCf.MaxRetransmitDelay,
        ClusterName = HaCf.ClusterName,
        Warnings = [.. Findings.Select(f => f.ToString())],
    };

    private static bool IsRead(ConfigurationFile file, string purpose, List<ConfigurationFinding> findings)
    {
        if (file.Text is not null) return true;
        findings.Add(new(FindingSeverity.Error, file.Path, 0, "", $"the file cannot be read: {file.Failure}",
            $"create it or make it readable; {purpose}"));
        return false;
    }

    // OrderBy is stable: findings of one line stay in the order in which they were made.
    private static IEnumerable<ConfigurationFinding> InOrder(List<ConfigurationFinding> findings) =>
        findings.OrderBy(f => f.Line);
}
