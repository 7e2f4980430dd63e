using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;

namespace Ha.Core.ClusterConfiguration.Versions;

/// <summary>A piece of a document's text on its way from one node to another.</summary>
/// <param name="Version">Version of the document.</param>
/// <param name="Hash">SHA-256 of the whole text, in lower-case hexadecimal digits.</param>
/// <param name="Index">Number of the piece, from 0.</param>
/// <param name="Count">How many pieces there are.</param>
/// <param name="Data">The bytes: <see cref="ConfigurationTransfer.ChunkBytes"/>, in the last piece perhaps
/// fewer.</param>
public sealed record ConfigurationChunk(
    ConfigurationVersion Version, string Hash, int Index, int Count, ReadOnlyMemory<byte> Data);

/// <summary>Asks for pieces that are missing.</summary>
/// <param name="Version">Version of the document.</param>
/// <param name="Hash">SHA-256 of its text.</param>
/// <param name="Missing">Numbers of pieces, ascending, at most
/// <see cref="ConfigurationTransfer.MaxRequested"/>.</param>
public sealed record ConfigurationRequest(ConfigurationVersion Version, string Hash, ImmutableArray<int> Missing);

/// <summary>What became of a piece.</summary>
public enum ChunkOutcome
{
    /// <summary>It was kept; others are missing.</summary>
    Kept,

    /// <summary>It was there already.</summary>
    Repeated,

    /// <summary>It was the last one: the text is whole and has the hash that was announced.</summary>
    Complete,

    /// <summary>The text does not have its hash, or a piece came twice with different content: all of it was thrown
    /// away.</summary>
    Corrupt,

    /// <summary>It makes no sense, or belongs to a document that is not being fetched. Nothing changed.</summary>
    Refused,
}

/// <summary>What became of a piece, and the text when it is complete.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Text">The whole text; empty unless complete.</param>
/// <param name="Detail">Why it was refused or found corrupt, for an event; empty otherwise.</param>
public readonly record struct ChunkResult(ChunkOutcome Outcome, ReadOnlyMemory<byte> Text, string Detail);

/// <summary>
/// Carries documents between nodes in pieces that fit a packet. Pieces may be lost, doubled and reordered: the receiver
/// asks for what is missing. Holds one transfer for each peer, each at most 4 MiB; knows no time: the engine repeats
/// requests, and gives a transfer up.
/// </summary>
public sealed class ConfigurationTransfer
{
    /// <summary>Bytes in each piece but the last.</summary>
    public const int ChunkBytes = 1000;

    /// <summary>Most pieces of a document.</summary>
    public const int MaxChunks = (ConfigurationReader.MaxBytes + ChunkBytes - 1) / ChunkBytes;

    /// <summary>Most pieces in one request, so that it fits a packet.</summary>
    public const int MaxRequested = 64;

    private readonly SortedDictionary<string, Assembly> assemblies = new(StringComparer.Ordinal);
    private readonly int maxPeers;

    /// <summary>Creates a transfer with nothing under way.</summary>
    /// <param name="maxPeers">Most peers that send at once.</param>
    public ConfigurationTransfer(int maxPeers) => this.maxPeers = maxPeers;

    /// <summary>How many pieces a text has.</summary>
    public static int CountOf(int bytes) => Math.Max(1, (bytes + ChunkBytes - 1) / ChunkBytes);

    /// <summary>Cuts one piece out of a text.</summary>
    /// <param name="version">Version of the document.</param>
    /// <param name="hash">SHA-256 of the text.</param>
    /// <param name="text">The text; not empty, at most 4 MiB.</param>
    /// <param name="index">Number of the piece.</param>
    public static ConfigurationChunk Cut(
        ConfigurationVersion version, string hash, ReadOnlyMemory<byte> text, int index)
    {
        if (text.Length is 0 or > ConfigurationReader.MaxBytes)
            throw new ArgumentException($"A text of {text.Length} bytes is not carried.", nameof(text));
        var count = CountOf(text.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        var start = index * ChunkBytes;
        return new ConfigurationChunk(
            version, hash, index, count, text.Slice(start, Math.Min(ChunkBytes, text.Length - start)));
    }

    /// <summary>The pieces that a request asks for; none when this is not the text it means.</summary>
    public static ImmutableArray<ConfigurationChunk> Answer(
        ConfigurationRequest request, ConfigurationVersion version, string hash, ReadOnlyMemory<byte> text)
    {
        if (request.Version != version || request.Hash != hash) return [];
        var count = CountOf(text.Length);
        return [.. request.Missing.Take(MaxRequested).Where(index => index >= 0 && index < count).Distinct()
            .Select(index => Cut(version, hash, text, index))];
    }

    /// <summary>Begins to fetch a document from a peer, or goes on with it.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="version">Version that it offered.</param>
    /// <param name="hash">Hash that it offered.</param>
    /// <returns>What to ask for next.</returns>
    public ConfigurationRequest Fetch(string peer, ConfigurationVersion version, string hash)
    {
        if (!assemblies.TryGetValue(peer, out var assembly) || assembly.Version != version || assembly.Hash != hash)
        {
            if (assembly is null && assemblies.Count >= maxPeers)
                throw new InvalidOperationException($"More than {maxPeers} peers send at once.");
            assemblies[peer] = assembly = new Assembly(version, hash);
        }

        return new ConfigurationRequest(version, hash, assembly.Missing());
    }

    /// <summary>Forgets what was fetched from a peer.</summary>
    public void Abandon(string peer) => assemblies.Remove(peer);

    /// <summary>Whether something is being fetched from a peer.</summary>
    public bool IsFetching(string peer) => assemblies.ContainsKey(peer);

    /// <summary>Takes a piece from a peer. Only what <see cref="Fetch"/> began is accepted.</summary>
    public ChunkResult Receive(string peer, ConfigurationChunk chunk)
    {
        if (!assemblies.TryGetValue(peer, out var assembly) || assembly.Version != chunk.Version
            || assembly.Hash != chunk.Hash)
        {
            return new ChunkResult(
                ChunkOutcome.Refused, default, $"version {chunk.Version} is not fetched from {peer}");
        }

        var result = assembly.Add(chunk);
        if (result.Outcome is ChunkOutcome.Complete or ChunkOutcome.Corrupt) assemblies.Remove(peer);
        return result;
    }

    /// <summary>The pieces of one document as they come in.</summary>
    private sealed class Assembly(ConfigurationVersion version, string hash)
    {
        private byte[]?[] pieces = [];
        private int received;

        public ConfigurationVersion Version => version;

        public string Hash => hash;

        // How many there are is known with the first one.
        public ImmutableArray<int> Missing()
        {
            if (pieces.Length == 0) return [0];
            var missing = ImmutableArray.CreateBuilder<int>();
            for (var i = 0; i < pieces.Length && missing.Count < MaxRequested; i++)
                if (pieces[i] is null) missing.Add(i);
            return missing.ToImmutable();
        }

        public ChunkResult Add(ConfigurationChunk chunk)
        {
            if (Objection(chunk) is { } objection) return new ChunkResult(ChunkOutcome.Refused, default, objection);
            if (pieces.Length == 0) pieces = new byte[chunk.Count][];
            if (pieces[chunk.Index] is { } known)
            {
                return known.AsSpan().SequenceEqual(chunk.Data.Span)
                    ? new ChunkResult(ChunkOutcome.Repeated, default, "")
                    : new ChunkResult(ChunkOutcome.Corrupt, default,
                        $"piece {chunk.Index} of version {version} came twice with different content");
            }

            pieces[chunk.Index] = chunk.Data.ToArray();
            received++;
            if (received < pieces.Length) return new ChunkResult(ChunkOutcome.Kept, default, "");
            var text = Joined();
            return ConfigurationText.Hash(text) == hash ? new ChunkResult(ChunkOutcome.Complete, text, "")
                : new ChunkResult(ChunkOutcome.Corrupt, default,
                    $"version {version} does not have the hash {hash} that was announced");
        }

        private string? Objection(ConfigurationChunk chunk)
        {
            if (chunk.Count is < 1 or > MaxChunks) return $"{chunk.Count} pieces are not from 1 to {MaxChunks}";
            if (pieces.Length > 0 && chunk.Count != pieces.Length)
                return $"it says {chunk.Count} pieces, others said {pieces.Length}";
            if (chunk.Index < 0 || chunk.Index >= chunk.Count) return $"there is no piece {chunk.Index}";
            var isLast = chunk.Index == chunk.Count - 1;
            var good = isLast ? chunk.Data.Length is > 0 and <= ChunkBytes : chunk.Data.Length == ChunkBytes;
            return good ? null : $"piece {chunk.Index} has {chunk.Data.Length} bytes";
        }

        private byte[] Joined()
        {
            var text = new byte[pieces.Sum(piece => piece!.Length)];
            var at = 0;
            foreach (var piece in pieces)
            {
                piece!.CopyTo(text, at);
                at += piece.Length;
            }

            return text;
        }
    }
}
