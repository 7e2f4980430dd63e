using System.Collections.Concurrent;
using Ha.Agent.Netlink;
using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>
/// Claims that can wait: the link is asked a few times who has the address (RFC 5227 2.1, with shorter times: an answer
/// on a local network takes less than a millisecond), and it is claimed when nobody answers.
/// </summary>
/// <param name="resource">Puts the address there; belongs to the keeper's thread.</param>
/// <param name="frames">Sends the questions.</param>
internal sealed class ConflictProbes(VirtualIpResource resource, FrameSocket frames) : IDisposable
{
    private readonly ConcurrentQueue<Probe> asked = new();
    private readonly List<Probe> running = [];

    /// <summary>True while an answer is waited for.</summary>
    public bool Any => running.Count > 0 || !asked.IsEmpty;

    /// <summary>When something is to be done.</summary>
    public MonotonicTime Next
    {
        get
        {
            var next = asked.IsEmpty ? MonotonicTime.Never : default;
            foreach (var probe in running) next = MonotonicTime.Min(next, probe.Due);
            return next;
        }
    }

    /// <summary>Any thread: asks, then claims.</summary>
    public void Begin(ManagedAddress vip, Action<OperationResult> done) => asked.Enqueue(new Probe(vip, done));

    /// <summary>Somebody claims an address; true when it is one that is asked for.</summary>
    public bool Answered(NeighbourClaim claim)
    {
        var index = running.FindIndex(probe => probe.Vip.Settings.Address.Equals(claim.Address)
            && probe.Link.Index == claim.InterfaceIndex
            && !probe.Link.HardwareAddress.Span.SequenceEqual(claim.HardwareAddress));
        if (index < 0) return false;
        var probe = running[index];
        running.RemoveAt(index);
        probe.Vip.Phase = AddressPhase.Absent;
        probe.Done(OperationResult.Failed(
            $"{claim.Address} is in use already: the host with hardware address {claim.HardwareText} answers for it on "
            + $"{probe.Link.Name}; take the address from that host, or give this resource another one."));
        return true;
    }

    /// <summary>Sends the questions that are due, and claims what nobody has answered for.</summary>
    public void Advance(MonotonicTime now)
    {
        while (asked.TryDequeue(out var probe))
        {
            if (Prepare(probe)) running.Add(probe);
            else probe.Done(resource.Run(probe.Vip, OperationKind.Start));
        }

        for (var i = running.Count - 1; i >= 0; i--)
        {
            var probe = running[i];
            if (now < probe.Due) continue;
            if (probe.Sent < probe.Vip.Settings.ConflictProbes)
            {
                _ = frames.Send(probe.Link.Index, probe.Frame);
                probe.Sent++;
                probe.Due = now + probe.Vip.Settings.ConflictInterval;
                continue;
            }

            running.RemoveAt(i);
            probe.Done(resource.Run(probe.Vip, OperationKind.Start));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (asked.TryDequeue(out var probe)) running.Add(probe);
        foreach (var probe in running) probe.Done(new(OperationOutcome.Cancelled, "The agent ended first."));
        running.Clear();
    }

    // False: it is here already, or there is nobody to ask, or it cannot be claimed at all (which the start will say).
    private bool Prepare(Probe probe)
    {
        try
        {
            if (resource.Find(probe.Vip.Settings.Address) is not null
                || resource.Resolve(probe.Vip, out _) is not { } found) return false;
            if (!found.Link.IsShared) return false;
            probe.Link = found.Link;
            probe.Frame = NeighbourFrames.Probe(found.Link.HardwareAddress.Span, probe.Vip.Settings.Address);
            lock (probe.Vip.Gate) probe.Vip.Phase = AddressPhase.Probing;
            return true;
        }
        catch (NetlinkException)
        {
            // The start will say so.
            return false;
        }
    }

    private sealed class Probe(ManagedAddress vip, Action<OperationResult> done)
    {
        public ManagedAddress Vip { get; } = vip;

        public Action<OperationResult> Done { get; } = done;

        public NetworkInterface Link { get; set; } = null!;

        public byte[] Frame { get; set; } = [];

        public int Sent { get; set; }

        public MonotonicTime Due { get; set; }
    }
}
