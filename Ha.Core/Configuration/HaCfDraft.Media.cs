using Ha.Core.Engine;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <content>Nodes and the media between them.</content>
internal sealed partial class HaCfDraft
{
    private const int MaxMedia = 64;
    private const int LongestNodeName = 63;
    private const int LongestInterfaceName = 15;
    private const int DefaultPort = 694;

    private readonly List<string> nodes = [];
    private readonly List<MediumDefinition> media = [];
    private int port = host.ClusterServicePort ?? DefaultPort;

    /// <summary>The nodes; empty when a node line is wrong.</summary>
    public ImmutableArray<string> Nodes => Failed("node") ? [] : [.. nodes];

    public void SetUdpPort(DirectiveValue value)
    {
        if (Number(value, 1, 65535, "port") is not { } number) return;
        if (media.Any(m => m is not MulticastMedium) && number != port)
        {
            findings.Warning(value.Line, value.Name, "it has no effect on the media lines above it",
                "move it above the first bcast, ucast or ucast6 line");
        }

        port = number;
    }

    public void AddNode(DirectiveValue value)
    {
        var name = value.Text.ToLowerInvariant();
        if (!IsNodeName(name))
        {
            Error(value, $"{Quote(value.Text)} cannot be a node name",
                $"write the host name (`uname -n`): letters, digits, `-`, `.` and `_`, at most {LongestNodeName}");
        }
        else if (nodes.Contains(name))
        {
            Error(value, $"{Quote(name)} is listed twice", "list every node once");
        }
        else
        {
            nodes.Add(name);
            if (nodes.Count == EngineOptions.MaxNodes + 1)
                Error(value, $"there are more than {EngineOptions.MaxNodes} nodes",
                    $"list {EngineOptions.MaxNodes} nodes at most");
        }
    }

    public void AddBroadcast(DirectiveValue value)
    {
        if (InterfaceOf(value, value.Text) is { } name) Add(value, new BroadcastMedium(name, port));
    }

    public void AddOldBroadcast(DirectiveValue value)
    {
        WarnOnce(value.Line, value.Name, "it is the old name of bcast", "write `bcast` instead");
        AddBroadcast(value);
    }

    public void AddUnicast(DirectiveValue value, bool ipv6)
    {
        var words = value.Words();
        if (words.Length != 2)
        {
            var problem = words.Length < 2 ? "the peer's address is missing" : "it names more than one peer";
            Error(value, problem, $"write `{value.Name} INTERFACE ADDRESS`, one line for each peer");
        }

        if (words.Length == 0 || InterfaceOf(value, words[0]) is not { } name || words.Length != 2) return;
        var peer = ipv6 ? PeerV6(value, name, words[1]) : PeerV4(value, words[1]);
        if (peer is not null) Add(value, new UnicastMedium(name, peer, port));
    }

    public void AddMulticast(DirectiveValue value, bool ipv6)
    {
        var words = value.Words();
        var example = ipv6 ? "mcast6 eth0 ff02::694 694 1 0" : "mcast eth0 239.0.0.42 694 1 0";
        if (words.Length != 5)
        {
            string[] parts = ["interface", "group", "port", "ttl", "loop"];
            var problem = words.Length < 5 ? $"the {parts[words.Length]} is missing" : "it has more than five values";
            Error(value, problem, $"write all five, for example `{example}`");
            if (words.Length > 0) InterfaceOf(value, words[0]);
            return;
        }

        var name = InterfaceOf(value, words[0]);
        var group = MulticastGroup(value, words[1], ipv6, example);
        var groupPort = Number(value with { Text = words[2] }, 1, 65535, "port");
        var ttl = Number(value with { Text = words[3] }, 0, 4, "ttl");
        var loop = Number(value with { Text = words[4] }, 0, 1, "loop");
        if (name is null || group is null || groupPort is null || ttl is null || loop is null) return;
        Add(value, new MulticastMedium(name, group, groupPort.Value, ttl.Value, loop == 1));
    }

    private void FinishNodes()
    {
        if (Failed("node")) return;
        if (nodes.Count == 0)
        {
            findings.Error(0, "node", "no node is listed",
                $"add `node {localNode} PEER`, with the names that `uname -n` prints");
        }
        else if (!nodes.Contains(localNode))
        {
            findings.Error(LineOf("node"), "node",
                $"this node, {Quote(localNode)}, is not listed ({string.Join(", ", nodes)} are)",
                $"add `node {Printable(localNode)}`, or correct the host name or the file nodeinfo");
        }
    }

    private void FinishMedia()
    {
        if (media.Count > 0 || Failed("bcast", "udp", "ucast", "ucast6", "mcast", "mcast6")) return;
        findings.Error(0, "ucast", "no medium is given that this node can send heartbeats over",
            "add one line for each path to the peer, for example `ucast eth0 192.168.1.203`");
    }

    private void Add(DirectiveValue value, MediumDefinition medium)
    {
        if (media.Contains(medium))
        {
            Error(value, $"the medium `{medium}` is given twice", "remove one of the two");
            return;
        }

        media.Add(medium);
        if (media.Count == MaxMedia + 1)
            Error(value, $"there are more than {MaxMedia} media", $"use {MaxMedia} at most");
    }

    private string? InterfaceOf(DirectiveValue value, string name)
    {
        if (IsInterfaceName(name) && host.InterfaceExists(name)) return name;
        Error(value, $"this host has no network interface {Quote(name)}",
            "write the name of one that exists (`ip link` lists them)");
        return null;
    }

    private string? PeerV4(DirectiveValue value, string peer)
    {
        if (IpText.TryParseV4(peer, out var address) && IsUnicast(address)) return IpText.ShowV4(address);
        if (IpText.CanonicalV6(peer) is not null)
        {
            Error(value, $"{Quote(peer)} is an IPv6 address", $"write `ucast6` instead of `ucast`");
            return null;
        }

        // What looks like an address but is none is not asked of the resolver.
        if (IsHostName(peer) && host.ResolveIPv4(peer) is { } resolved) return resolved;
        Error(value, $"{Quote(peer)} is neither an IPv4 address of a peer nor a name that resolves to one",
            "write the peer's address, for example 192.168.1.203");
        return null;
    }

    private string? PeerV6(DirectiveValue value, string interfaceName, string peer)
    {
        var (text, scope) = peer.IndexOf('%', StringComparison.Ordinal) is var at and >= 0
            ? (peer[..at], peer[(at + 1)..]) : (peer, interfaceName);
        if (scope != interfaceName)
        {
            Error(value,
                $"the address belongs to interface {Quote(scope)}, the line to {interfaceName}",
                $"write `{Printable(text)}%{interfaceName}`, or the address alone");
            return null;
        }

        if ((IpText.CanonicalV6(text) ?? (IsHostName(text) ? host.ResolveIPv6(text) : null)) is { } address
            && address != "::" && !address.StartsWith("ff", StringComparison.Ordinal)) return address;
        Error(value, $"{Quote(text)} is neither an IPv6 address of a peer nor a name that resolves to one",
            "write the peer's address, for example fd00::203");
        return null;
    }

    private string? MulticastGroup(DirectiveValue value, string group, bool ipv6, string example)
    {
        if (ipv6)
        {
            if (IpText.CanonicalV6(group) is { } canonical && canonical.StartsWith("ff", StringComparison.Ordinal)
                && canonical.IndexOf(':', StringComparison.Ordinal) == 4) return canonical;
        }
        else if (IpText.TryParseV4(group, out var address) && address >> 28 == 14)
        {
            return IpText.ShowV4(address);
        }

        Error(value, $"{Quote(group)} is not a multicast group",
            $"write an address in {(ipv6 ? "ff00::/8" : "224.0.0.0/4")}, for example `{example}`");
        return null;
    }

    private static bool IsUnicast(uint address) => address != 0 && address >> 28 < 14;

    // A last label of digits only is a mistyped address, not a name.
    private static bool IsHostName(string name) =>
        name.Length is > 0 and <= 253 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
        && char.IsAsciiLetterOrDigit(name[0]) && !name.Split('.')[^1].All(char.IsAsciiDigit);

    private static bool IsNodeName(string name) =>
        name.Length is > 0 and <= LongestNodeName && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    // What the kernel allows, so that a name from the file can never be a path.
    private static bool IsInterfaceName(string name) =>
        name.Length is > 0 and <= LongestInterfaceName && name is not ("." or "..")
        && name.All(c => c is > ' ' and < '\u007F' and not ('/' or ':'));
}
