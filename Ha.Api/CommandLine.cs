namespace Ha.Api;

/// <summary>The command line: what to do, and settings that override files and environment.</summary>
internal sealed record CommandLine(Verb Verb, ImmutableDictionary<string, string?> Settings, string Error)
{
    public const string Usage = """
        ha-api - REST, push and history of one node

        ha-api [--urls https://0.0.0.0:8443] [--runtime-dir DIR] [--state-dir DIR] [--token-file FILE]
        ha-api token --new [--state-dir DIR]      replace the API token and print the new one

          --urls URL[;URL]    where to listen; https uses a self-signed certificate made at first start
          --runtime-dir DIR   where the agent's socket is        (default /run/ha-appliance)
          --state-dir DIR     token, certificate and databases   (default /var/lib/ha-appliance)
          --token-file FILE   take the token from this file (mode 0600), for nodes that share one
          --Section:Key=VALUE any setting of appsettings.json
        """;

    private static readonly ImmutableDictionary<string, string> Switches = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            KeyValuePair.Create("--urls", "urls"),
            KeyValuePair.Create("--runtime-dir", "Api:RuntimeDirectory"),
            KeyValuePair.Create("--state-dir", "Api:StateDirectory"),
            KeyValuePair.Create("--token-file", "Api:TokenFile"),
        ]);

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var verb = Verb.Serve;
        var settings = ImmutableDictionary.CreateBuilder<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = Split(args[i]);
            if (name is "--help" or "-h") return new(Verb.Help, ImmutableDictionary<string, string?>.Empty, "");
            if (name == "token" && i == 0) verb = Verb.NewToken;
            else if (name == "--new" && verb == Verb.NewToken && value is null) continue;
            else if (Switches.TryGetValue(name, out var key) && (value ??= Next(args, ref i)) is not null)
                settings[key] = value;
            else if (Switches.ContainsKey(name)) return Wrong($"{name} needs a value.");
            else if (name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':') && value is not null)
                settings[name[2..]] = value;
            else return Wrong($"'{args[i]}' is not known. {nameof(Usage)}: ha-api --help");
        }
        if (verb == Verb.NewToken && !args.Contains("--new")) return Wrong("'token' needs --new.");
        return new(verb, settings.ToImmutable(), "");
    }

    private static (string Name, string? Value) Split(string argument) =>
        argument.IndexOf('=') is var at and > 0 ? (argument[..at], argument[(at + 1)..]) : (argument, null);

    private static string? Next(IReadOnlyList<string> args, ref int i) => i + 1 < args.Count ? args[++i] : null;

    private static CommandLine Wrong(string error) =>
        new(Verb.Wrong, ImmutableDictionary<string, string?>.Empty, error);
}

/// <summary>What the command line asks for.</summary>
internal enum Verb
{
    Serve,
    NewToken,
    Help,
    Wrong,
}
