using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Ha.Lab.Watching;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The network cuts, loses, repeats or brings what nobody asked for.</summary>
public sealed class NetworkTroubleTests(ITestOutputHelper output) : ClusterStory(output)
{
    private const int Port = 694;

    /// <summary>Offset in a frame: Ethernet 14, IPv4 20, UDP checksum 6.</summary>
    private const int UdpChecksum = 40;

    [Fact]
    public void LinkCutForEightSecondsAndHealed_PreferredNodeKeepsServing_AndTheOtherGivesWay()
    {
        BuildAndServe(Quick);

        Cluster.Lab.Switch.Cut(S1.Node);
        Probe.WaitUntilServedBy(S2.Node, Soon);
        Last(8);
        Cluster.Lab.Switch.Heal();
        var healed = LabClock.Now;
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S1.Node), "s2 does not give way");
        Probe.WaitUntilServedBy(S1.Node, Soon);
        Last(3);

        var ownership = Cluster.Lab.Vip.Ownership;
        var two = ownership.WithSeveralOwners(healed, LabClock.Now).Sum(stretch => stretch.Milliseconds);
        Tell($"after the heal: two owners for {two:0.0} ms; {ownership.Since(healed)}");
        Assert.InRange(two, 0, BusyMs);
        Assert.Empty(ownership.WithoutOwner(healed, LabClock.Now));
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S1.Node), ownership.Since(healed));
        Assert.InRange(OutageMs(healed), 0, BusyMs);
        WaitUntil(() => S2.Saw(EventKind.PartitionHealed) || S1.Saw(EventKind.PartitionHealed), Cluster.Story);
        // Once the cut is over both hear each other again at once: neither may take the other for deaf.
        Assert.All(Cluster.Nodes, node => Assert.False(node.Saw(
            EventKind.LinkOneWay, one => one.MonotonicMicroseconds * 1000 > healed), node.Story));
    }

    [Fact]
    public void OneFifthOfTheHeartbeatsLost_NobodyIsDeclaredDead()
    {
        // The seed's ratio of 15 heartbeats to a death, twenty times as fast.
        BuildAndServe(new TimerProfile("lossy", "100ms", "1500ms", "500ms", "60000ms"));

        var from = LabClock.Now;
        Cluster.Lab.Switch.LoseHeartbeats(20);
        Last(15);
        Cluster.Lab.Switch.Heal();

        Assert.All(Cluster.Nodes, node => Assert.False(node.Saw(EventKind.NodeDead), node.Story));
        AssertServedAllTheTime(from);
    }

    [Fact]
    public void WrongKeyOnOneNode_BothSayAuthenticationFailed_AndOneOwnerWhenItIsMended()
    {
        Build(TimerProfile.Fast);
        ClusterFiles.UseKeys(S2.Node, "auth 3\n3 md5 Goodbye!\n");
        Cluster.StartAgents();

        WaitUntil(() => S1.Saw(EventKind.AuthenticationFailed) && S2.Saw(EventKind.AuthenticationFailed),
            "the wrong key is not reported");
        // Each goes on alone, as two-node clusters without fencing do; whoever asks later finds the address in use.
        WaitUntil(() => S1.View("s2")?.State == NodeState.Dead && S2.View("s1")?.State == NodeState.Dead
            && (Cluster.Lab.Vip.Holders.Count == 2 || (Cluster.Lab.Vip.Holders.Count == 1
                && Cluster.Nodes.Any(node => node.Saw(EventKind.OperationFailed)))),
            "each should go on alone, or find the address in use");

        ClusterFiles.UseKeys(S2.Node, ClusterFiles.Reference("s2/authkeys"));
        S2.StopAgent();
        Assert.True(S2.Agent!.WaitForEnd(Soon), "the agent does not end");
        S2.StartAgent();
        // Where the start failed for the address in use it is not tried again at once: either node may serve now.
        WaitUntil(() => Cluster.Lab.Vip.Holders.Count == 1 && S2.View("s1")?.State == NodeState.Online,
            "s2 does not join, or there is not one owner");
        WaitUntil(() => LabClock.Milliseconds(Probe.LastAnswer, LabClock.Now) < 500, "nobody serves");
    }

    [Fact]
    public void PacketsOfAnEarlierLifeReplayed_AreRejected()
    {
        BuildAndServe(Calm);
        var old = new List<Frame>();
        using (var capture = PacketCapture.AtPortOf(S2.Node, f => IsFrom(f, S2.Node.Address)))
        {
            WaitUntil(() => capture.Frames.Count >= 20, "s2 sends nothing");
            old.AddRange(capture.Frames);
        }
        S2.StopAgent();
        Assert.True(S2.Agent!.WaitForEnd(Soon), "the agent does not end");
        S2.StartAgent();
        WaitUntil(() => S1.View("s2") is { State: NodeState.Online }, "s2 does not come back");
        var generation = S1.View("s2")!.Generation;

        var from = LabClock.Now;
        var sender = Cluster.Lab.Client.HardwareAddress.Split(':').Select(part => Convert.ToByte(part, 16)).ToArray();
        foreach (var frame in old)
        {
            // From the client's port with the client's own hardware address, or the switch would send s2's packets
            // there.
            // Its checksum is not on the wire of a virtual cable: none (0) is as good.
            var forged = frame.Bytes.ToArray();
            forged.AsSpan(UdpChecksum, 2).Clear();
            sender.CopyTo(forged, 6);
            PacketCapture.Inject(Cluster.Lab.Client, forged);
        }

        WaitUntil(() => S1.Saw(EventKind.ReplayRejected), "the replay is not noticed");
        Last(1);
        WaitUntil(() => S1.View("s2") is { State: NodeState.Online } s2 && s2.Generation == generation, S1.Story);
        Assert.False(S1.Saw(EventKind.NodeDead), S1.Story);
        AssertNoChangeOfOwner(from);
    }

    [Fact]
    public void GarbageEmptyAndHugeDatagrams_ChangeNothing()
    {
        BuildAndServe(Calm);

        var from = LabClock.Now;
        var random = new Random(2);
        foreach (var node in Cluster.Nodes)
        {
            for (var i = 0; i < 200; i++)
            {
                var garbage = new byte[random.Next(1, 2000)];
                random.NextBytes(garbage);
                Cluster.Lab.Client.SendDatagram(node.Node.Address, Port, garbage);
                Cluster.Lab.Client.SendDatagram(node.Node.Address, Port, []);
            }
            Cluster.Lab.Client.SendDatagram(node.Node.Address, Port, new byte[65507]);
            Cluster.Lab.Client.SendDatagram(node.Node.Address, Port, "###\n99999999999999:(0)t=status,\n%%%\n"u8);
        }
        Last(2);

        AssertServedAllTheTime(from);
        foreach (var node in Cluster.Nodes)
        {
            Assert.False(node.Agent!.HasEnded, node.Story);
            Assert.False(node.Saw(EventKind.NodeDead), node.Story);
            var told = node.Events.Count(e => e.Kind is EventKind.MalformedPacket or EventKind.AuthenticationFailed);
            Assert.InRange(told, 1, 20);
        }
    }

    private static bool IsFrom(Frame frame, string address) => !frame.UdpPayload(Port).IsEmpty
        && frame.Bytes.AsSpan(26, 4).SequenceEqual(System.Net.IPAddress.Parse(address).GetAddressBytes());
}
