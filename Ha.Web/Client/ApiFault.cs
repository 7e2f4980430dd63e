using System.Net;
using System.Net.Sockets;

namespace Ha.Web.Client;

/// <summary>Why an API did not do what it was asked, for the person at the screen.</summary>
/// <param name="Kind">What went wrong, for the program.</param>
/// <param name="Title">What went wrong, in a few words.</param>
/// <param name="Detail">What is known about it and what to do; may be empty.</param>
/// <param name="TraceId">Where to find it in the log of that API; null when unknown.</param>
public sealed record ApiFault(ApiFaultKind Kind, string Title, string Detail, string? TraceId = null)
{
    /// <summary>Both parts as one text.</summary>
    public string Sentence => Detail.Length == 0 ? Title : $"{Title}: {Detail}";

    public static ApiFault OfStatus(HttpStatusCode status, string api) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            new(ApiFaultKind.TokenRefused, "Token not accepted", $"{api} does not know this token."),
        HttpStatusCode.TooManyRequests =>
            new(ApiFaultKind.RateLimited, "Too many requests", $"{api} asks to wait before trying again."),
        HttpStatusCode.ServiceUnavailable =>
            new(ApiFaultKind.NotReady, "Cluster agent out of reach", $"{api} answers, but its ha-agent does not."),
        _ => new(ApiFaultKind.Refused, $"Status {(int)status}", $"{api} answered {(int)status}."),
    };

    public static ApiFault AgentNotRunning(string api) =>
        new(ApiFaultKind.NotReady, "Cluster agent out of reach", $"{api} answers, but ha-agent does not run there.");

    /// <summary>Says what an exception of a connection means.</summary>
    internal static ApiFault OfException(Exception error, ApiEndpoint api)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is ApiException known)
            {
                return known.Fault;
            }

            if (inner is SocketException socket)
            {
                return Unreachable(api, socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => "connection refused; is ha-api running there?",
                    SocketError.HostNotFound or SocketError.TryAgain => "the name cannot be resolved",
                    SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route to it",
                    SocketError.ConnectionReset => "the connection was reset",
                    _ => socket.Message,
                });
            }
        }

        return api.CertificateRefusal is { } refusal
            ? new ApiFault(ApiFaultKind.CertificateRefused, "Certificate not accepted", refusal)
            : Unreachable(
                api, error is OperationCanceledException ? "no answer in time" : error.GetBaseException().Message);
    }

    private static ApiFault Unreachable(ApiEndpoint api, string why) =>
        new(ApiFaultKind.Unreachable, $"{api.Name} out of reach", why);
}

/// <summary>Kinds of <see cref="ApiFault"/>.</summary>
public enum ApiFaultKind
{
    Unreachable,
    CertificateRefused,
    TokenRefused,
    RateLimited,
    NotReady,
    Refused,
    Silent,
    Closed,
}

/// <summary>An API fault on its way to the feed.</summary>
internal sealed class ApiException(ApiFault fault, Exception? inner = null) : Exception(fault.Sentence, inner)
{
    public ApiFault Fault { get; } = fault;
}
