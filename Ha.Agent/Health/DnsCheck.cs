using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>Whether a DNS server answers a question: over UDP, asked up to three times in one look.</summary>
internal sealed class DnsCheck : ICheckKind
{
    private const int Requests = 3;
    private const int LongestAnswer = 4096;

    /// <inheritdoc/>
    public CheckFinding Look(CheckLook look)
    {
        var server = IPAddress.Parse(look.Parameter(CheckParameters.Server));
        var port = int.Parse(look.Parameter(CheckParameters.Port, "53"), CultureInfo.InvariantCulture);
        var type = DnsMessage.TypeOf(look.Parameter(CheckParameters.Record, "a"));
        var question = DnsMessage.Question(
            (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), look.Parameter(CheckParameters.Name), type);
        using var socket = CheckSocket.Open(look, server, SocketType.Dgram, ProtocolType.Udp);
        // Connected, only this server's answers come in, and a port that nobody listens on is heard of.
        socket.Connect(new IPEndPoint(server, port));
        var buffer = new byte[LongestAnswer];
        for (var sent = 0; sent < Requests; sent++)
        {
            socket.Send(question);
            var until = look.Left - (look.Check.Timeout / Requests);
            while (socket.Arrives(look.Left - (until > TimeSpan.Zero ? until : TimeSpan.Zero)))
            {
                var length = socket.Receive(buffer);
                if (DnsMessage.Read(buffer.AsSpan(0, length), question) is { } answer) return Judge(look, answer, type);
            }
        }

        return CheckFinding.Bad(look.Late);
    }

    private static CheckFinding Judge(CheckLook look, DnsAnswer answer, ushort type)
    {
        var name = look.Parameter(CheckParameters.Name);
        if (answer.Code != 0)
            return CheckFinding.Bad($"{name}: the server answers {DnsMessage.CodeText(answer.Code)}");
        var found = answer.Records.Where(one => one.Type == type).ToList();
        var record = look.Parameter(CheckParameters.Record, "a").ToUpperInvariant();
        if (found.Count == 0)
            return CheckFinding.Bad(
                $"{name} has no record of type {record}{(answer.IsCut ? ", the answer is cut" : "")}");
        if (look.Parameter(CheckParameters.Answer) is not { Length: > 0 } wanted)
            return CheckFinding.Good($"{name} has {record} records");
        return found.Exists(one => one.Data.AsSpan().SequenceEqual(IPAddress.Parse(wanted).GetAddressBytes()))
            ? CheckFinding.Good($"{name} is {wanted}")
            : CheckFinding.Bad($"{name} is {string.Join(", ", found.Take(4).Select(Show))}, not {wanted}");
    }

    private static string Show(DnsRecord record) => record.Data.Length is 4 or 16
        ? new IPAddress(record.Data).ToString() : "no address";
}
