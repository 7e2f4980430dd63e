namespace Ha.Web;

/// <summary>
/// What ha-web was told to do: command line, environment (<c>api</c>, <c>state-dir</c>, …) or appsettings.json.
/// </summary>
internal sealed record WebOptions
{
    public const string DefaultStateDirectory = "/var/lib/ha-appliance/web";
    public const int MaxApis = 16;

    public const string Usage =
        """
        usage: ha-web --api https://NODE:8443[,https://NODE:8443…] [--urls http://0.0.0.0:8080]
                      [--state-dir DIR] [--api-fingerprint SHA256[,SHA256…]]

          --api              addresses of the API of each node; the dashboard uses the first that answers
          --urls             where the dashboard listens (default http://127.0.0.1:8080)
          --state-dir        cookie keys and known API certificates (default /var/lib/ha-appliance/web);
                             give every dashboard of the cluster the same keys folder to stay signed in on all of them
          --api-fingerprint  accept only API certificates with these SHA-256 fingerprints; without it a certificate
                             must be valid for the system, or be the one first seen at that address
          --Section:Key=VALUE  any setting of appsettings.json, for example --Kestrel:Certificates:Default:Path=…
        """;

    /// <summary>API addresses in the order in which they are tried. Never empty.</summary>
    public required ImmutableArray<Uri> Apis { get; init; }

    /// <summary>Folder for cookie keys and known certificates.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>SHA-256 fingerprints, upper-case hexadecimal; empty: trust on first use.</summary>
    public required ImmutableArray<string> Fingerprints { get; init; }

    /// <summary>Reads and checks everything; all that is wrong at once, each with what to write instead.</summary>
    public static (WebOptions? Options, ImmutableArray<string> Errors) Read(IConfiguration configuration)
    {
        var errors = ImmutableArray.CreateBuilder<string>();
        var apis = ReadApis(configuration["api"], errors);
        var fingerprints = ReadFingerprints(configuration["api-fingerprint"], errors);
        var stateDirectory = configuration["state-dir"] is { Length: > 0 } given ? given : DefaultStateDirectory;
        if (errors.Count > 0)
        {
            return (null, errors.ToImmutable());
        }

        var options = new WebOptions { Apis = apis, StateDirectory = stateDirectory, Fingerprints = fingerprints };
        return (options, []);
    }

    /// <summary>
    /// Options on the command line that nobody reads: spelling mistakes must not be taken as defaults.
    /// </summary>
    public static ImmutableArray<string> UnknownArguments(IEnumerable<string> args)
    {
        string[] known = ["--api", "--urls", "--state-dir", "--api-fingerprint"];
        return
        [
            .. args.Where(arg => arg.StartsWith('-')).Select(arg => arg.Split('=', 2)[0])
                .Where(name => !known.Contains(name) && !name.Contains(':')).Select(name => $"{name}: no such option"),
        ];
    }

    private static ImmutableArray<Uri> ReadApis(string? text, ImmutableArray<string>.Builder errors)
    {
        var words = Words(text);
        if (words.Length == 0)
        {
            errors.Add("--api: missing. Name the API of each node, for example --api https://s1:8443,https://s2:8443");
            return [];
        }

        if (words.Length > MaxApis)
        {
            errors.Add($"--api: {words.Length} addresses; at most {MaxApis} are possible");
        }

        var apis = ImmutableArray.CreateBuilder<Uri>();
        foreach (var word in words)
        {
            if (!Uri.TryCreate(word, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
            {
                errors.Add($"--api: '{word}' is no address; write https://NODE:PORT");
            }
            else if (uri.AbsolutePath != "/" || uri.Query.Length > 0 || uri.UserInfo.Length > 0)
            {
                errors.Add($"--api: '{word}' says more than host and port; write https://{uri.Authority}");
            }
            else if (uri.Scheme == "http" && !uri.IsLoopback)
            {
                errors.Add($"--api: '{word}' would send the token in clear text; write https://{uri.Authority}");
            }
            else if (apis.Contains(uri))
            {
                errors.Add($"--api: '{word}' is named twice; name each API once");
            }
            else
            {
                apis.Add(uri);
            }
        }

        return apis.ToImmutable();
    }

    private static ImmutableArray<string> ReadFingerprints(string? text, ImmutableArray<string>.Builder errors)
    {
        var fingerprints = ImmutableArray.CreateBuilder<string>();
        foreach (var word in Words(text))
        {
            var hex = word.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
            if (hex.StartsWith("SHA256", StringComparison.Ordinal))
            {
                hex = hex[6..].TrimStart('=');
            }

            if (hex.Length == 64 && hex.All(char.IsAsciiHexDigit))
            {
                fingerprints.Add(hex);
            }
            else
            {
                errors.Add($"--api-fingerprint: '{word}' is no SHA-256 fingerprint; write 64 hexadecimal digits, as "
                    + "'openssl x509 -noout -fingerprint -sha256' prints them");
            }
        }

        return fingerprints.ToImmutable();
    }

    private static string[] Words(string? text) =>
        (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
