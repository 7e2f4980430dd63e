using System.Text.Json.Nodes;
using Ha.Lab;
using Ha.Lab.Clusters;
using Ha.Lab.Probing;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>
/// A test on the reference cluster: builds it, takes it away, and prints the nodes' events when it fails.
/// </summary>
public abstract class ClusterStory(ITestOutputHelper output) : IDisposable
{
    private ReferenceCluster? _cluster;

    /// <summary>
    /// The longest a fail-over, a move or a start may take before a test gives up: a busy machine is slow.
    /// </summary>
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);

    /// <summary>
    /// What a busy machine may add to an outage. How long one really is, is measured by <c>./bench.sh</c>; here it must
    /// only be clear that nobody waited for something else.
    /// </summary>
    protected const double BusyMs = 6000;

    /// <summary>
    /// A dead node is declared after 400 ms; at the start the nodes wait for each other however late one is. None of
    /// them waits when all are there.
    /// </summary>
    internal static readonly TimerProfile Quick = new("quick", "100ms", "400ms", "250ms", "60000ms");

    /// <summary>For tests in which nobody may be called dead, also on a busy machine.</summary>
    internal static readonly TimerProfile Calm = new("calm", "300ms", "3000ms", "1500ms", "60000ms");

    /// <summary>Time enough to start an agent again before it is missed.</summary>
    internal static readonly TimerProfile Patient = new("patient", "300ms", "30000ms", "20000ms", "60000ms");

    /// <summary>The cluster of this test.</summary>
    protected ReferenceCluster Cluster =>
        _cluster ?? throw new InvalidOperationException("the test has built no cluster");

    protected HaNode S1 => Cluster.S1;

    protected HaNode S2 => Cluster.S2;

    protected HaNode S3 => Cluster.Nodes[2];

    protected Probe Probe => Cluster.Probe;

    /// <summary>The nodes are switched on with their files in place; nothing runs yet.</summary>
    /// <param name="timers">Times of ha.cf; null: the seed files as they are.</param>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="haproxy">What HAProxy is.</param>
    protected ReferenceCluster Build(
        TimerProfile? timers, int nodes = 2, ReferenceHaproxy haproxy = ReferenceHaproxy.Script) =>
        _cluster = new ReferenceCluster(timers, nodes, haproxy);

    /// <summary>All agents run and s1, the preferred node, serves.</summary>
    protected void BuildAndServe(
        TimerProfile? timers, int nodes = 2, ReferenceHaproxy haproxy = ReferenceHaproxy.Script)
    {
        Build(timers, nodes, haproxy);
        Cluster.StartAndServe();
        WaitUntil(() => Cluster.Nodes.All(n => n.Snapshot is { Transition: null } now
            && now.View?.Members.Length == nodes), "the nodes do not agree on a view of all");
    }

    /// <summary>Changes one resource of the cluster configuration, and waits until all is at rest again.</summary>
    /// <param name="type">Type of the resource, for example <c>builtin:vip</c>.</param>
    /// <param name="member">Member that is set.</param>
    /// <param name="value">Its new value.</param>
    protected void Configure(string type, string member, JsonNode value)
    {
        var document = JsonNode.Parse(S1.Cli("config", "show").Output)!;
        var resource = document["resources"]!.AsArray().Single(one => one!["type"]!.GetValue<string>() == type)!;
        resource[member] = value;
        S1.Node.Write("/run/new.json", document.ToJsonString());
        var set = S1.Cli("config", "set", "/run/new.json", "--wait");
        Assert.True(set.ExitCode == 0, set.Output + set.Error);
        WaitUntil(() => Cluster.Nodes.All(node => node.Snapshot is { Transition: null } now
            && now.ConfigurationVersion == S1.Snapshot?.ConfigurationVersion), "the configuration does not settle");
        Probe.WaitUntilServedBy(S1.Node, Soon);
    }

    /// <summary>Waits for a condition, for <see cref="Soon"/> at most.</summary>
    protected void WaitUntil(Func<bool> condition, string otherwise) =>
        LabClock.WaitUntil(condition, Soon, () => otherwise);

    /// <summary>Lets a fault last.</summary>
    protected static void Last(double seconds) => LabClock.Pause(TimeSpan.FromSeconds(seconds));

    /// <summary>From <paramref name="from"/> on never more than one node held the address.</summary>
    protected void AssertNeverTwoOwners(long from)
    {
        var two = Cluster.Lab.Vip.Ownership.WithSeveralOwners(from, LabClock.Now);
        Assert.True(two.Count == 0, $"two owners for {string.Join(", ", two.Select(s => $"{s.Milliseconds:0} ms"))}: "
            + Cluster.Lab.Vip.Ownership.Since(from));
    }

    /// <summary>From <paramref name="from"/> on the address stayed where it was.</summary>
    protected void AssertNoChangeOfOwner(long from) =>
        Assert.Equal("", Cluster.Lab.Vip.Ownership.Since(from));

    /// <summary>Adds a line to the test's output.</summary>
    protected void Tell(string line) => output.WriteLine(line);

    /// <summary>From <paramref name="from"/> on every request was answered, if late, and still is.</summary>
    protected void AssertServedAllTheTime(long from)
    {
        Probe.WaitUntilServedBy(S1.Node, Soon);
        AssertNoChangeOfOwner(from);
        var recording = Probe.Recording;
        string Tell(IEnumerable<ProbeRecord> requests) => string.Join(", ", requests.Take(20).Select(r =>
            $"{r.Outcome} {LabClock.Milliseconds(from, r.Start):0}-{LabClock.Milliseconds(from, r.End):0} ms"));
        output.WriteLine("late: " + Tell(recording.Records.Where(r => !r.IsAnswered && r.Start >= from)));
        var broken = recording.Broken(from);
        Assert.True(broken.Count == 0, Tell(broken));
    }

    /// <summary>The longest outage since an instant, which must have ended.</summary>
    protected double OutageMs(long from)
    {
        var outage = Probe.Recording.LongestOutage(from);
        Assert.True(outage is not null, "the service did not come back: " + Cluster.Lab.Vip.Ownership.Since(from));
        output.WriteLine($"outage {outage.Value.Milliseconds:0.0} ms");
        return outage.Value.Milliseconds;
    }

    public void Dispose()
    {
        if (_cluster is not null)
        {
            output.WriteLine(_cluster.Story);
            _cluster.Dispose();
        }
        GC.SuppressFinalize(this);
    }
}
