using Ha.Core.Engine;
using Ha.Core.Health;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Health checks in the document, member by member.</summary>
internal static class CheckShapes
{
    /// <summary>Most checks of a cluster: the reports of all nodes carry all of them.</summary>
    public const int MostChecks = 64;

    private static readonly ObjectShape Effect = new("effect",
    [
        new("attribute", Texts.AttributeName, "Node attribute that it sets"),
        new("healthy", Texts.Value, "Value of the attribute where it is healthy; default 1"),
        new("unhealthy", Texts.Value, "Value of the attribute where it is unhealthy; default 0"),
        new("group", Texts.Id, "Group that does not belong on a node where it is unhealthy"),
    ]);

    /// <summary>One check.</summary>
    public static ObjectShape Check { get; } = new("check",
    [
        new("id", Texts.Id, "Id, unique among checks", Required: true),
        new("type", WordShape.Of<CheckKind>(), "What it looks at", Required: true),
        new("parameters", new NamesShape(Texts.ParameterName, Texts.Value, 0, 20), "Parameters of the type"),
        new("arguments", new ListShape(Texts.Argument, 0, 50), "Arguments of an exec program"),
        new("interval", new DurationShape(TimeSpan.FromMilliseconds(200), TimeSpan.FromDays(1)),
            "Time from the begin of one look to the begin of the next; default 5s"),
        new("timeout", new DurationShape(TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(10)),
            "Longest time of one look, at most the interval; default 2s"),
        new("rise", new NumberShape(1, 100), "Good looks in a row until it is healthy again; default 2"),
        new("fall", new NumberShape(1, 100), "Bad looks in a row until it is unhealthy; default 3"),
        new("startAs", WordShape.Of<CheckStart>(), "What it counts as before it has looked; default unknown"),
        new("holdDown", new DurationShape(TimeSpan.Zero, TimeSpan.FromHours(1)),
            "How long it stays unhealthy at least when it flaps, doubled with each flap; default 30s"),
        new("nodes", new ListShape(Texts.NodeName, 1, EngineOptions.MaxNodes), "Nodes that look; default all"),
        new("where", WordShape.Of<CheckPlace>(),
            "On which of them: everywhere, or only where its group is active; default everywhere"),
        new("effect", Effect, "What follows from it; default events only"),
    ]);
}
