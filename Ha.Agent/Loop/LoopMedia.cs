using System.Collections.Immutable;
using Ha.Agent.Interop;
using Ha.Agent.Media;
using Ha.Agent.Netlink;
using Ha.Core.Configuration;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Agent.Loop;

/// <summary>
/// All media of this node as the loop uses them. A medium that cannot send is reported once; while it is out, every
/// message still tries it and it is opened anew each second; it is back when a message has gone out again.
/// </summary>
internal sealed class LoopMedia : IDisposable
{
    /// <summary>Holds any UDP datagram.</summary>
    private const int BufferBytes = 65_536;

    private static readonly TimeSpan ReopenInterval = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<UdpMedium> media;
    private readonly MediumMap map;
    private readonly PeerSolicitor? solicitor;
    private readonly bool[] failed;
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly PacketReceived packet = new();
    private readonly Queue<ClusterInput> changes = new();
    private MonotonicTime nextReopen = MonotonicTime.Never;

    /// <summary>
    /// Opens all media; one that cannot be opened is reported as failed by the first <see cref="TryTakeChange"/>.
    /// </summary>
    /// <param name="definitions">The media in the order of ha.cf.</param>
    /// <param name="solicitor">Asks for peers that fall silent; belongs to this from now on. Null: nobody asks.</param>
    public LoopMedia(ImmutableArray<MediumDefinition> definitions, PeerSolicitor? solicitor = null)
    {
        this.solicitor = solicitor;
        map = new MediumMap(definitions);
        failed = new bool[definitions.Length];
        var opened = ImmutableArray.CreateBuilder<UdpMedium>(definitions.Length);
        for (var i = 0; i < definitions.Length; i++)
        {
            opened.Add(UdpMedium.OpenOrClosed(definitions[i], out var problem));
            if (problem is not null) Fail(i, problem, new MonotonicTime(0));
        }

        media = opened.MoveToImmutable();
    }

    /// <summary>How many media there are.</summary>
    public int Count => media.Length;

    /// <summary>When a failed medium is tried again; never when none has failed.</summary>
    public MonotonicTime NextReopen => nextReopen;

    /// <summary>True when no medium at all is open.</summary>
    public bool AllClosed => media.All(static medium => medium.Descriptor < 0);

    /// <summary>Fills the entries of poll(2), one per medium.</summary>
    public void WaitFor(Span<PollEntry> entries)
    {
        for (var i = 0; i < media.Length; i++)
            entries[i] = new PollEntry { Descriptor = media[i].Descriptor, Events = Libc.PollIn };
    }

    /// <summary>Takes one waiting datagram of one medium's socket.</summary>
    /// <param name="socket">Index of the medium whose socket is read.</param>
    /// <param name="now">The time.</param>
    /// <param name="received">The packet, valid until the next call; null when it is another socket's copy.</param>
    /// <returns>False when nothing waits there.</returns>
    public bool TryReceive(int socket, MonotonicTime now, out PacketReceived? received)
    {
        received = null;
        var reception = media[socket].Receive(buffer);
        switch (reception.Status)
        {
            case ReceiveStatus.Nothing:
                return false;
            case ReceiveStatus.Failed:
                // Reported once by the kernel. Should the medium really be out, then the next message says so.
                return false;
            case ReceiveStatus.Datagram:
            case ReceiveStatus.Oversized:
                var medium = map.MediumOf(socket, reception);
                if (medium < 0) return true;
                solicitor?.Heard(medium, now);
                packet.Medium = medium;
                packet.Datagram = buffer.AsMemory(0, reception.Length);
                received = packet;
                return true;
        }

        throw new System.Diagnostics.UnreachableException($"reception {reception.Status}");
    }

    /// <summary>Sends a datagram over media; never waits.</summary>
    public void Send(SendDatagram effect, MonotonicTime now)
    {
        for (var i = 0; i < media.Length; i++)
        {
            if ((effect.MediaMask & (1UL << i)) == 0) continue;
            var result = media[i].Send(effect.Datagram.Span);
            if (result.Status == SendStatus.Sent) Recover(i);
            else if (result.Status == SendStatus.MediumFailed)
                Fail(i, $"cannot send: {Errno.Text(result.ErrorNumber)}", now);
        }
    }

    /// <summary>Opens failed media anew when it is time.</summary>
    public void ReopenFailed(MonotonicTime now)
    {
        if (now < nextReopen) return;
        for (var i = 0; i < media.Length; i++)
            if (failed[i]) media[i].TryReopen(out _);
        nextReopen = now + ReopenInterval;
    }

    /// <summary>Asks the links for peers that are not heard. To be called at each wake.</summary>
    public void AskForSilentPeers(MonotonicTime now) => solicitor?.AskForSilent(now);

    /// <summary>The next medium that has failed or come back since the last call.</summary>
    public bool TryTakeChange(out ClusterInput change) => changes.TryDequeue(out change!);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var medium in media) medium.Dispose();
        solicitor?.Dispose();
    }

    private void Fail(int medium, string detail, MonotonicTime now)
    {
        if (failed[medium]) return;
        failed[medium] = true;
        nextReopen = MonotonicTime.Min(nextReopen, now + ReopenInterval);
        changes.Enqueue(new MediumChanged(medium, works: false, detail));
    }

    private void Recover(int medium)
    {
        if (!failed[medium]) return;
        failed[medium] = false;
        if (!failed.Contains(true)) nextReopen = MonotonicTime.Never;
        changes.Enqueue(new MediumChanged(medium, works: true, "sends again"));
    }
}
