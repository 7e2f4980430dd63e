using System.Globalization;
using Ha.Core.Resources;

namespace Ha.Agent.Haproxy;

/// <summary>An HAProxy as configured: <c>builtin:haproxy</c>.</summary>
internal sealed record HaproxySettings
{
    /// <summary>Main configuration file.</summary>
    public required string Config { get; init; }

    /// <summary>The program.</summary>
    public required string Binary { get; init; }

    /// <summary>Socket of its master. By this path all its processes are known.</summary>
    public required string Socket { get; init; }

    /// <summary>What is asked for through it; null: nothing.</summary>
    public HaproxyCheckUrl? CheckUrl { get; init; }

    /// <summary>Time between two looks at it.</summary>
    public TimeSpan CheckInterval { get; init; } =
        TimeSpan.FromMilliseconds(HaproxyParameters.CheckInterval.Preset);

    /// <summary>How long an answer may take.</summary>
    public TimeSpan CheckTimeout { get; init; } = TimeSpan.FromMilliseconds(HaproxyParameters.CheckTimeout.Preset);

    /// <summary>How long sessions may go on at a stop.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(HaproxyParameters.StopGrace.Preset);

    /// <summary>Whether a resource is one of these.</summary>
    public static bool Knows(ResourceDefinition definition) => definition is { Class: "builtin", Type: "haproxy" };

    /// <summary>Reads a resource's definition; null when it makes no sense, with the problem in words.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="socketDirectory">Where its socket is unless it is configured.</param>
    /// <param name="problem">What is wrong, without a full stop.</param>
    public static HaproxySettings? Read(ResourceDefinition resource, string socketDirectory, out string problem)
    {
        var values = resource.Parameters;
        string? Text(string name) => values.GetValueOrDefault(name)?.Trim() is { Length: > 0 } text ? text : null;
        problem = "";
        if (values.Keys.FirstOrDefault(static name => !HaproxyParameters.Names.Contains(name)) is { } stranger)
        {
            problem = $"builtin:haproxy has no parameter '{stranger}'; "
                + $"it has {string.Join(", ", HaproxyParameters.Names)}";
            return null;
        }

        var socket = Text(HaproxyParameters.Socket) ?? Path.Combine(socketDirectory, FileName(resource.Id) + ".sock");
        var url = Text(HaproxyParameters.CheckUrl);
        var settings = new HaproxySettings
        {
            Config = Text(HaproxyParameters.Config) ?? HaproxyParameters.DefaultConfig,
            Binary = Text(HaproxyParameters.Binary) ?? HaproxyParameters.DefaultBinary,
            Socket = socket,
            CheckUrl = url is null ? null : HaproxyParameters.ReadUrl(url),
            CheckInterval = TimeSpan.FromMilliseconds(Number(HaproxyParameters.CheckInterval, ref problem)),
            CheckTimeout = TimeSpan.FromMilliseconds(Number(HaproxyParameters.CheckTimeout, ref problem)),
            StopGrace = TimeSpan.FromSeconds(Number(HaproxyParameters.StopGrace, ref problem)),
        };
        if (new[] { settings.Config, settings.Binary, socket }.FirstOrDefault(static path =>
            !HaproxyParameters.IsPath(path)) is { } bad) problem = $"'{bad}' is not an absolute path";
        if (socket.Length > HaproxyParameters.LongestSocket)
        {
            problem = $"the path of the socket, {socket}, has more than {HaproxyParameters.LongestSocket} characters; "
                + "set the parameter socket";
        }

        if (url is not null && settings.CheckUrl is null)
            problem = $"check_url '{url}' is not http://ADDRESS:PORT/PATH with an address in digits";
        return problem.Length == 0 ? settings : null;

        int Number(WholeNumber number, ref string wrong)
        {
            if (Text(number.Name) is not { } text) return number.Preset;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value >= number.Least && value <= number.Most) return value;
            wrong = $"{number.Name} '{text}' is not a whole number from {number.Least} to {number.Most}";
            return number.Preset;
        }
    }

    // Ids of resources may hold what paths may not.
    private static string FileName(string id) =>
        string.Concat(id.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
}
