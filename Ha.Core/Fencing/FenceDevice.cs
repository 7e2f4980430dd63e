namespace Ha.Core.Fencing;

/// <summary>A device that can switch nodes off, as configured.</summary>
public sealed record FenceDevice
{
    /// <summary>Id, unique among devices.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the fence agent, for example <c>fence_ipmilan</c>.</summary>
    public required string Agent { get; init; }

    /// <summary>Parameters by name, as the agent gets them on its standard input; may hold secrets.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Nodes it can fence, each with the name or number of its plug at the device.</summary>
    public required ImmutableSortedDictionary<string, string> Plugs { get; init; }

    /// <summary>Longest time one call may take. Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait before it fires, so that two nodes do not shoot each other (RELIABILITY.md
    /// 6.2).</summary>
    public TimeSpan Delay { get; init; }
}
