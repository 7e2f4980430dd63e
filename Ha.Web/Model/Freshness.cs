using Ha.Web.Client;

namespace Ha.Web.Model;

/// <summary>How far the picture can be trusted.</summary>
/// <param name="Grade">How old it is.</param>
/// <param name="Age">Time since the last sign of the agent; null when there never was one.</param>
public readonly record struct Freshness(FreshnessGrade Grade, TimeSpan? Age)
{
    /// <summary>Signs of life come each second: three missing ones are worth a look.</summary>
    public static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(3);

    /// <summary>Ten missing signs: nobody should act on this any more.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(10);

    /// <summary>True when actions may be offered.</summary>
    public bool CanAct => Grade == FreshnessGrade.Fresh;

    public string ToneClass => Grade switch
    {
        FreshnessGrade.Fresh => "tone-good",
        FreshnessGrade.Late => "tone-warning",
        FreshnessGrade.Stale => "tone-bad",
    };

    public static Freshness Of(TimeSpan? age) => age switch
    {
        null => new(FreshnessGrade.Stale, null),
        { } some when some > StaleAfter => new(FreshnessGrade.Stale, some),
        { } some when some > LateAfter => new(FreshnessGrade.Late, some),
        { } some => new(FreshnessGrade.Fresh, some),
    };

    public static Freshness Of(ClusterView view, TimeProvider time) =>
        Of(view.LastSignTimestamp is { } sign ? time.GetElapsedTime(sign) : null);
}

/// <summary>Steps of <see cref="Freshness"/>.</summary>
public enum FreshnessGrade
{
    Fresh,
    Late,
    Stale,
}
