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
            fields.Add($"({(int)field.Type}){Encoding.Latin1.GetString(field.Name)}={Encoding.Latin1.GetString(field.Value)}");
        }

        return fields;
    }

    /// <summary>Keys of which the given one is active.</summary>
    public static AuthenticationKeys Keys(AuthenticationMethod method, string secret = "secret", int id = 1) =>
        new(id, [Key(method, secret, id)]);

    /// <summary>One key.</summary>
    public static AuthenticationKey Key(AuthenticationMethod method, string secret = "secret", int id = 1) =>
        new(id, method, Encoding.ASCII.GetBytes(secret));
}
