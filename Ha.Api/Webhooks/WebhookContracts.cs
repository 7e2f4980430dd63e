namespace Ha.Api.Webhooks;

/// <summary>What a client sets of a webhook: body of POST and PUT.</summary>
internal sealed record WebhookSettings
{
    /// <summary>Where events are sent: http or https, without user name and fragment.</summary>
    public required string Url { get; init; }

    /// <summary>
    /// Key of the signature, 16 to 256 visible ASCII characters; <c>whsec_</c> and base64 as in Standard Webhooks. Null
    /// in POST: generated and shown once; null in PUT: stays as it is. Never shown again.
    /// </summary>
    public string? Secret { get; init; }

    /// <summary>False: nothing is sent and nothing is kept for later. Default true.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Only events at least this bad; default info: all.</summary>
    public EventSeverity? MinimumSeverity { get; init; }

    /// <summary>Only these kinds; none or null means all.</summary>
    public ImmutableArray<EventKind>? Kinds { get; init; }
}

/// <summary>A webhook as it is shown.</summary>
internal sealed record Webhook
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Where events are sent.</summary>
    public required string Url { get; init; }

    /// <summary>Only in the answer to the POST that generated it.</summary>
    public string? Secret { get; init; }

    /// <summary>Whether it is used.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Why it was disabled by itself; null when it was not.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>Only events at least this bad are sent.</summary>
    public required EventSeverity MinimumSeverity { get; init; }

    /// <summary>Only these kinds are sent; empty means all.</summary>
    public required ImmutableArray<EventKind> Kinds { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Messages that wait to be delivered.</summary>
    public required int Pending { get; init; }

    /// <summary>Messages that were given up and can be sent again by hand.</summary>
    public required int DeadLetters { get; init; }
}

/// <summary>One message to one receiver.</summary>
internal sealed record WebhookDelivery
{
    /// <summary>Its number; grows in the order of sending.</summary>
    public required long Id { get; init; }

    /// <summary>The header <c>webhook-id</c>: the event's id, the same from every node and at every attempt.</summary>
    public required string MessageId { get; init; }

    /// <summary>How far it is.</summary>
    public required DeliveryState State { get; init; }

    /// <summary>Attempts made.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it was put into the outbox, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>After this time it is given up, UTC.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When the last attempt ended, UTC; null before the first.</summary>
    public DateTimeOffset? LastAttemptAt { get; init; }

    /// <summary>HTTP status of the last attempt; null when there was no answer.</summary>
    public int? LastStatus { get; init; }

    /// <summary>Why the last attempt failed; null when it did not.</summary>
    public string? LastError { get; init; }
}

/// <summary>How far a message to a receiver is. May grow.</summary>
internal enum DeliveryState
{
    /// <summary>Waits, or is tried again and again.</summary>
    Pending = 0,

    /// <summary>The receiver answered 2xx.</summary>
    Delivered = 1,

    /// <summary>Given up; it can be sent again by hand.</summary>
    Dead = 2,
}

/// <summary>What came of a test message.</summary>
internal sealed record WebhookTestResult
{
    /// <summary>Whether the receiver answered 2xx.</summary>
    public required bool Delivered { get; init; }

    /// <summary>HTTP status; null when there was no answer.</summary>
    public int? Status { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Error { get; init; }

    /// <summary>How long the attempt took.</summary>
    public required long DurationMs { get; init; }
}

/// <summary>The body that a receiver gets.</summary>
internal sealed record WebhookMessage
{
    /// <summary><c>ha.event</c> or <c>ha.test</c>.</summary>
    public required string Type { get; init; }

    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The event; null in a test.</summary>
    public ClusterEvent? Data { get; init; }
}
