using Ha.Core.Heartbeat;

namespace Ha.Simulation;

/// <summary>
/// Takes a packet apart and puts it together again: what is sent must be what was meant, byte for byte.
/// </summary>
public sealed class WireCheck(AuthenticationKeys keys, bool innerAuth)
{
    private readonly MessageDecoder decoder = new(keys);
    private readonly MessageEncoder encoder = new(keys, innerAuth);

    /// <summary>What is wrong with a packet; null when nothing.</summary>
    public string? FindFault(ReadOnlySpan<byte> datagram)
    {
        if (decoder.TryDecode(datagram, out var message) is not DecodeResult.Ok and var result)
            return $"it cannot be read: {result}";
        encoder.Begin();
        foreach (var field in message)
        {
            if (!field.Name.SequenceEqual(FieldNames.Authentication)) encoder.Add(field);
        }

        return encoder.Finish().SequenceEqual(datagram) ? null : "it is not the same when it is written again";
    }
}
