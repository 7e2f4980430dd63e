using System.Collections.Immutable;
using Ha.Core.Configuration;

namespace Ha.Core.Tests.Configuration;

/// <summary>Three good files, of which a test breaks one thing, and the result of reading them as node s1.</summary>
internal sealed record ExampleFiles
{
    public string HaCf { get; init; } = """
        logfacility local0
        keepalive 1
        deadtime 10
        initdead 20
        udpport 694
        bcast eth0
        auto_failback on
        node s1 s2

        """;

    public string AuthKeys { get; init; } = "auth 1\n1 sha256 OpenSesame\n";

    public string HaResources { get; init; } = "s1 192.168.1.100/24/eth0:0 haproxy\n";

    public int Mode { get; init; } = 0b110_000_000;

    public HostFacts Host { get; init; } = FakeHost.Reference;

    /// <summary>These files with a line added to ha.cf; it is line 9.</summary>
    public static ExampleFiles WithHaCfLine(string line) => WithHaCf("node s1 s2\n", $"node s1 s2\n{line}\n");

    /// <summary>These files with one line of ha.cf replaced.</summary>
    public static ExampleFiles WithHaCf(string line, string replacement)
    {
        var files = new ExampleFiles();
        Assert.Contains(line, files.HaCf, StringComparison.Ordinal);
        return files with { HaCf = files.HaCf.Replace(line, replacement, StringComparison.Ordinal) };
    }

    public BootstrapConfiguration? Read(out ImmutableArray<ConfigurationFinding> findings) =>
        BootstrapConfiguration.Parse(
            File("ha.cf", HaCf, 0), File("authkeys", AuthKeys, Mode), File("haresources", HaResources, 0),
            "s1", Host, out findings);

    /// <summary>ha.cf of files that must be good.</summary>
    public HaCf ReadHaCf(out ImmutableArray<ConfigurationFinding> findings)
    {
        var configuration = Read(out findings);
        Assert.True(configuration is not null, string.Join("\n", findings));
        return configuration.HaCf;
    }

    // A text of "-" stands for a file that is not there.
    private static ConfigurationFile File(string name, string text, int mode) =>
        text == "-" ? new(name, null, 0, "it does not exist") : new(name, text, mode, "");
}
