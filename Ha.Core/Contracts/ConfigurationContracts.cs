namespace Ha.Core.Contracts;

/// <summary>One version of the cluster configuration.</summary>
public sealed record ConfigurationView
{
    /// <summary>Its version, <c>epoch.update</c>.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of its text, in lower-case hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>Who made it.</summary>
    public required string Actor { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why, in the actor's words; may be empty.</summary>
    public required string Reason { get; init; }

    /// <summary>Its text: JSON in UTF-8. Null in lists.</summary>
    public ReadOnlyMemory<byte>? Document { get; init; }
}

/// <summary>One difference between two versions.</summary>
/// <param name="Pointer">JSON pointer: into the newer document, for what is gone into the older one.</param>
/// <param name="Old">JSON before, shortened, without secrets; null when it was not there.</param>
/// <param name="New">JSON after, likewise; null when it is gone.</param>
public sealed record ConfigurationDifference(string Pointer, string? Old, string? New);
