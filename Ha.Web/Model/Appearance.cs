namespace Ha.Web.Model;

/// <summary>How a state looks: colour, shape and word, so that none of them has to be understood alone.</summary>
/// <param name="Tone">Colour family.</param>
/// <param name="Shape">Shape of the sign.</param>
/// <param name="Text">The word beside it.</param>
/// <param name="Meaning">One sentence that explains the word.</param>
public sealed record Appearance(Tone Tone, Shape Shape, string Text, string Meaning)
{
    /// <summary>CSS class of the colour family.</summary>
    public string ToneClass => Tone switch
    {
        Tone.Good => "tone-good",
        Tone.Neutral => "tone-neutral",
        Tone.Busy => "tone-busy",
        Tone.Warning => "tone-warning",
        Tone.Bad => "tone-bad",
        Tone.Unknown => "tone-unknown",
    };
}

/// <summary>Colour families. Unknown is never drawn in the colours of good or bad.</summary>
public enum Tone
{
    Good,
    Neutral,
    Busy,
    Warning,
    Bad,
    Unknown,
}

/// <summary>Shapes of signs; each differs from the others without colour.</summary>
public enum Shape
{
    /// <summary>● running, well.</summary>
    Disc,

    /// <summary>○ at rest on purpose.</summary>
    Ring,

    /// <summary>◐ on its way.</summary>
    Half,

    /// <summary>▲ works, but something is wrong.</summary>
    Triangle,

    /// <summary>■ failed.</summary>
    Square,

    /// <summary>◇ nobody knows.</summary>
    Diamond,

    /// <summary>✕ called off, or two at once.</summary>
    Cross,

    /// <summary>✓ done.</summary>
    Check,

    /// <summary>ⓘ good to know.</summary>
    Dot,
}
