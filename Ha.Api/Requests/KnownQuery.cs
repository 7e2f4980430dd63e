using Ha.Api.Problems;

namespace Ha.Api.Requests;

/// <summary>Endpoint metadata: the query parameters that an endpoint knows.</summary>
internal sealed record KnownQuery(ImmutableArray<KnownParameter> Parameters)
{
    private static readonly KnownQuery None = new([]);

    /// <summary>
    /// Refuses parameters that nobody reads: a filter with a typing mistake must not look like an answer.
    /// </summary>
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var known = (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<KnownQuery>() ?? None).Parameters
            .Select(parameter => parameter.Name).ToArray();
        var accepted = known.Length == 0 ? "None is accepted here." : $"Accepted are: {string.Join(", ", known)}.";
        ImmutableArray<ProblemError> errors =
        [
            .. request.Query.Keys.Where(key => !known.Contains(key))
                .Select(key => new ProblemError("?" + key, $"There is no such parameter. {accepted}")),
        ];
        return errors.IsEmpty ? await next(context) : ProblemResult.Malformed(errors);
    }
}

/// <summary>One query parameter, as the OpenAPI document shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Words">The words it takes; default: any text.</param>
/// <param name="Limits">The numbers it takes; null: it is no number.</param>
internal sealed record KnownParameter(
    string Name, string Description, ImmutableArray<string> Words = default,
    (int Least, int Most, int Usual)? Limits = null)
{
    public static readonly KnownParameter Cursor = new("cursor", "Where to go on, from 'nextLink' of the page before.");

    public static KnownParameter Limit(int usual, int most) =>
        new("limit", "Items on a page.", Limits: (1, most, usual));
}
