using System.Text;
using Ha.Core.Heartbeat;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>Readable views of messages, for assertions.</summary>
internal static class WireText
{
    /// <summary>What the inner signature of a message covers.</summary>
    public static string ClassicLines(HeartbeatMessage message)
    {
        var lines = new byte[2 * MessageDecoder.MaxDatagramLength];
        var end = 0;
        foreach (var field in message)
        {
            if (field.Name.SequenceEqual("auth"u8)) continue;
            Assert.True(ClassicForm.TryWriteLine(lines, ref end, field, depth: 0));
        }

        return Encoding.Latin1.GetString(lines.AsSpan(0, end));
    }

    /// <summary>All fields as <c>(TYPE)NAME=VALUE</c>, in order, without the inner signature.</summary>
    public static List<string> Fields(HeartbeatMessage message)
    {
        var fields = new List<string>();
        foreach (var field in message)
        {
            if (field.Name.SequenceEqual("auth"u8)) continue;
            var (name, value) = (Encoding.Latin1.GetString(field.Name), Encoding.Latin1.GetString(field.Value));
            fields.Add($"({(int)field.Type}){name}={value}");
        }

        return fields;
    }

    /// <summary>Keys of which the given one is active.</summary>
    public static AuthenticationKeys Keys(AuthenticationMethod method, string secret = "secret", int id = 1) =>
        new(id, [Key(method, secret, id)]);

    /// <summary>One key.</summary>
    public static AuthenticationKey Key(AuthenticationMethod method, string secret = "secret", int id = 1) =>
        new(id, method, Encoding.ASCII.GetBytes(secret));

    /// <summary>A datagram in the netstring form that is signed correctly, whatever lies between its marks.</summary>
    public static byte[] Signed(AuthenticationKey key, ReadOnlySpan<byte> fields)
    {
        byte[] signed = [.. "###\n"u8, .. fields, .. "%%%\n"u8];
        var signature = Signature(key, signed);
        return [.. signed, .. Encoding.ASCII.GetBytes($"{signature.Length}:"), .. signature, (byte)','];
    }

    /// <summary>A datagram in the classic form that is signed correctly, whatever its lines are.</summary>
    public static byte[] SignedClassic(AuthenticationKey key, ReadOnlySpan<byte> lines) =>
        [.. ">>>\n"u8, .. lines, .. "auth="u8, .. Signature(key, lines), .. "\n<<<\n\0"u8];

    /// <summary>Bytes of a text of which every character is one byte.</summary>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Signature(AuthenticationKey key, ReadOnlySpan<byte> data)
    {
        var signature = new byte[MessageSignature.MaxLength];
        return signature[..MessageSignature.Write(key, data, signature)];
    }
}
