using System.Buffers;
using Ha.Api.Problems;

namespace Ha.Api.Requests;

/// <summary>
/// Limits on words that a request hands on to the agent: what is wrong is refused here and goes no further.
/// </summary>
internal static class Text
{
    public const int MaxName = 64;
    public const int MaxId = 256;
    public const int MaxReason = 512;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static ProblemError? CheckNode(string? name, string pointer) => name switch
    {
        null => null,
        { Length: 0 or > MaxName } => new(pointer, $"A node name has 1 to {MaxName} characters."),
        _ when name[0] == '-' || name.AsSpan().ContainsAnyExcept(NameCharacters) =>
            new(pointer, "A node name consists of letters, digits, '.', '_' and '-', and does not begin with '-'."),
        _ => null,
    };

    public static ProblemError? CheckId(string? id, string pointer) => id switch
    {
        null => null,
        { Length: 0 or > MaxId } => new(pointer, $"An id has 1 to {MaxId} characters."),
        _ when id[0] == '-' || id.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) =>
            new(pointer, "An id has no spaces and no control characters, and does not begin with '-'."),
        _ => null,
    };

    public static ProblemError? CheckReason(string? reason, string pointer) => reason switch
    {
        null => null,
        { Length: > MaxReason } => new(pointer, $"A reason has at most {MaxReason} characters."),
        _ when reason.Any(char.IsControl) => new(pointer, "A reason has no control characters."),
        _ => null,
    };

    public static ImmutableArray<ProblemError> Collect(params ReadOnlySpan<ProblemError?> checks)
    {
        var errors = ImmutableArray.CreateBuilder<ProblemError>();
        foreach (var error in checks)
            if (error is not null) errors.Add(error);
        return errors.ToImmutable();
    }
}
