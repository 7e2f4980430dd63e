using System.Globalization;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.History;

/// <summary>Query parameters of the event list as they come in. A repeated parameter means one or the other.</summary>
internal sealed record EventQueryText(
    string[]? Kind, string[]? Severity, string[]? Node, string[]? Subject, string? From, string? To, string? Q,
    string? Order, string? Cursor, string? Limit)
{
    public static readonly KnownQuery Known = new(
    [
        new("kind", "Only events of one of these kinds.", QueryWords.Of<EventKind>()),
        new("severity", "Only events of one of these severities.", QueryWords.Of<EventSeverity>()),
        new("node", "Only events that one of these nodes saw."),
        new("subject", "Only events about one of these nodes, links, groups or resources."),
        new("from", "Only events at or after this time (RFC 3339)."),
        new("to", "Only events before this time (RFC 3339)."),
        new("q", "Only events with this text in sentence or subject, upper and lower case alike."),
        new("order", "Which come first; default newest.", ["newest", "oldest"]),
        KnownParameter.Cursor,
        KnownParameter.Limit(EventQuery.DefaultLimit, EventQuery.MaxLimit),
    ]);
}

/// <summary>A valid query for events.</summary>
internal sealed record EventQuery
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 500;
    private const int MaxWords = 50;

    public required ImmutableArray<EventKind> Kinds { get; init; }
    public required ImmutableArray<EventSeverity> Severities { get; init; }
    public required ImmutableArray<string> Nodes { get; init; }
    public required ImmutableArray<string> Subjects { get; init; }
    public required DateTimeOffset? From { get; init; }
    public required DateTimeOffset? To { get; init; }
    public required string? Search { get; init; }
    public required bool OldestFirst { get; init; }
    public required EventCursor? Cursor { get; init; }
    public required int Limit { get; init; }

    /// <summary>The query, or everything that is wrong with it.</summary>
    public static (EventQuery? Query, ImmutableArray<ProblemError> Errors) Parse(EventQueryText text)
    {
        var errors = ImmutableArray.CreateBuilder<ProblemError>();
        var query = new EventQuery
        {
            Kinds = QueryWords.Parse<EventKind>(text.Kind, "?kind", errors),
            Severities = QueryWords.Parse<EventSeverity>(text.Severity, "?severity", errors),
            Nodes = Words(text.Node, "?node", errors),
            Subjects = Words(text.Subject, "?subject", errors),
            From = Time(text.From, "?from", errors),
            To = Time(text.To, "?to", errors),
            Search = text.Q is { Length: > 0 } ? text.Q : null,
            OldestFirst = text.Order == "oldest",
            Cursor = EventCursor.Parse(text.Cursor, errors),
            Limit = QueryWords.Limit(text.Limit, DefaultLimit, MaxLimit, errors),
        };
        if (text.Q is { Length: > Text.MaxId }) errors.Add(new("?q", $"At most {Text.MaxId} characters."));
        if (text.Order is not (null or "newest" or "oldest")) errors.Add(new("?order", "One of: newest, oldest."));
        return errors.Count == 0 ? (query, []) : (null, errors.ToImmutable());
    }

    public IQueryable<EventRow> Apply(IQueryable<EventRow> rows)
    {
        if (!Kinds.IsEmpty) rows = rows.Where(row => Kinds.ToArray().Contains(row.Kind));
        if (!Severities.IsEmpty) rows = rows.Where(row => Severities.ToArray().Contains(row.Severity));
        if (!Nodes.IsEmpty) rows = rows.Where(row => Nodes.ToArray().Contains(row.Node));
        if (!Subjects.IsEmpty) rows = rows.Where(row => Subjects.ToArray().Contains(row.Subject));
        if (From?.ToMicroseconds() is { } from) rows = rows.Where(row => row.AtMicroseconds >= from);
        if (To?.ToMicroseconds() is { } to) rows = rows.Where(row => row.AtMicroseconds < to);
        if (Search is not null)
        {
            var pattern = $"%{Search.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
            rows = rows.Where(row =>
                EF.Functions.Like(row.Sentence, pattern, @"\") || EF.Functions.Like(row.Subject, pattern, @"\"));
        }
        if (Cursor is { RowId: var last })
            rows = OldestFirst ? rows.Where(row => row.RowId > last) : rows.Where(row => row.RowId < last);
        return OldestFirst ? rows.OrderBy(row => row.RowId) : rows.OrderByDescending(row => row.RowId);
    }

    private static ImmutableArray<string> Words(
        string[]? values, string pointer, ImmutableArray<ProblemError>.Builder errors)
    {
        if (values is { Length: > MaxWords } || values?.Any(value => value.Length is 0 or > Text.MaxId) == true)
            errors.Add(new(pointer, $"At most {MaxWords} values of 1 to {Text.MaxId} characters."));
        return values is null ? [] : [.. values];
    }

    private static DateTimeOffset? Time(string? text, string pointer, ImmutableArray<ProblemError>.Builder errors)
    {
        if (text is null) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        errors.Add(new(pointer, "A time in RFC 3339, for example 2026-11-22T03:00:00Z."));
        return null;
    }
}

/// <summary>Where a page of events ended: a row, in one life of the database.</summary>
internal sealed record EventCursor(string Epoch, long RowId)
{
    public static EventCursor? Parse(string? text, ImmutableArray<ProblemError>.Builder errors)
    {
        if (text is null) return null;
        if (text.Split('-') is [{ Length: 8 } epoch, var row]
            && long.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var rowId))
            return new(epoch, rowId);
        errors.Add(new("?cursor", "Take the cursor from 'nextLink' of a page."));
        return null;
    }

    public override string ToString() => $"{Epoch}-{RowId}";
}
