using Ha.Lab.Hosts;
using Ha.Lab.Probing;

namespace Ha.Lab.Running;

/// <summary>Tells on the terminal, as it happens, who holds the address and what the client felt of it.</summary>
internal sealed class Narrator(Laboratory lab)
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_probeLife = TimeSpan.FromHours(1);

    /// <summary>
    /// Near a change of the owner every hole of this length is told; at other times only long ones are.
    /// </summary>
    private const double WorthTellingMs = 40;

    private const double WorthTellingAloneMs = 250;
    private const double NearMs = 2000;

    private int _changesTold;
    private long _toldUntil;

    /// <summary>Tells until it is asked to stop.</summary>
    internal void Tell(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var probe = new Probe(lab, s_pace, s_probeLife);
            _toldUntil = 0;
            var renewAt = LabClock.Now + (long)(s_probeLife.TotalMilliseconds * 0.9e6);
            while (LabClock.Now < renewAt && !stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100)))
            {
                TellOwners();
                TellOutages(probe);
            }
        }
    }

    private void TellOwners()
    {
        var ownership = lab.Vip.Ownership;
        foreach (var change in ownership.Changes.Skip(_changesTold))
        {
            Say(change.At, $"{Laboratory.VirtualAddress} {(change.Holds ? "is now on" : "has left")} {change.Node}");
        }
        _changesTold = ownership.Changes.Count;
    }

    private void TellOutages(Probe probe)
    {
        if (_toldUntil == 0)
        {
            _toldUntil = probe.LastAnswer;
        }
        // Only the tail is read: the answers since the last look.
        foreach (var outage in probe.OutagesSince(_toldUntil, WorthTellingMs).Where(IsWorthTelling))
        {
            Say(outage.To, $"the service answers again, served by {probe.LastNode}: "
                + $"the client waited {outage.Milliseconds:0} ms");
        }
        _toldUntil = Math.Max(_toldUntil, probe.LastAnswer);
    }

    private bool IsWorthTelling(Outage outage) => outage.Milliseconds >= WorthTellingAloneMs
        || lab.Vip.Ownership.Changes.Any(c => Math.Abs(LabClock.Milliseconds(c.At, outage.To)) < NearMs);

    private static void Say(long at, string what)
    {
        var wall = DateTime.Now - TimeSpan.FromMilliseconds(LabClock.Milliseconds(at, LabClock.Now));
        Console.WriteLine($"{wall:HH:mm:ss.fff}  {what}");
    }
}
