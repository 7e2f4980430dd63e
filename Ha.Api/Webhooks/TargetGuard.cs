using System.Net;
using System.Net.Sockets;

namespace Ha.Api.Webhooks;

/// <summary>
/// Where webhooks may not go: a client of the API must not reach, through this node, what only the node can reach. The
/// address is checked where the connection is made, so a name cannot change its meaning in between.
/// </summary>
internal sealed class TargetGuard(WebhookOptions options)
{
    private const int MaxUrl = 2048;

    private static readonly ImmutableArray<IPNetwork> Never =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.100.100.200/32"),
        IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"), IPNetwork.Parse("::/128"),
        IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"), IPNetwork.Parse("fd00:ec2::254/128"),
        IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("2002::/16"),
    ];

    private static readonly ImmutableArray<IPNetwork> Private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>
    /// What is wrong with the URL of a webhook; null when nothing that can be seen without asking DNS.
    /// </summary>
    public string? Check(string url)
    {
        if (url.Length > MaxUrl || !Uri.TryCreate(url, UriKind.Absolute, out var target)
            || target.Scheme is not ("http" or "https") || target.Host.Length == 0)
            return $"An absolute http or https address of at most {MaxUrl} characters.";
        if (target.UserInfo.Length > 0 || target.Fragment.Length > 0)
            return "An address without user name and without fragment.";
        return IPAddress.TryParse(target.DnsSafeHost, out var address) ? WhyRefused(address)
            : target.IsLoopback ? WhyRefused(IPAddress.Loopback) : null;
    }

    /// <summary>Connects to the first allowed address of a name.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = await Dns.GetHostAddressesAsync(host, cancel);
        var allowed = addresses.Where(address => WhyRefused(address) is null).ToArray();
        if (allowed.Length == 0)
            throw new HttpRequestException(addresses.Length == 0
                ? $"{host} has no address." : $"{host} leads to {addresses[0]}: {WhyRefused(addresses[0])}");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal string? WhyRefused(IPAddress given)
    {
        var address = given.IsIPv4MappedToIPv6 ? given.MapToIPv4() : given;
        if (Never.Any(network => network.Contains(address)))
            return "link-local, metadata, multicast and translated addresses are never sent to.";
        if (IPAddress.IsLoopback(address) && !options.AllowLoopback)
            return "this machine is sent to only with the setting Webhooks:AllowLoopback.";
        return Private.Any(network => network.Contains(address)) && !options.AllowPrivateNetworks
            ? "private networks are sent to only with the setting Webhooks:AllowPrivateNetworks." : null;
    }
}
