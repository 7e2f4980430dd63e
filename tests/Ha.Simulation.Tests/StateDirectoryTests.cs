using Ha.Core.Time;

namespace Ha.Simulation.Tests;

/// <summary>What a simulated disk keeps of documents and intents.</summary>
public sealed class StateDirectoryTests
{
    private static readonly SimulationProfile Profile = new();
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(1);
    private static readonly KeptState First = Profile.Kept();
    private static readonly KeptState Second =
        CheckerBooks.Edited(Profile, new DocumentEdit(EditKind.BatchLimit, 1, On: true));

    [Fact]
    public void KilledInTheMiddleOfAWrite_TheNextLifeFindsWhatWasThere()
    {
        var directory = new StateDirectory(First, new SplitMix64(1));
        directory.Write(0, Second, full: false);
        Assert.Same(Second, directory.Newest);

        Assert.Same(First, directory.Read(500));
    }

    [Fact]
    public void WrittenInTime_TheNextLifeFindsIt()
    {
        var directory = new StateDirectory(First, new SplitMix64(1));
        directory.Write(0, Second, full: false);

        Assert.Same(Second, directory.Read(Micros.Second));
    }

    [Fact]
    public void FullDisk_KeepsWhatItHas()
    {
        var directory = new StateDirectory(First, new SplitMix64(1));
        directory.Write(0, Second, full: true);

        Assert.Same(First, directory.Read(Micros.Second));
    }

    [Fact]
    public void Backup_BringsBackAnEarlierOne()
    {
        var directory = new StateDirectory(First, new SplitMix64(1));
        directory.Write(0, Second, full: false);

        directory.Restore(Micros.Second, writes: 3);

        Assert.Same(First, directory.Newest);
    }

    [Fact]
    public void ProfileAsADocument_MeansWhatItWasDrawnAs()
    {
        for (ulong seed = 1; seed < 60; seed++)
        {
            var (profile, _) = SimulationRun.Draw(seed, new SeedOptions());
            var document = profile.Document();
            var reading = Core.ClusterConfiguration.Reading.ConfigurationReader.Read(
                Core.ClusterConfiguration.Documents.ConfigurationText.Write(document), profile.Facts);

            Assert.True(reading.Document is not null, string.Join("; ", reading.Findings));
            Assert.Equal(profile.Safety.Watchdog, reading.Active!.Safety.Watchdog);
            Assert.InRange(reading.Active.Safety.ArbiterLease - profile.Safety.ArbiterLease, TimeSpan.Zero, Rounding);
            Assert.InRange(
                (reading.Active.Safety.TakeoverDelay - profile.Safety.TakeoverDelay) ?? TimeSpan.Zero,
                TimeSpan.Zero, Rounding);
            Assert.Equal(profile.Safety.Devices.Length, reading.Active.Safety.Devices.Length);
            Assert.Equal(profile.Mode == SafetyMode.Fencing, reading.Active.Model.Options.FencingEnabled);
        }
    }
}
