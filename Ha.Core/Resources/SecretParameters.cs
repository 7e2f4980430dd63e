namespace Ha.Core.Resources;

/// <summary>Parameters whose values nobody must read: they are known by their names.</summary>
public static class SecretParameters
{
    /// <summary>Stands where a secret was.</summary>
    public const string Hidden = "***";

    /// <summary>Shorter values are found as whole words only: otherwise they would blot out half of a text.</summary>
    private const int ShortestPart = 4;

    private static readonly string[] Words = ["pass", "secret", "token", "key"];

    /// <summary>Whether the value of a parameter of this name is a secret.</summary>
    public static bool IsSecret(string name) =>
        Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>A text without the values of a resource's secret parameters.</summary>
    /// <param name="text">For example what a program printed.</param>
    /// <param name="parameters">Parameters of the resource.</param>
    public static string Hide(string text, ImmutableSortedDictionary<string, string> parameters)
    {
        if (text.Length == 0) return text;
        // The longest first: one secret may be the begin of another.
        foreach (var value in parameters.Where(static one => IsSecret(one.Key)).Select(static one => one.Value)
            .OrderByDescending(static value => value.Length).ThenBy(static value => value, StringComparer.Ordinal))
        {
            if (value.Length >= ShortestPart) text = text.Replace(value, Hidden, StringComparison.Ordinal);
            else if (value.Length > 0) text = HideWord(text, value);
        }

        return text;
    }

    private static string HideWord(string text, string word)
    {
        for (var at = 0; (at = text.IndexOf(word, at, StringComparison.Ordinal)) >= 0;)
        {
            var end = at + word.Length;
            var whole = (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
                && (end == text.Length || !char.IsLetterOrDigit(text[end]));
            if (whole) text = string.Concat(text.AsSpan(0, at), Hidden, text.AsSpan(end));
            at += whole ? Hidden.Length : 1;
        }

        return text;
    }
}
