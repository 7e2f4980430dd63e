namespace Ha.Api.Webhooks;

/// <summary>Section <c>Webhooks</c> of the configuration.</summary>
internal sealed class WebhookOptions
{
    /// <summary>Receivers on private networks are the usual case for an appliance.</summary>
    public bool AllowPrivateNetworks { get; set; } = true;

    /// <summary>Receivers on this machine: off, they could reach what is meant for this machine alone.</summary>
    public bool AllowLoopback { get; set; }

    /// <summary>Wait before the first retry, ms; it doubles from then on.</summary>
    public int FirstRetryMs { get; set; } = 1000;

    /// <summary>Longest wait between two attempts, seconds.</summary>
    public int LongestRetrySeconds { get; set; } = 15 * 60;

    /// <summary>A message is given up this long after it was put into the outbox, seconds.</summary>
    public int GiveUpAfterSeconds { get; set; } = 24 * 60 * 60;

    /// <summary>How long an attempt may take, seconds.</summary>
    public int AttemptSeconds { get; set; } = 10;

    /// <summary>
    /// A node that is not the coordinator keeps the events of the last seconds back, and sends them when it becomes the
    /// coordinator: longer than it takes to notice the death of the old one.
    /// </summary>
    public int OverlapSeconds { get; set; } = 120;

    public IEnumerable<string> Errors()
    {
        if (FirstRetryMs is < 1 or > 600_000) yield return "Webhooks:FirstRetryMs has to be 1 to 600,000.";
        if (LongestRetrySeconds is < 1 or > 86_400) yield return "Webhooks:LongestRetrySeconds has to be 1 to 86,400.";
        if (GiveUpAfterSeconds is < 1 or > 864_000) yield return "Webhooks:GiveUpAfterSeconds has to be 1 to 864,000.";
        if (AttemptSeconds is < 1 or > 120) yield return "Webhooks:AttemptSeconds has to be 1 to 120.";
        if (OverlapSeconds is < 0 or > 3600) yield return "Webhooks:OverlapSeconds has to be 0 to 3,600.";
    }
}
