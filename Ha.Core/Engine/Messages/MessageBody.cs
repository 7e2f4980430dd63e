using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ha.Core.Heartbeat;

namespace Ha.Core.Engine.Messages;

/// <summary>
/// The JSON body of a message of our own. A large one (a report of hundreds of resources) is compressed so that it fits
/// a datagram; read only after authentication, and never beyond a bound.
/// </summary>
internal static class MessageBody
{
    /// <summary>Bodies up to this size are sent as they are.</summary>
    private const int CompressFrom = 8 * 1024;

    /// <summary>No body is read that would be larger.</summary>
    private const int LongestBody = 1024 * 1024;

    private const int Quality = 1;
    private const int Window = 18;

    /// <summary>Adds a body to the message that is being written.</summary>
    public static void Add(MessageEncoder encoder, byte[] json)
    {
        if (json.Length >= CompressFrom)
        {
            var packed = new byte[json.Length];
            if (BrotliEncoder.TryCompress(json, packed, out var length, Quality, Window))
            {
                encoder.Add(ClusterFields.PackedBody, Convert.ToBase64String(packed, 0, length));
                return;
            }
        }

        encoder.Add(ClusterFields.Body, json);
    }

    /// <summary>Reads a body; null when there is none that can be read.</summary>
    public static T? Read<T>(in HeartbeatMessage message, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            if (message.TryGet(ClusterFields.Body, out var json)) return JsonSerializer.Deserialize(json, type);
            return message.TryGet(ClusterFields.PackedBody, out var text) && TryUnpack(text, out json)
                ? JsonSerializer.Deserialize(json, type) : null;
        }
        catch (JsonException)
        {
            // From another version of us: left alone, not trusted in part.
            return null;
        }
    }

    private static bool TryUnpack(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> json)
    {
        json = default;
        var packed = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, packed, out _, out var length) != System.Buffers.OperationStatus.Done)
            return false;
        for (var size = Math.Max(4 * CompressFrom, length * 4); ; size *= 4)
        {
            var unpacked = new byte[Math.Min(size, LongestBody)];
            if (BrotliDecoder.TryDecompress(packed.AsSpan(0, length), unpacked, out var written))
            {
                json = unpacked.AsSpan(0, written);
                return true;
            }

            if (unpacked.Length == LongestBody) return false;
        }
    }
}
