using System.Globalization;

namespace Ha.Simulation;

/// <summary>What the command line asked for.</summary>
public sealed record CommandLine
{
    /// <summary>Number of seeds to run.</summary>
    public int Seeds { get; init; } = 100;

    /// <summary>First seed.</summary>
    public ulong First { get; init; } = 1;

    /// <summary>Simulated hours per seed.</summary>
    public double Hours { get; init; } = 1;

    /// <summary>Fixed number of nodes; null: drawn per seed.</summary>
    public int? Nodes { get; init; }

    /// <summary>The one seed to run again; null: a batch.</summary>
    public ulong? Replay { get; init; }

    /// <summary>Whether failing plans are shrunk.</summary>
    public bool Shrink { get; init; }

    /// <summary>Whether the trace of a replay is printed as it happens.</summary>
    public bool Trace { get; init; }

    /// <summary>Whether only the help was asked for.</summary>
    public bool Help { get; init; }

    /// <summary>Simulated microseconds per seed.</summary>
    public long Length => (long)(Hours * Micros.Hour);

    /// <summary>What <c>--help</c> prints.</summary>
    public const string HelpText =
        """
        Runs clusters of real engines in virtual time, through faults drawn from seeds, and checks what they promise.

          --seeds N      number of seeds to run (100)
          --first SEED   first seed (1)
          --hours H      simulated hours per seed (1)
          --nodes N      fixed number of nodes, 2 to 5 (drawn per seed)
          --replay SEED  run this one seed again and print its plan
          --trace        with --replay: print every line of the trace, otherwise only the last ones of a failure
          --shrink       take faults out of a failing plan as long as it still fails
          --help         this text

        Exit codes: 0 every promise was kept, 1 a promise was broken, 2 the command line is wrong.
        """;

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">As given.</param>
    /// <param name="error">What is wrong and what to write instead; null when all is well.</param>
    public static CommandLine Parse(ReadOnlySpan<string> arguments, out string? error)
    {
        var parsed = new CommandLine();
        error = null;
        for (var i = 0; i < arguments.Length && error is null; i++)
        {
            var name = arguments[i];
            if (name is "--shrink") parsed = parsed with { Shrink = true };
            else if (name is "--trace") parsed = parsed with { Trace = true };
            else if (name is "--help" or "-h") parsed = parsed with { Help = true };
            else if (name is not ("--seeds" or "--first" or "--hours" or "--nodes" or "--replay"))
                error = $"{name} is not an option; --help lists them";
            else if (i + 1 == arguments.Length) error = $"{name} needs a value";
            else parsed = WithValue(parsed, name, arguments[++i], out error);
        }

        if (error is null && parsed.Trace && parsed.Replay is null) error = "--trace needs --replay SEED";
        return parsed;
    }

    private static CommandLine WithValue(CommandLine parsed, string name, string value, out string? error)
    {
        error = null;
        var whole = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (name == "--hours")
        {
            if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours)
                && hours is > 0 and <= 24)
            {
                return parsed with { Hours = hours };
            }

            error = $"--hours {value}: write a number above 0, at most 24";
        }
        else if (name == "--nodes")
        {
            if (whole && number is >= 2 and <= SimulatedWorld.MaxNodes) return parsed with { Nodes = (int)number };
            error = $"--nodes {value}: write a number from 2 to {SimulatedWorld.MaxNodes}";
        }
        else if (name == "--seeds")
        {
            if (whole && number is >= 1 and <= 100_000_000) return parsed with { Seeds = (int)number };
            error = $"--seeds {value}: write a number from 1 to 100000000";
        }
        else if (whole)
        {
            return name == "--first" ? parsed with { First = number } : parsed with { Replay = number };
        }
        else
        {
            error = $"{name} {value}: write a whole number";
        }

        return parsed;
    }
}
