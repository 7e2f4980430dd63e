using System.Diagnostics;

namespace Ha.Api.Problems;

/// <summary>An answer that is not a success.</summary>
internal sealed record ProblemResult(ProblemType Type, string Detail) : IResult, IStatusCodeHttpResult
{
    public const string MediaType = "application/problem+json";

    public ImmutableArray<ProblemError> Errors { get; init; } = [];

    /// <summary>Another status than the type's own; only for statuses that have no type.</summary>
    public int? OtherStatus { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public int? StatusCode => OtherStatus ?? Type.Status;

    public static ProblemResult Malformed(params ImmutableArray<ProblemError> errors) =>
        new(ProblemType.MalformedRequest, string.Join(' ', errors.Select(e => $"{e.Pointer}: {e.Detail}")))
        {
            Errors = errors,
        };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = OtherStatus ?? Type.Status;
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString();
        var problem = new Problem
        {
            Type = Type.Uri,
            Title = Type.Title,
            Status = response.StatusCode,
            Code = Type.Code,
            Detail = Detail,
            Instance = httpContext.Request.Path,
            TraceId = Activity.Current?.TraceId.ToHexString() ?? httpContext.TraceIdentifier,
            Retryable = Type.Retryable,
            Errors = Errors,
        };
        await response.WriteAsJsonAsync(problem, ApiJson.Readable.Problem, MediaType, httpContext.RequestAborted);
    }
}
