using Ha.Api.Webhooks;

namespace Ha.Api;

/// <summary>
/// Where things are and how much is kept: section <c>Api</c> of the configuration, and the command line.
/// </summary>
internal sealed class ApiOptions
{
    public string RuntimeDirectory { get; set; } = "/run/ha-appliance";

    public string StateDirectory { get; set; } = "/var/lib/ha-appliance";

    /// <summary>A file with the token, for clusters whose nodes share one; null: generated at first start.</summary>
    public string? TokenFile { get; set; }

    /// <summary>Events kept at most; the oldest go first.</summary>
    public int HistoryEvents { get; set; } = 1_000_000;

    /// <summary>Days an event or operation is kept at most.</summary>
    public int HistoryDays { get; set; } = 400;

    /// <summary>Requests per second that one token, or one address without a token, may make in the long run.</summary>
    public int RequestsPerSecond { get; set; } = 50;

    /// <summary>Requests that may come at once before the rate counts.</summary>
    public int RequestBurst { get; set; } = 100;

    /// <summary>Section <c>Webhooks</c>.</summary>
    public WebhookOptions Webhooks { get; set; } = new();

    /// <summary>What is this process' own under the state directory; mode 0700.</summary>
    public string OwnDirectory => Path.Combine(StateDirectory, "api");

    public string OwnFile(string name) => Path.Combine(OwnDirectory, name);

    /// <summary>Everything that is wrong with the options, each with its key; empty when nothing is.</summary>
    public IEnumerable<string> Errors()
    {
        if (!Path.IsPathRooted(RuntimeDirectory)) yield return "--runtime-dir has to be an absolute path.";
        if (!Path.IsPathRooted(StateDirectory)) yield return "--state-dir has to be an absolute path.";
        if (HistoryEvents is < 1000 or > 100_000_000) yield return "Api:HistoryEvents has to be 1,000 to 100,000,000.";
        if (HistoryDays is < 1 or > 36_500) yield return "Api:HistoryDays has to be 1 to 36,500.";
        if (RequestsPerSecond is < 1 or > 100_000) yield return "Api:RequestsPerSecond has to be 1 to 100,000.";
        if (RequestBurst is < 1 or > 100_000) yield return "Api:RequestBurst has to be 1 to 100,000.";
        foreach (var error in Webhooks.Errors()) yield return error;
    }
}
