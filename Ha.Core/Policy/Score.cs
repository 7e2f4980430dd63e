namespace Ha.Core.Policy;

/// <summary>Placement scores as Pacemaker counts them: whole numbers that saturate; minus infinity wins over plus
/// infinity.</summary>
public static class Score
{
    /// <summary>Always.</summary>
    public const int Infinity = 1_000_000;

    /// <summary>Weight of the node a haresources line names.</summary>
    public const int Preferred = 100;

    /// <summary>Weight of staying where it runs when failback is on: breaks ties, never beats a preference.</summary>
    public const int Stay = 1;

    /// <summary>Adds two scores.</summary>
    public static int Add(int a, int b)
    {
        if (a <= -Infinity || b <= -Infinity) return -Infinity;
        if (a >= Infinity || b >= Infinity) return Infinity;
        return Math.Clamp(a + b, -Infinity, Infinity);
    }

    /// <summary>Reads a score: a whole number or <c>INFINITY</c> with a sign; null for anything else.</summary>
    public static int? TryParse(string text) => text.Trim() switch
    {
        "INFINITY" or "+INFINITY" or "infinity" or "+infinity" => Infinity,
        "-INFINITY" or "-infinity" => -Infinity,
        "red" => -Infinity,
        "yellow" => 0,
        "green" => 0,
        var number when long.TryParse(number, out var value) => (int)Math.Clamp(value, -Infinity, Infinity),
        _ => null,
    };
}
