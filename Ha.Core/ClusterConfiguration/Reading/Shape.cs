namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>
/// What a value of the document may look like. One description serves the reader and the published JSON Schema, so
/// that they cannot disagree.
/// </summary>
internal abstract record Shape;

/// <summary>An object with known members.</summary>
/// <param name="Name">Its name in the schema.</param>
/// <param name="Members">Members in the order in which they are written.</param>
internal sealed record ObjectShape(string Name, ImmutableArray<MemberShape> Members) : Shape
{
    /// <summary>Finds a member; null when there is none of that name.</summary>
    public MemberShape? Find(string name) => Members.FirstOrDefault(member => member.Name == name);
}

/// <summary>A member of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it holds.</param>
/// <param name="Meaning">What it means, for the schema.</param>
/// <param name="Required">Whether it must be there.</param>
internal sealed record MemberShape(string Name, Shape Value, string Meaning, bool Required = false);

/// <summary>An object that contains itself (rules): found by name when it is needed.</summary>
/// <param name="Name">Name of the object.</param>
/// <param name="Find">Finds it.</param>
internal sealed record ReferenceShape(string Name, Func<ObjectShape> Find) : Shape;

/// <summary>A list.</summary>
/// <param name="Item">What it holds.</param>
/// <param name="Least">Fewest items.</param>
/// <param name="Most">Most items.</param>
internal sealed record ListShape(Shape Item, int Least, int Most) : Shape;

/// <summary>Names with texts.</summary>
/// <param name="Key">What a name looks like.</param>
/// <param name="Value">What a text looks like.</param>
/// <param name="Least">Fewest names.</param>
/// <param name="Most">Most names.</param>
internal sealed record NamesShape(TextShape Key, TextShape Value, int Least, int Most) : Shape;

/// <summary>A text.</summary>
/// <param name="What">What it is, for messages: <c>an id</c>.</param>
/// <param name="Advice">What to write, for messages.</param>
/// <param name="Pattern">Regular expression that matches what is allowed, in the subset that ECMA 262 shares.</param>
/// <param name="Longest">Most characters.</param>
/// <param name="IsGood">Whether a text that is not too long is allowed: exactly what the pattern matches.</param>
internal sealed record TextShape(string What, string Advice, string Pattern, int Longest, Func<string, bool> IsGood)
    : Shape;

/// <summary>One of some words.</summary>
/// <param name="Words">The words.</param>
internal sealed record WordShape(ImmutableArray<string> Words) : Shape
{
    /// <summary>The members of an enum, in camel case.</summary>
    public static WordShape Of<TEnum>() where TEnum : struct, Enum =>
        new([.. Enum.GetNames<TEnum>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName)]);
}

/// <summary>True or false.</summary>
internal sealed record FlagShape : Shape;

/// <summary>A whole number.</summary>
/// <param name="Least">Least.</param>
/// <param name="Most">Greatest.</param>
internal sealed record NumberShape(long Least, long Most) : Shape;

/// <summary>A whole number between minus and plus 999,999, or INFINITY with a sign.</summary>
/// <param name="CanBeNegative">Whether it may be less than 0.</param>
internal sealed record ScoreShape(bool CanBeNegative) : Shape;

/// <summary>A length of time.</summary>
/// <param name="Least">Shortest.</param>
/// <param name="Most">Longest.</param>
internal sealed record DurationShape(TimeSpan Least, TimeSpan Most) : Shape;

/// <summary>A moment in ISO 8601 with its offset from UTC.</summary>
internal sealed record MomentShape : Shape;
