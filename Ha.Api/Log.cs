namespace Ha.Api;

/// <summary>Everything this program logs. Event ids are append-only: operators alert on them.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Connected to the agent on {Path}.")]
    public static partial void AgentConnected(this ILogger log, string path);

    [LoggerMessage(2, LogLevel.Warning,
        "The agent does not answer on {Path}: {Reason}. Shown state is old and commands are refused until it is back.")]
    public static partial void AgentLost(this ILogger log, string path, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Reading the journal into {Sink} is held up, it goes on by itself: {Reason}")]
    public static partial void JournalHeldUp(this ILogger log, string sink, string reason);

    [LoggerMessage(11, LogLevel.Information, "Reading the journal into {Sink} goes on.")]
    public static partial void JournalGoesOn(this ILogger log, string sink);

    [LoggerMessage(12, LogLevel.Warning,
        "The agent's journal is not the one {Sink} followed (position {Position} holds another event): " +
        "reading it from its start.")]
    public static partial void JournalRestarted(this ILogger log, string sink, long position);

    [LoggerMessage(13, LogLevel.Warning,
        "The agent's journal no longer has the events after position {Position}; " +
        "{Sink} goes on with the oldest that is left.")]
    public static partial void JournalRotated(this ILogger log, string sink, long position);

    [LoggerMessage(20, LogLevel.Information, "Made a new database {Path}.")]
    public static partial void DatabaseCreated(this ILogger log, string path);

    [LoggerMessage(21, LogLevel.Warning, "Database {Path} was removed or replaced while in use: making it anew.")]
    public static partial void DatabaseGone(this ILogger log, string path);

    [LoggerMessage(22, LogLevel.Error,
        "Database {Path} is damaged ({Reason}): moved aside to {Aside}, making it anew.")]
    public static partial void DatabaseDamaged(this ILogger log, string path, string reason, string aside);

    [LoggerMessage(23, LogLevel.Warning, "Operations cannot be kept in the database, they stay in memory: {Reason}")]
    public static partial void OperationsNotKept(this ILogger log, string reason);

    [LoggerMessage(24, LogLevel.Warning,
        "An idempotency key cannot be kept ({Reason}): a repeated request is still carried out once, " +
        "but a changed body goes unnoticed.")]
    public static partial void IdempotencyNotKept(this ILogger log, string reason);

    [LoggerMessage(30, LogLevel.Information, "TLS certificate {Path}, SHA-256 fingerprint {Fingerprint}.")]
    public static partial void CertificateLoaded(this ILogger log, string path, string fingerprint);

    [LoggerMessage(31, LogLevel.Warning,
        "Listening without TLS on {Address}: tokens can be read by everyone on the way.")]
    public static partial void ListeningWithoutTls(this ILogger log, string address);

    [LoggerMessage(32, LogLevel.Warning, "A request from {Address} had no valid token ({Path}).")]
    public static partial void TokenRefused(this ILogger log, string address, string path);

    [LoggerMessage(33, LogLevel.Information, "The API token was replaced; the old one is no longer accepted.")]
    public static partial void TokenReplaced(this ILogger log);

    [LoggerMessage(34, LogLevel.Error, "The API token cannot be read again, the last one stays in force: {Reason}")]
    public static partial void TokenUnreadable(this ILogger log, string reason);

    [LoggerMessage(35, LogLevel.Warning, "TLS certificate {Path} cannot be used ({Reason}): made a new one.")]
    public static partial void CertificateRenewed(this ILogger log, string path, string reason);

    [LoggerMessage(40, LogLevel.Error, "Request {Method} {Path} ended in an unexpected error.")]
    public static partial void RequestFailed(this ILogger log, Exception error, string method, string path);

    [LoggerMessage(41, LogLevel.Information, "{Actor} asked for {Command}: {Outcome}")]
    public static partial void CommandAnswered(this ILogger log, string actor, string command, string outcome);

    [LoggerMessage(50, LogLevel.Warning, "Webhook {Id}: delivery of {Message} failed, attempt {Attempt}: {Reason}")]
    public static partial void WebhookFailed(this ILogger log, string id, string message, int attempt, string reason);

    [LoggerMessage(51, LogLevel.Error, "Webhook {Id}: gave up on {Message} ({Reason}); it can be sent again by hand.")]
    public static partial void WebhookDead(this ILogger log, string id, string message, string reason);

    [LoggerMessage(52, LogLevel.Warning, "Webhook {Id} was disabled: its receiver answered 410 Gone.")]
    public static partial void WebhookGone(this ILogger log, string id);

    [LoggerMessage(53, LogLevel.Error, "Sending webhooks is held up, it goes on by itself: {Reason}")]
    public static partial void WebhooksHeldUp(this ILogger log, string reason);
}
