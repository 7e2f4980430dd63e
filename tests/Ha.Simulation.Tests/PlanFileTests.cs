using System.Text.Json;

namespace Ha.Simulation.Tests;

/// <summary>Schedules kept as files: each broke a promise once, and must keep them all from then on.</summary>
public sealed class PlanFileTests
{
    public static TheoryData<string> Regressions => new(
        Directory.GetFiles(Folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order());

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Regressions");

    [Theory]
    [MemberData(nameof(Regressions))]
    public void ScheduleThatFailedOnce_KeepsEveryPromise(string name)
    {
        var file = PlanFile.Read(Path.Combine(Folder, name + ".json"));
        for (ulong other = 0; other < 8; other++)
        {
            // Most of what was found is a race: the neighbours of the seed count as well.
            var result = SimulationRun.Of(file.Cluster, file.Plan, file.Seed + other);

            Assert.True(result.Violation is null, Report.Failure(result, new SeedOptions()));
        }
    }

    [Fact]
    public void PlanOfASeed_IsTheSameFromItsFile()
    {
        for (ulong seed = 40; seed < 52; seed++)
        {
            var drawn = SimulationRun.Seed(seed, new SeedOptions { Length = 10 * Micros.Minute });
            var path = Path.GetTempFileName();
            PlanFile.Of(drawn).Write(path);
            var read = PlanFile.Read(path).Run();
            File.Delete(path);

            Assert.Equal(drawn.TraceHash, read.TraceHash);
            Assert.Equal(drawn.Simulated, read.Simulated);
        }
    }

    [Fact]
    public void FileThatIsNoPlan_IsRefused()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, """{"story":"s","seed":1,"cluster":{},"plan":{"faults":[],"calms":[]},"faults":[]}""");

        Assert.Throws<JsonException>(() => PlanFile.Read(path));
        File.Delete(path);
    }
}
