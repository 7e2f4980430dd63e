namespace Ha.Web.Model;

/// <summary>How nodes and their links look.</summary>
public static class NodeAppearance
{
    public static Appearance Of(NodeSnapshot node) => node.State switch
    {
        NodeState.Unknown => new(Tone.Unknown, Shape.Diamond, "Unknown", "Not heard since the agent started."),
        NodeState.Joining => new(Tone.Busy, Shape.Half, "Joining", "Heard, and finding out what runs on it."),
        NodeState.Online => OfOnline(node),
        NodeState.Left => new(Tone.Neutral, Shape.Ring, "Left", "It said good-bye after giving up its resources."),
        NodeState.Dead => new(Tone.Bad, Shape.Square, "Dead", "Silent for longer than its dead time."),
        NodeState.Leaving => new(Tone.Busy, Shape.Half, "Leaving", "It hands its resources over and leaves."),
        NodeState.HalfConnected => new(
            Tone.Bad, Shape.Square, "One way", "We hear it, but it does not hear us: treated as lost."),
    };

    public static Appearance Of(LinkState state) => state switch
    {
        LinkState.Unknown => new(Tone.Unknown, Shape.Diamond, "Unknown", "Nothing heard over it yet."),
        LinkState.Up => new(Tone.Good, Shape.Disc, "Up", "Heartbeats come in on time."),
        LinkState.Late => new(Tone.Warning, Shape.Triangle, "Late", "The last heartbeat is older than warntime."),
        LinkState.Dead => new(Tone.Bad, Shape.Square, "Dead", "Silent for longer than the dead time."),
        LinkState.OneWay => new(Tone.Warning, Shape.Triangle, "One way", "We hear the peer, it does not hear us here."),
    };

    public static Appearance Of(NodeMode mode) => mode switch
    {
        NodeMode.Active => new(Tone.Good, Shape.Disc, "Active", "Resources may run here."),
        NodeMode.Standby => new(Tone.Neutral, Shape.Ring, "Standby", "No resource runs here until it is set online."),
    };

    /// <summary>The software that answers for a node.</summary>
    public static string Product(NodeProduct product) => product switch
    {
        NodeProduct.Unknown => "not heard yet",
        NodeProduct.HaAppliance => "HaAppliance",
        NodeProduct.Heartbeat => "Linux-HA Heartbeat",
    };

    private static Appearance OfOnline(NodeSnapshot node) => node switch
    {
        { Mode: NodeMode.Standby } => new(Tone.Neutral, Shape.Ring, "Standby", "Online, but no resource runs here."),
        { Links: var links } when links.Any(link => link.State is not (LinkState.Up or LinkState.Unknown)) =>
            new(Tone.Warning, Shape.Triangle, "Degraded", "Online, but not every link to it works."),
        _ => new(Tone.Good, Shape.Disc, "Online", "Member of the cluster; resources may run here."),
    };
}
