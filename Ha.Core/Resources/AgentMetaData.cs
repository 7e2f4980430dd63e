namespace Ha.Core.Resources;

/// <summary>What an OCF resource agent says about itself (<c>meta-data</c>, API 1.0 and 1.1).</summary>
public sealed record AgentMetaData
{
    /// <summary>Its name, for example <c>Filesystem</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its version; may be empty.</summary>
    public string Version { get; init; } = "";

    /// <summary>One line about what it controls; may be empty.</summary>
    public string ShortDescription { get; init; } = "";

    /// <summary>What it controls and how, in one or more paragraphs; may be empty.</summary>
    public string LongDescription { get; init; } = "";

    /// <summary>Its parameters, in its own order; names are unique.</summary>
    public ImmutableArray<AgentParameter> Parameters { get; init; } = [];

    /// <summary>Its actions with advised times, in its own order.</summary>
    public ImmutableArray<AgentAction> Actions { get; init; } = [];

    /// <summary>The parameter of a name; null when there is none.</summary>
    public AgentParameter? Find(string name) =>
        Parameters.FirstOrDefault(parameter => string.Equals(parameter.Name, name, StringComparison.Ordinal));

    /// <summary>Advised least timeout of an action; null when none is advised.</summary>
    /// <param name="action"><c>start</c>, <c>stop</c> or <c>monitor</c>.</param>
    /// <param name="depth">How thoroughly a monitor looks.</param>
    public TimeSpan? AdvisedTimeout(string action, int depth = 0) => Actions
        .Where(known => known.Depth == depth && string.Equals(known.Name, action, StringComparison.Ordinal))
        .Max(static known => known.Timeout);
}

/// <summary>A parameter of an agent.</summary>
public sealed record AgentParameter
{
    /// <summary>Its name; agents get it as <c>OCF_RESKEY_name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>True when a resource must set it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>True when no two resources of the cluster may have the same value.</summary>
    public bool IsUnique { get; init; }

    /// <summary>True when a newer one should be used instead.</summary>
    public bool IsDeprecated { get; init; }

    /// <summary>What its value is.</summary>
    public AgentParameterKind Kind { get; init; }

    /// <summary>The value when a resource sets none; null when the agent names none.</summary>
    public string? Default { get; init; }

    /// <summary>Allowed values of a <see cref="AgentParameterKind.Choice"/>.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>One line about it; may be empty.</summary>
    public string ShortDescription { get; init; } = "";

    /// <summary>All about it; may be empty.</summary>
    public string LongDescription { get; init; } = "";
}

/// <summary>What the value of an agent's parameter is.</summary>
public enum AgentParameterKind
{
    /// <summary>Any text.</summary>
    Text = 0,

    /// <summary>A whole number.</summary>
    Integer = 1,

    /// <summary>Yes or no.</summary>
    Boolean = 2,

    /// <summary>One of <see cref="AgentParameter.Choices"/>.</summary>
    Choice = 3,

    /// <summary>A time, for example <c>10s</c>.</summary>
    Duration = 4,

    /// <summary>A percentage.</summary>
    Percentage = 5,
}

/// <summary>An action of an agent.</summary>
/// <param name="Name"><c>start</c>, <c>stop</c>, <c>monitor</c>, <c>validate-all</c>, …</param>
/// <param name="Timeout">Advised least timeout; null when none is advised.</param>
/// <param name="Interval">Advised interval of a monitor; null when none is advised.</param>
/// <param name="Depth">How thoroughly a monitor looks (<c>OCF_CHECK_LEVEL</c>).</param>
/// <param name="Role"><c>Promoted</c>, <c>Unpromoted</c>, or Heartbeat's older words; null when any.</param>
public sealed record AgentAction(string Name, TimeSpan? Timeout, TimeSpan? Interval, int Depth, string? Role);
