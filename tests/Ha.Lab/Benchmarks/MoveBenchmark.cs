using Ha.Core.Contracts;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;
using Ha.Lab.Probing;
using Ha.Lab.Watching;

namespace Ha.Lab.Benchmarks;

/// <summary>
/// <c>bench move</c>: the planned move of the address, HAProxy running on both nodes: what the client loses, and of
/// what that consists. Each run moves it there and back; both count.
/// </summary>
internal static class MoveBenchmark
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    internal static void Run(int runs, TimeSpan pace, Results results)
    {
        var software = new HaApplianceSoftware(ReferenceHaproxy.Warm);
        using var contestant = new Contestant(software, TimerProfile.Fast);
        contestant.ColdStart();
        LabNode[] ends = [contestant.Lab.S2, contestant.Lab.S1];
        for (var run = 0; run < runs; run++)
        {
            foreach (var to in ends) Report(contestant, software, to, pace, results);
        }
    }

    private static void Report(
        Contestant contestant, HaApplianceSoftware software, LabNode to, TimeSpan pace, Results results)
    {
        var lab = contestant.Lab;
        var from = lab.Nodes.Single(node => node != to);
        using var probe = new Probe(lab, pace);
        probe.WaitUntilServedBy(from, s_patience, TimeSpan.FromSeconds(1));
        LabClock.WaitUntil(() => contestant.Software.IsSettled(lab), s_patience, () => "the cluster is not at rest");
        using var wire = PacketCapture.AtPortOf(lab.Client,
            frame => frame.IsGratuitousArp(Laboratory.VirtualAddress) || frame.IsConnectionAttempt(to.HardwareAddress));
        var begin = LabClock.Now;
        HaApplianceSoftware.Move(software.Group, to);
        probe.WaitUntilServedBy(to, s_patience, TimeSpan.FromSeconds(1));

        var recording = probe.Recording;
        long Ended(HaNode node, string how) => node.Events.First(e => e.Node == node.Node.Name
            && e.MonotonicMicroseconds * 1000 > begin && e.Kind == EventKind.OperationDone
            && e.Sentence.StartsWith(how, StringComparison.Ordinal)).MonotonicMicroseconds * 1000;
        var gone = Ended(new HaNode(from), "address stopped");
        var here = Ended(new HaNode(to), "address started");
        LabClock.WaitUntil(() => wire.Frames.Any(f => f.At > begin && f.IsConnectionAttempt(to.HardwareAddress))
            && wire.Frames.Any(f => f.At > begin && f.IsGratuitousArp(Laboratory.VirtualAddress)),
            s_patience, () => $"nothing is seen on the wire: {wire.Frames.Count} frames");
        var told = wire.Frames.First(f => f.At > begin && f.IsGratuitousArp(Laboratory.VirtualAddress)).At;
        var asked = wire.Frames.First(f => f.At > told && f.IsConnectionAttempt(to.HardwareAddress)).At;
        var outage = recording.HoleAtChangeTo(to.Name, begin);
        var name = contestant.Software.Name;
        void Add(string what, double? value) =>
            results.Add($"planned move, a request each {pace.TotalMilliseconds:0} ms: {what}, ms", name, value);

        Add("outage", outage?.Milliseconds);
        Add("order to address gone", LabClock.Milliseconds(begin, gone));
        Add("last answer to address gone", outage is { } hole ? LabClock.Milliseconds(hole.From, gone) : null);
        Add("address on neither node", LabClock.Milliseconds(gone, here));
        Add("address there to gratuitous ARP at the client", LabClock.Milliseconds(here, told));
        Add("gratuitous ARP to the client's next connection", LabClock.Milliseconds(told, asked));
        Add("that connection to its answer", outage is { } end ? LabClock.Milliseconds(asked, end.To) : null);
        Add("a request while nothing moves", Median(recording.Records
            .Where(r => r.IsAnswered && r.End < begin).Select(r => LabClock.Milliseconds(r.Start, r.End))));
    }

    private static double? Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? null : sorted[sorted.Count / 2];
    }
}
