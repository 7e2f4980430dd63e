using System.Text.Json.Nodes;
using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;
using Ha.Lab.Watching;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>What goes wrong around the address: a stranger has it, its interface fails, what it needs is gone.</summary>
public sealed class BadDayTests(ITestOutputHelper output) : ClusterStory(output)
{
    private const string Cidr = Laboratory.VirtualAddress + "/24";

    /// <summary>In a war each of them would be answered with two frames or more.</summary>
    private const int Claims = 60;

    // One lab for several facts: it takes longer to build than each of them.
    [Fact]
    public void StrangerHasTheAddress_UplinkFails_InterfaceFlapsAndGoesDown_OneHolderAfterEach()
    {
        Build(Calm, haproxy: ReferenceHaproxy.Warm);
        Cluster.Lab.Client.Run("ip", "addr", "add", Cidr, "dev", "eth0");
        Cluster.StartAgents();
        AddressInUseAtTheStartIsNotClaimed();
        StrangerWhoTakesItLaterIsNamedAndNotFought();
        GroupLeavesTheNodeWhoseUplinkFails_AndReturnsWithIt();
        FlappingInterfaceEndsCalm();
        InterfaceOfTheAddressIsSwitchedOff_TheOtherNodeServes_OneHolderWhenItIsBack();
    }

    private void AddressInUseAtTheStartIsNotClaimed()
    {
        foreach (var node in Cluster.Nodes)
        {
            WaitUntil(() => S1.Saw(EventKind.OperationFailed, one => one.Node == node.Node.Name
                && one.Sentence.Contains("is in use already", StringComparison.Ordinal)
                && one.Sentence.Contains(Cluster.Lab.Client.HardwareAddress, StringComparison.Ordinal)),
                $"{node.Node.Name} does not name the stranger");
        }
        Assert.Empty(Cluster.Lab.Vip.Ownership.Changes);

        Cluster.Lab.Client.Run("ip", "addr", "del", Cidr, "dev", "eth0");
        CleanUp();
        Probe.WaitUntilServedBy(S1.Node, Soon);
    }

    private void StrangerWhoTakesItLaterIsNamedAndNotFought()
    {
        var stranger = Cluster.Lab.Gateway;
        using var wire = PacketCapture.AtPortOf(S1.Node, frame => frame.IsGratuitousArp(Laboratory.VirtualAddress)
            && frame.Bytes.AsSpan(6, 6).SequenceEqual(HardwareAddress(S1.Node)));
        var from = LabClock.Now;
        for (var i = 0; i < Claims; i++)
        {
            PacketCapture.Inject(stranger, GratuitousArp(stranger));
            Last(0.05);
        }
        WaitUntil(() => S1.Saw(EventKind.AddressConflict,
            one => one.Sentence.Contains(stranger.HardwareAddress, StringComparison.Ordinal)), "nothing is said");

        // Once s1 has answered, the client knows again where the address is.
        Probe.WaitUntilServedBy(S1.Node, Soon);
        AssertNoChangeOfOwner(from);
        Tell($"{wire.Frames.Count} announcements of s1 beside {Claims} of the stranger");
        // The start's own burst (five times two frames), one answer, one more burst because s2 saw the stranger's claim.
        Assert.InRange(wire.Frames.Count, 0, Claims);
    }

    private void GroupLeavesTheNodeWhoseUplinkFails_AndReturnsWithIt()
    {
        var document = JsonNode.Parse(S1.Cli("config", "show").Output)!;
        document["checks"] = new JsonArray(new JsonObject
        {
            ["id"] = "uplink",
            ["type"] = "ping",
            ["parameters"] = new JsonObject { ["address"] = Cluster.Lab.Gateway.Address },
            ["interval"] = "500ms",
            ["timeout"] = "500ms",
            ["holdDown"] = "0s",
            ["effect"] = new JsonObject { ["group"] = "address" },
        });
        S1.Node.Write("/run/new.json", document.ToJsonString());
        var set = S1.Cli("config", "set", "/run/new.json", "--wait");
        Assert.True(set.ExitCode == 0, set.Output + set.Error);
        WaitUntil(() => Cluster.Nodes.All(node => CheckIs("healthy", node)), "the uplinks are not well");

        var from = LabClock.Now;
        Cluster.Lab.Switch.CutPing(S1.Node);
        Probe.WaitUntilServedBy(S2.Node, Soon);
        WaitUntil(() => S2.Saw(EventKind.CheckFailed, one => one.Node == "s1"), "nobody tells of the check");
        Assert.Contains(S1.Events.Concat(S2.Events), one => one.Kind == EventKind.TransitionStarted
            && one.Sentence.Contains("check uplink on s1", StringComparison.Ordinal));

        Cluster.Lab.Switch.Heal();
        Probe.WaitUntilServedBy(S1.Node, Soon);
        AssertNeverTwoOwners(from);
        Settle();
    }

    private void FlappingInterfaceEndsCalm()
    {
        var from = LabClock.Now;
        for (var i = 0; i < 10; i++)
        {
            Cluster.Lab.Switch.PortDown(S1.Node);
            Last(0.3);
            Cluster.Lab.Switch.PortUp(S1.Node);
            Last(0.3);
        }
        WaitUntil(() => S1.Saw(EventKind.InterfaceFlapping), "nobody says that it flaps");
        Settle();

        var changes = Cluster.Lab.Vip.Ownership.Changes.Where(change => change.At > from).ToList();
        Tell("flapping: " + Cluster.Lab.Vip.Ownership.Since(from));
        // Started anew in place up to the threshold of three failures, then one move.
        Assert.InRange(changes.Count(change => change.Holds), 0, 6);
        Assert.InRange(changes.Count(change => change is { Holds: true, Node: "s2" }), 0, 2);
        CleanUp();
        Probe.WaitUntilServedBy(S1.Node, Soon);
    }

    private void InterfaceOfTheAddressIsSwitchedOff_TheOtherNodeServes_OneHolderWhenItIsBack()
    {
        Settle();
        S1.Node.Run("ip", "link", "set", "eth0", "down");
        Probe.WaitUntilServedBy(S2.Node, Soon);
        WaitUntil(() => S1.Saw(EventKind.OperationFailed, one => one.Sentence.Contains("is switched off",
            StringComparison.Ordinal)), "s1 does not say why");

        S1.Node.Run("ip", "link", "set", "eth0", "up");
        WaitUntil(() => Cluster.Nodes.All(node => CheckIs("healthy", node)), "the uplinks are not well again");
        Settle();
        var calm = LabClock.Now;
        Last(1);
        // At most one move more: home.
        Assert.InRange(Cluster.Lab.Vip.Ownership.Changes.Count(change => change.At > calm), 0, 2);
        WaitUntil(() => Cluster.Lab.Vip.Holders.Count == 1, "there is not one holder");
    }

    // Both know each other, nothing is under way, one node holds the address and answers.
    private void Settle()
    {
        WaitUntil(() => Cluster.Nodes.All(node => node.Snapshot is { Transition: null, View.Members.Length: 2 }),
            "the nodes do not come to rest");
        WaitUntil(() => Cluster.Lab.Vip.Holders.Count == 1 && Probe.LastNode == Cluster.Lab.Vip.Holders[0]
            && LabClock.Milliseconds(Probe.LastAnswer, LabClock.Now) < 500, "there is not one who holds it and serves");
    }

    private void CleanUp()
    {
        var cleanup = S1.Cli("cleanup", "--wait");
        Assert.True(cleanup.ExitCode == 0, cleanup.Output + cleanup.Error);
    }

    private static bool CheckIs(string state, HaNode node) => node.Cli("checks").Output.Split('\n')
        .Count(line => line.Contains($" {state} ", StringComparison.Ordinal)) == 2;

    private static byte[] HardwareAddress(LabHost host) =>
        Convert.FromHexString(host.HardwareAddress.Replace(":", ""));

    private static byte[] GratuitousArp(LabHost host)
    {
        byte[] address = [.. Laboratory.VirtualAddress.Split('.').Select(byte.Parse)];
        byte[] card = HardwareAddress(host);
        byte[] everybody = [255, 255, 255, 255, 255, 255];
        return [.. everybody, .. card, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, .. card, .. address, 0, 0, 0, 0, 0, 0, .. address];
    }
}
