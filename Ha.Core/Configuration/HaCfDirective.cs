namespace Ha.Core.Configuration;

/// <summary>One directive of ha.cf: how its arguments are read and what this product does with it.</summary>
/// <param name="Name">Its name; case counts.</param>
/// <param name="Form">How the rest of the line is taken.</param>
/// <param name="Repeat">What a second value means.</param>
/// <param name="Standing">What this product does with it.</param>
/// <param name="Problem">For a directive that is not acted on: what is missing, for its one warning.</param>
/// <param name="Advice">For a directive that is not acted on: what the operator should do.</param>
/// <param name="Apply">Checks one value and takes it over. Called for every value.</param>
internal sealed record HaCfDirective(
    string Name,
    ArgumentForm Form,
    Repetition Repeat,
    DirectiveStanding Standing,
    string Problem,
    string Advice,
    Action<HaCfDraft, DirectiveValue> Apply);

/// <summary>One value of a directive.</summary>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Name">The directive.</param>
/// <param name="Text">One word, or the whole rest of the line.</param>
internal readonly record struct DirectiveValue(int Line, string Name, string Text)
{
    /// <summary>The words of a whole-line value.</summary>
    public string[] Words() => Text.Split([' ', '\t', '\r', '\f'], StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>How the rest of a line is taken.</summary>
internal enum ArgumentForm
{
    /// <summary>Each word is a value of its own.</summary>
    EachWord = 0,

    /// <summary>The whole line is one value.</summary>
    WholeLine = 1,
}

/// <summary>What a second value of the same directive means.</summary>
internal enum Repetition
{
    /// <summary>The last value counts.</summary>
    LastWins = 0,

    /// <summary>All values count.</summary>
    List = 1,

    /// <summary>An error.</summary>
    Once = 2,
}

/// <summary>What this product does with a directive.</summary>
internal enum DirectiveStanding
{
    /// <summary>It has its effect.</summary>
    ActedOn = 0,

    /// <summary>It is checked and named in one warning: a later release gives it its effect.</summary>
    NotYet = 1,

    /// <summary>It is checked and named in one warning: it concerns a part that does not exist here.</summary>
    NoEffect = 2,
}
