using System.Collections.Immutable;
using System.Text;
using Ha.Agent.Configuration;
using Ha.Agent.State;
using Ha.Agent.Tests.Configuration;
using Ha.Agent.Tests.Hosts;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Configuration;
using Ha.Core.Transitions;

namespace Ha.Agent.Tests.State;

/// <summary>The cluster configuration and the operators' wishes on disk.</summary>
public sealed class ConfigurationFilesTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly ConfigurationDirectory etc = new();
    private readonly TemporaryFolder state = new();
    private readonly BootstrapConfiguration bootstrap;

    public ConfigurationFilesTests() => bootstrap = BootstrapFiles.Read(etc.Root, "s1").Configuration!;

    public void Dispose()
    {
        etc.Dispose();
        state.Dispose();
    }

    [Fact]
    public void NothingIsThere_HaresourcesIsVersionOne_AndNothingIsWritten()
    {
        var start = Read();

        Assert.Equal("1.0", start.Active!.Version.ToString());
        Assert.Equal("haresources", start.History.Current!.Actor);
        Assert.Empty(start.Findings);
        Assert.Empty(Directory.GetFileSystemEntries(state.Path));
    }

    [Fact]
    public void WrittenAndReadAgain_DocumentHistoryAndWishesAreTheSame()
    {
        var history = Changed(Changed(Read().History, "a"), "b");
        var intents = ClusterIntents.None with
        {
            Version = 7, Maintenance = true, Standby = ClusterIntents.None.Standby.Add("s2"),
            Pins = ClusterIntents.None.Pins.Add("web", "s1"),
        };
        ConfigurationFiles.Write(state.Path, history);
        ConfigurationFiles.Write(state.Path, intents);
        var start = Read();

        Assert.Empty(start.Findings);
        Assert.Equal(
            history.Records.Select(one => (one.Version, one.Hash, one.Actor, one.At, one.Reason, one.Changes.Length)),
            start.History.Records.Select(one => (one.Version, one.Hash, one.Actor, one.At, one.Reason,
                one.Changes.Length)));
        Assert.Equal(history.Current!.Hash, start.Active!.Hash);
        Assert.True(intents.SameAs(start.Intents));
    }

    [Fact]
    public void VersionsBeyondTheHistory_LoseTheirFiles()
    {
        var history = Read().History;
        for (var i = 0; i < ConfigurationHistory.MaxRecords + 2; i++)
        {
            history = Changed(history, $"unit{i}");
            if (i % 50 == 0) ConfigurationFiles.Write(state.Path, history);
        }

        ConfigurationFiles.Write(state.Path, history);
        Assert.Equal(ConfigurationHistory.MaxRecords,
            Directory.GetFiles(ConfigurationFiles.HistoryPath(state.Path)).Length);
        Assert.Equal(ConfigurationHistory.MaxRecords, Read().History.Records.Length);
    }

    [Fact]
    public void DocumentIsDamaged_EachMistakeIsLocated_AndNothingIsTouched()
    {
        File.WriteAllText(ConfigurationFiles.DocumentPath(state.Path),
            """{"resources":[{"id":"a","type":"nonsense"}],"groups":[{"id":"g","members":["b"]}]}""");
        var start = Read();

        Assert.Null(start.Active);
        Assert.Contains(start.Findings, finding => finding.ToString()
            .StartsWith($"{ConfigurationFiles.DocumentPath(state.Path)}: /resources/0/type: ", StringComparison.Ordinal));
        Assert.Single(Directory.GetFileSystemEntries(state.Path));
    }

    [Fact]
    public void DocumentIsChangedByHand_HistorySaysSo()
    {
        ConfigurationFiles.Write(state.Path, Changed(Read().History, "a"));
        var path = ConfigurationFiles.DocumentPath(state.Path);
        File.WriteAllText(path, File.ReadAllText(path).Replace("systemd:a", "systemd:b", StringComparison.Ordinal));
        var start = Read();

        Assert.Equal("cluster.json", start.History.Current!.Actor);
        Assert.Equal("2.0", start.History.Current.Version.ToString());
        Assert.Equal(["1.0", "2.0"], start.History.Records.Select(one => one.Version.ToString()));
    }

    [Fact]
    public void HistoryAndWishesAreDamaged_NodeStartsWithWarnings()
    {
        ConfigurationFiles.Write(state.Path, Changed(Read().History, "a"));
        var old = Directory.GetFiles(ConfigurationFiles.HistoryPath(state.Path), "1.0-*").Single();
        File.WriteAllText(old, "{\"actor\":");
        File.WriteAllText(ConfigurationFiles.IntentsPath(state.Path), "maintenance");
        var start = Read();

        Assert.NotNull(start.Active);
        Assert.Equal(2, start.Findings.Length);
        Assert.All(start.Findings, finding => Assert.Equal(FindingSeverity.Warning, finding.Severity));
        Assert.Equal(["2.0"], start.History.Records.Select(one => one.Version.ToString()));
        Assert.True(ClusterIntents.None.SameAs(start.Intents));
    }

    [Fact]
    public void DiskCannotBeWritten_OneReport_AndTheNewestIsThereWhenItCanAgain()
    {
        var place = state.File("later");
        File.WriteAllText(place, "no directory");
        var reports = new List<StorageReport>();
        using var store = new ConfigurationStore(place, Read().History, report => { lock (reports) reports.Add(report); })
        {
            FullView = new FullViewFile(Path.Combine(place, "full-view"), "boot"),
        };
        var history = Changed(Read().History, "a");
        store.Store(history);
        Wait.Until(() => { lock (reports) return reports.Count > 0; }, "the failure is told");
        Assert.False(reports[0].Works);
        File.Delete(place);
        Directory.CreateDirectory(place);
        store.Store(ClusterIntents.None with { Version = 3 });

        Wait.Until(() => { lock (reports) return reports.Count == 2; }, "it is told that it works again");
        Assert.True(reports[1].Works);
        Assert.Equal(ConfigurationText.Write(history.Current!.Document),
            File.ReadAllBytes(ConfigurationFiles.DocumentPath(place)));
        Assert.Same(history, store.Current);
    }

    [Fact]
    public void AllNodesWereMet_TheNextLifeKnows_UntilTheNextBoot()
    {
        var path = state.File("full-view");
        var file = new FullViewFile(path, "this-boot");
        Assert.False(file.Read());
        using (var store = new ConfigurationStore(state.Path, Read().History, _ => { }) { FullView = file })
            store.RememberFullView();

        Assert.True(file.Read());
        Assert.False(new FullViewFile(path, "next-boot").Read());
        File.WriteAllText(path, "");
        Assert.False(file.Read());
        Assert.False(FullViewFile.Of(state.Path).Read());
    }

    [Fact]
    public void CheckConfig_LooksAtTheClusterConfigurationToo()
    {
        File.WriteAllText(ConfigurationFiles.DocumentPath(state.Path), "{\"resources\":1}");
        var output = new StringWriter();
        var errors = new StringWriter();
        var code = CheckConfig.Run(
            new CheckConfigOptions { ConfigDirectory = etc.Root, StateDirectory = state.Path, Node = "s1" },
            output, errors);

        Assert.Equal(6, code);
        Assert.Contains("cluster.json: /resources: ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 error", errors.ToString(), StringComparison.Ordinal);
    }

    private ConfigurationStart Read() => ConfigurationFiles.Read(state.Path, bootstrap, new FixedClock(Noon));

    private static ConfigurationHistory Changed(ConfigurationHistory history, string resource) => history.Adopt(
        history.Next(history.Current!.Document with
        {
            Resources = [.. history.Current.Document.Resources,
                new ConfiguredResource { Id = resource, Type = $"systemd:{resource}" }],
        }), "anna", Noon, $"{resource} is new");
}
