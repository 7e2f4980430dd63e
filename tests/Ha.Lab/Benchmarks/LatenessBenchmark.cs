using Ha.Lab.Clusters;
using Ha.Lab.Watching;

namespace Ha.Lab.Benchmarks;

/// <summary>
/// <c>bench lateness</c>: how late heartbeats leave when the machine is busy, seen on the wire (time stamps of the
/// kernel), and whether a node is declared dead that is not.
/// </summary>
internal static class LatenessBenchmark
{
    private const double IntervalMs = 100;

    internal static void Run(TimeSpan time, int loops, Results results)
    {
        foreach (var software in (IClusterSoftware[])[new HaApplianceSoftware(), new HeartbeatSoftware()])
        {
            using var contestant = new Contestant(software, TimerProfile.Fast);
            contestant.ColdStart();
            using var wire = PacketCapture.AtPortOf(contestant.Lab.S1, IsStatus);
            var busy = Enumerable.Range(0, loops).Select(_ => Command.Start(["sha256sum", "/dev/zero"])).ToList();
            var from = LabClock.Now;
            LabClock.Pause(time);
            var to = LabClock.Now;
            foreach (var loop in busy)
            {
                loop.Kill();
                loop.Dispose();
            }
            foreach (var node in contestant.Lab.Nodes)
            {
                var late = Lateness(wire.Frames, node.Address, from, to);
                results.Add($"busy machine: heartbeats of {node.Name} seen", software.Name, late.Values.Count);
                results.Add($"busy machine: lateness of {node.Name}, median, ms", software.Name, late.Quantile(0.5));
                results.Add($"busy machine: lateness of {node.Name}, 99.9 %, ms", software.Name, late.Quantile(0.999));
                results.Add($"busy machine: lateness of {node.Name}, most, ms", software.Name, late.Quantile(1));
            }
            results.Add("busy machine: changes of the address' owner", software.Name,
                contestant.Lab.Vip.Ownership.Changes.Count(c => c.At > from && c.At < to));
        }
    }

    /// <summary>How much longer than the interval each gap between two heartbeats of a node was.</summary>
    internal static Measured Lateness(IReadOnlyList<Frame> frames, string address, long from, long to)
    {
        var source = System.Net.IPAddress.Parse(address).GetAddressBytes();
        var sent = frames.Where(f => f.At > from && f.At < to && f.Bytes.AsSpan(26, 4).SequenceEqual(source))
            .Select(f => f.At).ToList();
        return new Measured("lateness", address, [.. sent.Zip(sent.Skip(1)).Select(pair =>
            (double?)Math.Max(0, LabClock.Milliseconds(pair.First, pair.Second) - IntervalMs))]);
    }

    internal static bool IsStatus(Frame frame) => frame.UdpPayload(694).Span.IndexOf("t=status"u8) >= 0;
}
