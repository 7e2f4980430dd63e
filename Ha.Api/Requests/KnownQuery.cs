using Ha.Api.Problems;

namespace Ha.Api.Requests;

/// <summary>Endpoint metadata: the query parameters that an endpoint knows.</summary>
internal sealed record KnownQuery(ImmutableArray<string> Names)
{
    private static readonly KnownQuery None = new([]);

    /// <summary>Refuses parameters that nobody reads: a filter with a typing mistake must not look like an answer.</summary>
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var known = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<KnownQuery>() ?? None;
        var accepted = known.Names.IsEmpty ? "None is accepted here." : $"Accepted are: {string.Join(", ", known.Names)}.";
        ImmutableArray<ProblemError> errors =
        [
            .. request.Query.Keys.Where(key => !known.Names.Contains(key))
                .Select(key => new ProblemError("?" + key, $"There is no such parameter. {accepted}")),
        ];
        return errors.IsEmpty ? await next(context) : ProblemResult.Malformed(errors);
    }
}
