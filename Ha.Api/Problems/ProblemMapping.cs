using System.Text.Json;
using Ha.Api.Agent;
using Ha.Api.Storage;

namespace Ha.Api.Problems;

/// <summary>From what went wrong to what the client reads.</summary>
internal static class ProblemMapping
{
    private static readonly TimeSpan BusyRetry = TimeSpan.FromSeconds(2);

    public static ProblemResult ToProblem(this CommandRejection rejection)
    {
        var type = rejection.Code switch
        {
            RejectionCode.UnknownNode => ProblemType.UnknownNode,
            RejectionCode.UnknownGroup => ProblemType.UnknownGroup,
            RejectionCode.NodeNotOnline => ProblemType.NodeNotOnline,
            RejectionCode.NodeInStandby => ProblemType.NodeInStandby,
            RejectionCode.NoOtherNode => ProblemType.NoOtherNode,
            RejectionCode.WrongBelief => ProblemType.WrongBelief,
            RejectionCode.NotReady => ProblemType.NotReady,
            RejectionCode.Malformed => ProblemType.MalformedRequest,
            RejectionCode.Busy => ProblemType.Busy,
            RejectionCode.Blocked => ProblemType.Blocked,
            RejectionCode.VersionConflict => ProblemType.VersionConflict,
            RejectionCode.InvalidConfiguration => ProblemType.InvalidConfiguration,
            RejectionCode.UnknownVersion => ProblemType.UnknownVersion,
            RejectionCode.UnknownResource => ProblemType.UnknownResource,
            RejectionCode.WrongResourceType => ProblemType.WrongResourceType,
            RejectionCode.TooManyIntents => ProblemType.TooManyIntents,
            RejectionCode.ConfigurationDrift => ProblemType.ConfigurationDrift,
        };
        return new ProblemResult(type, rejection.Detail)
        {
            Errors = rejection.Errors,
            RetryAfter = rejection.Code == RejectionCode.Busy ? BusyRetry : null,
        };
    }

    public static ProblemResult ToProblem(this AgentUnavailableException error) => new(error.Fault switch
    {
        AgentFault.NotRunning => ProblemType.AgentNotRunning,
        AgentFault.NoAnswer => ProblemType.AgentNoAnswer,
        AgentFault.Refused => ProblemType.AgentRefused,
    }, error.Message);

    /// <summary>
    /// The problem for an exception that reached the root of a request; null: unexpected, to be logged.
    /// </summary>
    public static ProblemResult? ForException(Exception error) => error switch
    {
        AgentUnavailableException agent => agent.ToProblem(),
        BadHttpRequestException request => ForBadRequest(request),
        _ when SqliteFault.IsStorageFault(error) => new ProblemResult(ProblemType.StorageUnavailable,
            "The database of this node's API cannot be used now; ask again in a moment, or ask another node."),
        _ => null,
    };

    /// <summary>The problem for a status that the framework answered with, without a body.</summary>
    public static ProblemResult ForStatus(int status) => status switch
    {
        400 => new ProblemResult(ProblemType.MalformedRequest, "The request cannot be read."),
        401 => new ProblemResult(ProblemType.Unauthorized, ProblemType.Unauthorized.Help),
        403 => new ProblemResult(ProblemType.Forbidden, ProblemType.Forbidden.Help),
        404 => new ProblemResult(ProblemType.NotFound, ProblemType.NotFound.Help),
        405 => new ProblemResult(ProblemType.MethodNotAllowed, ProblemType.MethodNotAllowed.Help),
        413 => new ProblemResult(ProblemType.TooLarge, ProblemType.TooLarge.Help),
        415 => new ProblemResult(ProblemType.UnsupportedMediaType, ProblemType.UnsupportedMediaType.Help),
        429 => new ProblemResult(ProblemType.TooManyRequests, ProblemType.TooManyRequests.Help),
        500 => new ProblemResult(ProblemType.InternalError, ProblemType.InternalError.Help),
        _ => new ProblemResult(ProblemType.OtherError, $"The request ended with status {status}.")
        {
            OtherStatus = status,
        },
    };

    private static ProblemResult ForBadRequest(BadHttpRequestException error) => error switch
    {
        { StatusCode: not 400 } => ForStatus(error.StatusCode),
        { InnerException: JsonException json } => ProblemResult.Malformed(
            [new ProblemError(ToPointer(json.Path), Explain(json))]),
        _ => new ProblemResult(ProblemType.MalformedRequest,
            "The request cannot be read: " + (error.Message.Contains("body was not provided", StringComparison.Ordinal)
                ? "it needs a JSON body." : "its form is wrong.")),
    };

    /// <summary>The serialiser's sentences name our types; the client needs its own words.</summary>
    private static string Explain(JsonException error)
    {
        const string Missing = "missing required properties including: ";
        if (error.Message.IndexOf(Missing, StringComparison.Ordinal) is var at and >= 0)
            return $"Required but missing: {error.Message[(at + Missing.Length)..].Split(". ")[0].TrimEnd('.')}.";
        if (error.Message.Contains("could not be mapped", StringComparison.Ordinal)) return "There is no such field.";
        if (error.Message.Contains("could not be converted", StringComparison.Ordinal))
            return "This value is not accepted here.";
        return "This is not valid JSON.";
    }

    /// <summary>From the serialiser's path (<c>$.a[0]</c>) to a JSON pointer (<c>/a/0</c>).</summary>
    internal static string ToPointer(string? path) => path is null or "$"
        ? ""
        : path[1..].Replace("['", "/", StringComparison.Ordinal).Replace("']", "", StringComparison.Ordinal)
            .Replace('.', '/').Replace('[', '/').Replace("]", "", StringComparison.Ordinal);
}
