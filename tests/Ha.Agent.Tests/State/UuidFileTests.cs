using Ha.Agent.State;
using Ha.Agent.Tests.Hosts;

namespace Ha.Agent.Tests.State;

public sealed class UuidFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Main => folder.File("hb_uuid");

    [Fact]
    public void Uuid_IsCreatedOnce_AsSixteenRawBytes()
    {
        var uuid = new UuidFile(Main).ReadOrCreate();

        Assert.Equal(uuid, new UuidFile(Main).ReadOrCreate());
        Assert.Equal(uuid.ToByteArray(bigEndian: true), File.ReadAllBytes(Main));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)] // sixteen zeros
    [InlineData(17)]
    public void DamagedFile_IsPutAside_AndSaid(int length)
    {
        File.WriteAllBytes(Main, new byte[length]);
        var file = new UuidFile(Main);

        var uuid = file.ReadOrCreate();

        Assert.NotEqual(Guid.Empty, uuid);
        Assert.Contains(Main, file.Warning, StringComparison.Ordinal);
        Assert.Equal(length, new FileInfo(Main + ".damaged").Length);
        Assert.Equal(uuid, new UuidFile(Main).ReadOrCreate());
    }

    [Fact]
    public void FromNodeName_IsTheSameForAName_AndAnotherForAnother()
    {
        Assert.Equal(UuidFile.FromNodeName("s1"), UuidFile.FromNodeName("s1"));
        Assert.NotEqual(UuidFile.FromNodeName("s1"), UuidFile.FromNodeName("s2"));
        Assert.Equal(8, UuidFile.FromNodeName("s1").Version);
    }
}
