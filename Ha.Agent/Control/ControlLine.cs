using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>Objects of the control protocol as lines.</summary>
internal static class ControlLine
{
    /// <summary>The line of a push, with its line end.</summary>
    public static byte[] Of(ControlPush push) => Of(push, HaJson.Default.ControlPush);

    /// <summary>The line of a reply, with its line end.</summary>
    public static byte[] Of(ControlReply reply) => Of(reply, HaJson.Default.ControlReply);

    /// <summary>The line of a request, with its line end.</summary>
    public static byte[] Of(ControlRequest request) => Of(request, HaJson.Default.ControlRequest);

    private static byte[] Of<T>(T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        Array.Resize(ref json, json.Length + 1);
        json[^1] = (byte)'\n';
        return json;
    }
}
