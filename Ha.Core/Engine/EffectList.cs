using System.Runtime.InteropServices;

namespace Ha.Core.Engine;

/// <summary>
/// The effects of one step, in order. The driver clears it before each step and carries it out after; datagram
/// effects and their buffers are kept and reused.
/// </summary>
public sealed class EffectList
{
    private readonly List<ClusterEffect> effects = new(capacity: 64);
    private readonly List<SendDatagram> datagrams = [];
    private readonly List<byte[]> buffers = [];
    private int datagramsUsed;

    /// <summary>The effects in order; valid until the list is changed.</summary>
    public ReadOnlySpan<ClusterEffect> Items => CollectionsMarshal.AsSpan(effects);

    /// <summary>How many effects there are.</summary>
    public int Count => effects.Count;

    /// <summary>Forgets all effects; their datagram buffers are reused from now on.</summary>
    public void Clear()
    {
        effects.Clear();
        datagramsUsed = 0;
    }

    /// <summary>Adds an effect.</summary>
    /// <param name="effect">Anything but a <see cref="SendDatagram"/>.</param>
    public void Add(ClusterEffect effect)
    {
        if (effect is SendDatagram) throw new ArgumentException("datagrams are added by AddDatagram", nameof(effect));
        effects.Add(effect);
    }

    /// <summary>Adds a datagram; the bytes are copied.</summary>
    /// <param name="mediaMask">Bit i set: send over medium i.</param>
    /// <param name="datagram">The payload.</param>
    public void AddDatagram(ulong mediaMask, ReadOnlySpan<byte> datagram)
    {
        if (datagramsUsed == datagrams.Count)
        {
            datagrams.Add(new SendDatagram());
            buffers.Add([]);
        }

        if (buffers[datagramsUsed].Length < datagram.Length)
            buffers[datagramsUsed] = new byte[Math.Max(datagram.Length, 1024)];
        var buffer = buffers[datagramsUsed];
        datagram.CopyTo(buffer);
        var effect = datagrams[datagramsUsed++];
        effect.MediaMask = mediaMask;
        effect.Datagram = buffer.AsMemory(0, datagram.Length);
        effects.Add(effect);
    }
}
