using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Ha.Agent.Health;

/// <summary>One record of an answer.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Data">Its data, as it came.</param>
internal sealed record DnsRecord(ushort Type, byte[] Data);

/// <summary>An answer of a DNS server.</summary>
/// <param name="Code">Response code; 0: no error.</param>
/// <param name="IsCut">Whether it did not fit the datagram.</param>
/// <param name="Records">The answer section.</param>
internal sealed record DnsAnswer(int Code, bool IsCut, ImmutableArray<DnsRecord> Records);

/// <summary>Questions and answers of DNS (RFC 1035), read strictly: what is not an answer to the question is no
/// answer.</summary>
internal static class DnsMessage
{
    private const int HeaderLength = 12;
    private const int MostRecords = 64;
    private const int MostLabels = 128;
    private const ushort Internet = 1;
    private const ushort RecursionDesired = 0x0100;
    private const ushort IsResponse = 0x8000;
    private const ushort Operation = 0x7800;
    private const ushort Truncated = 0x0200;

    /// <summary>The number of a type.</summary>
    public static ushort TypeOf(string record) => record switch
    {
        "a" => 1,
        "ns" => 2,
        "cname" => 5,
        "soa" => 6,
        "ptr" => 12,
        "mx" => 15,
        "txt" => 16,
        "aaaa" => 28,
        "srv" => 33,
        _ => throw new ArgumentOutOfRangeException(nameof(record), record, "not a type of the configuration"),
    };

    /// <summary>A response code in words.</summary>
    public static string CodeText(int code) => code switch
    {
        1 => "that it cannot read the question (FORMERR)",
        2 => "that it failed (SERVFAIL)",
        3 => "that there is no such name (NXDOMAIN)",
        5 => "that it refuses (REFUSED)",
        _ => $"with error {code}",
    };

    /// <summary>Writes a question.</summary>
    public static byte[] Question(ushort id, string name, ushort type)
    {
        var labels = name.TrimEnd('.').Split('.');
        var message = new byte[HeaderLength + labels.Sum(label => label.Length + 1) + 1 + 4];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), 1);
        var at = HeaderLength;
        foreach (var label in labels)
        {
            message[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, message.AsSpan(at));
        }

        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 1), type);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 3), Internet);
        return message;
    }

    /// <summary>Reads an answer to a question; null when it is none.</summary>
    public static DnsAnswer? Read(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        if (message.Length < question.Length || !message[..2].SequenceEqual(question[..2])) return null;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((flags & IsResponse) == 0 || (flags & Operation) != 0) return null;
        var code = flags & 0x000F;
        // Servers that cannot or will not answer need not repeat the question.
        var repeated = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        if (repeated == 0 && code != 0) return new DnsAnswer(code, false, []);
        if (repeated != 1 || !Ascii.EqualsIgnoreCase(message[HeaderLength..question.Length], question[HeaderLength..]))
            return null;
        var count = Math.Min((int)BinaryPrimitives.ReadUInt16BigEndian(message[6..]), MostRecords);
        var records = ImmutableArray.CreateBuilder<DnsRecord>();
        var at = question.Length;
        for (var i = 0; i < count; i++)
        {
            if (ReadRecord(message, ref at) is not { } record)
                return (flags & Truncated) != 0 ? new DnsAnswer(code, true, records.ToImmutable()) : null;
            records.Add(record);
        }

        return new DnsAnswer(code, (flags & Truncated) != 0, records.ToImmutable());
    }

    private static DnsRecord? ReadRecord(ReadOnlySpan<byte> message, ref int at)
    {
        if (!SkipName(message, ref at) || at + 10 > message.Length) return null;
        var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        at += 10;
        if (at + length > message.Length) return null;
        var record = new DnsRecord(type, message.Slice(at, length).ToArray());
        at += length;
        return record;
    }

    // A pointer ends a name: where it leads is of no interest, so it can lead into no circle.
    private static bool SkipName(ReadOnlySpan<byte> message, ref int at)
    {
        for (var labels = 0; labels < MostLabels && at < message.Length; labels++)
        {
            var length = message[at];
            if (length == 0)
            {
                at++;
                return true;
            }

            if ((length & 0xC0) == 0xC0)
            {
                at += 2;
                return at <= message.Length;
            }

            if ((length & 0xC0) != 0) return false;
            at += length + 1;
        }

        return false;
    }
}
