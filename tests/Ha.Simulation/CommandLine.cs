using System.Globalization;

namespace Ha.Simulation;

/// <summary>What the command line asked for.</summary>
public sealed record CommandLine
{
    private const int MostSeeds = 100_000_000;

    private static readonly ImmutableArray<string> ValueOptions =
        ["--seeds", "--first", "--from", "--hours", "--nodes", "--profile", "--mode", "--jobs",
            "--replay", "--plan", "--save"];

    /// <summary>Number of seeds to run.</summary>
    public int Seeds { get; init; } = 100;

    /// <summary>First seed.</summary>
    public ulong First { get; init; } = 1;

    /// <summary>Which clusters are drawn, and for how long they run.</summary>
    public SeedOptions Options { get; init; } = new();

    /// <summary>Seeds that run side by side.</summary>
    public int Jobs { get; init; } = Environment.ProcessorCount;

    /// <summary>The one seed to run again; null: a batch.</summary>
    public ulong? Replay { get; init; }

    /// <summary>File of the plan to run; null: seeds are drawn.</summary>
    public string? Plan { get; init; }

    /// <summary>File that a failing plan is written to, shrunk if that was asked for; null: none.</summary>
    public string? Save { get; init; }

    /// <summary>Whether failing plans are shrunk.</summary>
    public bool Shrink { get; init; }

    /// <summary>Whether the trace of a replay is printed as it happens.</summary>
    public bool Trace { get; init; }

    /// <summary>Whether only the help was asked for.</summary>
    public bool Help { get; init; }

    /// <summary>What <c>--help</c> prints.</summary>
    public const string HelpText =
        """
        Runs clusters of real engines in virtual time, through faults drawn from seeds, and checks what they promise.

          --seeds N       number of seeds to run (100)
          --from SEED     first seed (1)
          --hours H       simulated hours per seed (1)
          --nodes N       fixed number of nodes, 2 to 5 (drawn per seed)
          --profile NAME  drawn: timers, media and signatures per seed (default);
                          lan250: two nodes, two media, 250 ms heartbeats, crc - the profile of the speed figure
          --mode NAME     classic, fencing, quorum or arbiter: what all clusters have against two owners (drawn)
          --jobs N        seeds that run side by side (all processors)
          --replay SEED   run this one seed again and print its plan
          --plan FILE     run the plan in this file
          --save FILE     with --replay: write the plan to this file, shrunk when --shrink is given
          --trace         with --replay or --plan: print every line of the trace, not only the last ones of a failure
          --shrink        take faults out of a failing plan as long as it still fails
          --help          this text

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
            else if (!ValueOptions.Contains(name))
                error = $"{name} is not an option; --help lists them";
            else if (i + 1 == arguments.Length) error = $"{name} needs a value";
            else parsed = WithValue(parsed, name, arguments[++i], out error);
        }

        if (error is null && parsed.Trace && parsed is { Replay: null, Plan: null })
            error = "--trace needs --replay SEED or --plan FILE";
        if (error is null && parsed.Save is not null && parsed.Replay is null) error = "--save needs --replay SEED";
        return parsed;
    }

    private static CommandLine WithValue(CommandLine parsed, string name, string value, out string? error)
    {
        error = null;
        var options = parsed.Options;
        switch (name)
        {
            case "--hours" when double.TryParse(
                value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours)
                && hours is > 0 and <= 24:
                return parsed with { Options = options with { Length = (long)(hours * Micros.Hour) } };
            case "--nodes" when IsWhole(value, 2, SimulatedWorld.MaxNodes, out var nodes):
                return parsed with { Options = options with { Nodes = (int)nodes } };
            case "--seeds" when IsWhole(value, 1, MostSeeds, out var seeds):
                return parsed with { Seeds = (int)seeds };
            case "--jobs" when IsWhole(value, 1, 64, out var jobs):
                return parsed with { Jobs = (int)jobs };
            case "--profile" when value is "drawn" or "lan250":
                var mix = value == "drawn" ? ClusterMix.Drawn : ClusterMix.Lan250;
                return parsed with { Options = options with { Mix = mix } };
            case "--mode" when Enum.TryParse<SafetyMode>(value, ignoreCase: true, out var mode)
                && char.IsLetter(value[0]):
                return parsed with { Options = options with { Mode = mode } };
            case "--first" or "--from" when IsWhole(value, 0, ulong.MaxValue, out var first):
                return parsed with { First = first };
            case "--replay" when IsWhole(value, 0, ulong.MaxValue, out var replay):
                return parsed with { Replay = replay };
            case "--plan":
                return parsed with { Plan = value };
            case "--save":
                return parsed with { Save = value };
            default:
                error = $"{name} {value}: write {Expected(name)}";
                return parsed;
        }
    }

    private static string Expected(string name) => name switch
    {
        "--hours" => "a number above 0, at most 24",
        "--nodes" => $"a number from 2 to {SimulatedWorld.MaxNodes}",
        "--seeds" => $"a number from 1 to {MostSeeds}",
        "--jobs" => "a number from 1 to 64",
        "--profile" => "drawn or lan250",
        "--mode" => "classic, fencing, quorum or arbiter",
        _ => "a whole number",
    };

    private static bool IsWhole(string value, ulong low, ulong high, out ulong number) =>
        ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number >= low && number <= high;
}
