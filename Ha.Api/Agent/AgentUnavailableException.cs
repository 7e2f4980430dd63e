namespace Ha.Api.Agent;

/// <summary>
/// The agent could not be asked, or did not answer. The root of each request turns it into a problem.
/// </summary>
internal sealed class AgentUnavailableException(AgentFault fault, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public AgentFault Fault { get; } = fault;
}

/// <summary>Why the agent did not answer.</summary>
internal enum AgentFault
{
    /// <summary>Nobody listens on its socket: nothing was done.</summary>
    NotRunning,

    /// <summary>The request was sent and no answer came: it is unknown whether it was carried out.</summary>
    NoAnswer,

    /// <summary>It answered that the request cannot be read: the two programs do not fit together.</summary>
    Refused,
}
