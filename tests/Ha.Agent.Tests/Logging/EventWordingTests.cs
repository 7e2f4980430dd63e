using Ha.Agent.Logging;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests.Logging;

public sealed class EventWordingTests
{
    [Theory]
    [InlineData(EventKind.LinkUp, "s2:ucast eth0 192.168.1.203", "Link s2:eth0 up.")]
    [InlineData(EventKind.LinkDead, "s2:mcast eth1 225.0.0.1 694 1 0", "Link s2:eth1 dead.")]
    [InlineData(EventKind.LinkUp, "s2", "Link s2 up.")]
    [InlineData(EventKind.NodeDead, "s2", "node s2: is dead")]
    [InlineData(EventKind.NodeLeft, "s1", "Received shutdown notice from 's1'.")]
    [InlineData(EventKind.NodeRestarted, "s2", "Heartbeat restart on node s2")]
    [InlineData(EventKind.NodeStatus, "s2", "Status update for node s2: status active")]
    [InlineData(EventKind.TransitionStarted, "cluster", "Resources being acquired from s2.")]
    public void FamiliarEvent_HasHeartbeatsLine_ThenItsSentence(EventKind kind, string subject, string familiar)
    {
        var happened = Events.Of(
            1, kind: kind, subject: subject, sentence: "why",
            data: [("status", "active"), ("trigger", "s2 is dead: silent for 30 s")]);

        Assert.Equal([familiar, "why"], EventWording.Lines(happened).Select(line => line.Text));
    }

    [Fact]
    public void TransitionForAnotherReason_IsNoTakeover()
    {
        var happened = Events.Of(
            1, kind: EventKind.TransitionStarted, sentence: "why", data: ("trigger", "takeover by s1"));

        Assert.Equal(["why"], EventWording.Lines(happened).Select(line => line.Text));
    }

    [Fact]
    public void EveryKind_AlsoOneOfANewerVersion_HasAtLeastItsSentence()
    {
        foreach (var kind in Enum.GetValues<EventKind>().Append((EventKind)9999))
        {
            var happened = Events.Of(1, EventSeverity.Critical, kind, sentence: "why");
            Assert.Equal((LogLevel.Critical, "why"), EventWording.Lines(happened).Last());
        }
    }
}
