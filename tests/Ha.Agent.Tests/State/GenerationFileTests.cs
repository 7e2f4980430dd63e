using Ha.Agent.State;
using Ha.Agent.Tests.Hosts;

namespace Ha.Agent.Tests.State;

public sealed class GenerationFileTests : IDisposable
{
    private const uint Now = 1_790_000_000;

    private readonly TemporaryFolder folder = new();
    private readonly FixedClock clock = new(DateTimeOffset.FromUnixTimeSeconds(Now));

    public void Dispose() => folder.Dispose();

    private string Main => folder.File("hb_generation");

    private string Copy => Main + ".bak";

    [Fact]
    public void FirstLife_BeginsAfterThePresentTime_InHeartbeatsFormat()
    {
        Assert.Equal(Now + 1, Open().Increment());

        Assert.Equal("     1790000001\n", File.ReadAllText(Main));
        Assert.Equal(File.ReadAllText(Main), File.ReadAllText(Copy));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Main));
    }

    [Fact]
    public void EachLife_IsOneMore_WhateverTheClockSays()
    {
        File.WriteAllText(Main, "             41\n");
        clock.Now = DateTimeOffset.UnixEpoch;

        Assert.Equal(42u, Open().Increment());
        Assert.Equal(43u, Open().Increment());
        Assert.Null(Open().Warning);
    }

    [Theory]
    [InlineData("")]
    [InlineData("             4")] // torn
    [InlineData("             41")] // without its end
    [InlineData("garbage of many bytes, more than the format has")]
    [InlineData("             -1\n")]
    [InlineData("              0\n")]
    [InlineData("     99999999999\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public void DamagedFile_NeverMakesItGoDown(string content)
    {
        var last = Open().Increment();
        File.WriteAllText(Main, content);
        clock.Now = DateTimeOffset.UnixEpoch;
        var file = Open();

        Assert.Equal(last + 1, file.Increment());
        Assert.Contains("holds no generation number", file.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedFileAndCopy_GoOnFromTheClock()
    {
        File.WriteAllText(Main, "?");
        File.WriteAllText(Copy, "?");

        Assert.Equal(Now + 1, Open().Increment());
    }

    [Fact]
    public void MissingFile_GoesOnFromItsCopy()
    {
        File.WriteAllText(Copy, "     1800000000\n");
        var file = Open();

        Assert.Equal(1_800_000_001u, file.Increment());
        Assert.Contains("its copy is there", file.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void FromTime_IsThePresentTime_ButNeverLessThanBefore()
    {
        Assert.Equal(Now, Open().Increment(fromTime: true));
        clock.Now = clock.Now.AddHours(-1);
        Assert.Equal(Now + 1, Open().Increment(fromTime: true));
        clock.Now = clock.Now.AddHours(2);
        Assert.Equal(Now + 3600, Open().Increment(fromTime: true));
    }

    [Fact]
    public void BeyondTheProtocol_ItRefuses()
    {
        File.WriteAllText(Main, "     4294967295\n");

        var failure = Assert.Throws<StateException>(() => Open().Increment());
        Assert.Contains("beyond", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FullDisk_IsRefusedWithPathAndAdvice_AndTheOldFileStands()
    {
        using var host = new TestHost();
        host.MountTinyDisk(folder.Path, 16 * 1024);
        host.Run(() =>
        {
            var first = Open().Increment();
            Fill(folder.File("ballast"));

            var failure = Assert.Throws<StateException>(() => Open().Increment());

            Assert.Contains(Main, failure.Message, StringComparison.Ordinal);
            Assert.Contains("No space left on device", failure.Message, StringComparison.Ordinal);
            Assert.Contains("free space", failure.Message, StringComparison.Ordinal);
            File.Delete(folder.File("ballast"));
            Assert.Equal(first + 1, Open().Increment());
        });
    }

    [Fact]
    public void MissingDirectory_IsRefusedWithItsPath()
    {
        var path = folder.File("absent/hb_generation");

        var failure = Assert.Throws<StateException>(() => new GenerationFile(path, clock).Increment());

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Takes all that is left of a file system.</summary>
    internal static void Fill(string path)
    {
        using var ballast = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        Assert.Throws<IOException>(WriteUntilFull);

        void WriteUntilFull()
        {
            for (var written = 0; written < 1_000_000; written += 1024) ballast.Write(new byte[1024]);
        }
    }

    private GenerationFile Open() => new(Main, clock);
}
