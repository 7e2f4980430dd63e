namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Finds the known name that somebody most likely meant.</summary>
internal static class NearestName
{
    private const int LongestCompared = 64;

    /// <summary>The nearest of the known names; null when none is near.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        var plain = Plain(name);
        if (plain.Length is 0 or > LongestCompared) return null;
        string? best = null;
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            var other = Plain(candidate);
            var distance = other == plain ? 0
                // resource-stickiness, with-rsc: Pacemaker's longer and shorter words for the same.
                : plain.Length > 3 && (plain.EndsWith(other, StringComparison.Ordinal)
                    || other.EndsWith(plain, StringComparison.Ordinal)
                    || plain.StartsWith(other, StringComparison.Ordinal)
                    || other.StartsWith(plain, StringComparison.Ordinal)) ? 1
                // Letters in another order: one slip of the fingers.
                : plain.Length == other.Length && plain.Order().SequenceEqual(other.Order()) ? 1
                : Distance(plain, other);
            if (distance >= least || distance > 1 + (plain.Length / 4)) continue;
            (best, least) = (candidate, distance);
        }

        return best;
    }

    // Pacemaker writes no-quorum-policy and stop_start.
    private static string Plain(string name) =>
        string.Concat(name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    // Levenshtein's distance, row by row.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
