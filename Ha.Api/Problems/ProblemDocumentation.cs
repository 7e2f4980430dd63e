namespace Ha.Api.Problems;

/// <summary>
/// Endpoint metadata: the problems that an endpoint may answer with. The OpenAPI document lists them.
/// </summary>
internal sealed record MayAnswer(ImmutableArray<ProblemType> Types);

internal static class ProblemDocumentation
{
    /// <summary>Documents the problems of an endpoint, or of every endpoint in a group.</summary>
    public static T WithProblems<T>(this T builder, params ImmutableArray<ProblemType> types)
        where T : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new MayAnswer(types)));
        return builder;
    }
}
