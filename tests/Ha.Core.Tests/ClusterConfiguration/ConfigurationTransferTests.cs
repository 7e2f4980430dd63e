using System.Text;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Time;

namespace Ha.Core.Tests.ClusterConfiguration;

public class ConfigurationTransferTests
{
    private static readonly ConfigurationVersion Version = new(3, 0);
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(
        Enumerable.Range(0, 9_999).Select(number => $"{number % 10}{(char)('a' + (number % 26))}")));

    private static readonly string Hash = ConfigurationText.Hash(Text);

    /// <summary>Two peers at once over a network that loses, doubles and reorders: both texts arrive.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void LossyNetwork_BothTextsArriveWhole(ulong seed)
    {
        var random = new SplitMix64(seed);
        var transfer = new ConfigurationTransfer(2);
        var other = Encoding.UTF8.GetBytes(new string('x', 70_001));
        var texts = new Dictionary<string, byte[]> { ["s2"] = Text, ["s3"] = other };
        var arrived = new Dictionary<string, byte[]>();
        for (var round = 0; round < 500 && arrived.Count < 2; round++)
        {
            var onTheWire = new List<(string Peer, ConfigurationChunk Chunk)>();
            foreach (var (peer, text) in texts.Where(one => !arrived.ContainsKey(one.Key)))
            {
                var request = transfer.Fetch(peer, Version, ConfigurationText.Hash(text));
                Assert.InRange(request.Missing.Length, 1, ConfigurationTransfer.MaxRequested);
                foreach (var chunk in ConfigurationTransfer.Answer(request, Version, request.Hash, text))
                {
                    Assert.InRange(chunk.Data.Length, 1, ConfigurationTransfer.ChunkBytes);
                    if (random.Chance(1, 4)) continue;
                    onTheWire.Insert(random.Next(0, onTheWire.Count + 1), (peer, chunk));
                    if (random.Chance(1, 4)) onTheWire.Insert(random.Next(0, onTheWire.Count + 1), (peer, chunk));
                }
            }

            foreach (var (peer, chunk) in onTheWire)
            {
                var result = transfer.Receive(peer, chunk);
                Assert.NotEqual(ChunkOutcome.Corrupt, result.Outcome);
                if (result.Outcome == ChunkOutcome.Complete) arrived.Add(peer, result.Text.ToArray());
            }
        }

        Assert.Equal(Text, arrived["s2"]);
        Assert.Equal(other, arrived["s3"]);
        Assert.False(transfer.IsFetching("s2"));
    }

    [Fact]
    public void ChangedByte_IsFoundByTheHash_AndEverythingIsThrownAway()
    {
        var transfer = new ConfigurationTransfer(2);
        transfer.Fetch("s2", Version, Hash);
        var outcomes = Enumerable.Range(0, ConfigurationTransfer.CountOf(Text.Length)).Select(index =>
        {
            var chunk = ConfigurationTransfer.Cut(Version, Hash, Text, index);
            if (index != 7) return transfer.Receive("s2", chunk).Outcome;
            var data = chunk.Data.ToArray();
            data[500] ^= 1;
            return transfer.Receive("s2", chunk with { Data = data }).Outcome;
        }).ToList();

        Assert.Equal(ChunkOutcome.Corrupt, outcomes[^1]);
        Assert.All(outcomes.SkipLast(1), outcome => Assert.Equal(ChunkOutcome.Kept, outcome));
        Assert.False(transfer.IsFetching("s2"));
        Assert.Equal([0], transfer.Fetch("s2", Version, Hash).Missing.ToArray());
    }

    [Fact]
    public void SamePieceWithOtherContent_IsCorrupt()
    {
        var transfer = new ConfigurationTransfer(2);
        transfer.Fetch("s2", Version, Hash);
        var chunk = ConfigurationTransfer.Cut(Version, Hash, Text, 1);

        Assert.Equal(ChunkOutcome.Kept, transfer.Receive("s2", chunk).Outcome);
        Assert.Equal(ChunkOutcome.Repeated, transfer.Receive("s2", chunk).Outcome);
        Assert.Equal(ChunkOutcome.Corrupt, transfer.Receive("s2", chunk with { Data = new byte[1000] }).Outcome);
    }

    [Theory]
    [InlineData(0, 0, 1000)]
    [InlineData(0, 4196, 1000)]
    [InlineData(0, int.MaxValue, 1000)]
    [InlineData(-1, 20, 1000)]
    [InlineData(20, 20, 1000)]
    [InlineData(0, 20, 999)]
    [InlineData(0, 20, 1001)]
    [InlineData(19, 20, 0)]
    [InlineData(0, 21, 1000)]
    public void PieceThatMakesNoSense_IsRefused(int index, int count, int bytes)
    {
        var transfer = new ConfigurationTransfer(2);
        transfer.Fetch("s2", Version, Hash);
        Assert.Equal(20, ConfigurationTransfer.CountOf(Text.Length));
        Assert.Equal(ChunkOutcome.Kept,
            transfer.Receive("s2", ConfigurationTransfer.Cut(Version, Hash, Text, 5)).Outcome);

        var result = transfer.Receive("s2", new ConfigurationChunk(Version, Hash, index, count, new byte[bytes]));

        Assert.Equal(ChunkOutcome.Refused, result.Outcome);
        Assert.NotEqual("", result.Detail);
        Assert.Equal(19, transfer.Fetch("s2", Version, Hash).Missing.Length);
    }

    [Fact]
    public void WhatWasNotAskedFor_IsRefused()
    {
        var transfer = new ConfigurationTransfer(1);
        var chunk = ConfigurationTransfer.Cut(Version, Hash, Text, 0);
        Assert.Equal(ChunkOutcome.Refused, transfer.Receive("s2", chunk).Outcome);

        transfer.Fetch("s2", Version, Hash);
        Assert.Equal(ChunkOutcome.Refused, transfer.Receive("s3", chunk).Outcome);
        Assert.Equal(ChunkOutcome.Refused, transfer.Receive("s2", chunk with { Hash = "0" }).Outcome);
        Assert.Throws<InvalidOperationException>(() => transfer.Fetch("s3", Version, Hash));
    }

    [Fact]
    public void NewerOffer_ReplacesWhatWasBegun()
    {
        var transfer = new ConfigurationTransfer(1);
        transfer.Fetch("s2", Version, Hash);
        var old = ConfigurationTransfer.Cut(Version, Hash, Text, 0);
        transfer.Fetch("s2", new ConfigurationVersion(4, 0), Hash);

        Assert.Equal(ChunkOutcome.Refused, transfer.Receive("s2", old).Outcome);
        transfer.Abandon("s2");
        Assert.False(transfer.IsFetching("s2"));
    }

    [Fact]
    public void RequestForAnotherText_IsNotAnswered()
    {
        var request = new ConfigurationRequest(Version, Hash, [0, 1, 1, -1, 500, 19]);

        Assert.Equal([0, 1, 19],
            ConfigurationTransfer.Answer(request, Version, Hash, Text).Select(chunk => chunk.Index));
        Assert.Empty(ConfigurationTransfer.Answer(request, new ConfigurationVersion(4, 0), Hash, Text));
    }
}
