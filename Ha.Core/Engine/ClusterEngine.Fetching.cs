using System.Text.Json;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>Documents on their way between members, a few pieces at a time.</summary>
public sealed partial class ClusterEngine
{
    private static readonly TimeSpan FetchPatience = TimeSpan.FromSeconds(10);

    private ConfigurationFetch? fetch;
    private ReadOnlyMemory<byte> documentText;

    private MonotonicTime NextConfigurationDeadline => MonotonicTime.Min(
        fetch?.AskAgain ?? MonotonicTime.Never, submission?.Fetch.AskAgain ?? MonotonicTime.Never);

    private ReadOnlyMemory<byte> DocumentText
    {
        get
        {
            if (documentText.IsEmpty && history.Current is { } current)
                documentText = ConfigurationText.Write(current.Document);
            return documentText;
        }
    }

    private void Ask(ConfigurationFetch wanted)
    {
        var request = wanted.Ask(now.Monotonic, RepeatPause);
        if (peers.FirstOrDefault(peer => peer.Name == wanted.Peer) is not { } holder) return;
        sender.Begin(ClusterMessageTypes.ConfigurationRequest);
        sender.Encoder.Add(ClusterFields.Body,
            JsonSerializer.SerializeToUtf8Bytes(request, EngineJson.Default.ConfigurationRequest));
        sender.Send(now, effects, holder);
    }

    private void RepeatFetches()
    {
        if (now.Monotonic < NextConfigurationDeadline) return;
        if (fetch is { } wanted && now.Monotonic >= wanted.AskAgain)
        {
            if (now.Monotonic - wanted.Progress > FetchPatience
                && MayComplain(EventKind.ConfigurationRefused, wanted.Peer, out var more))
            {
                Warn(EventKind.ConfigurationRefused, wanted.Peer,
                    $"{wanted.Peer} has version {wanted.Version} of the cluster configuration, "
                        + $"but does not send it{more}: asking on");
            }

            Ask(wanted);
        }

        RepeatSubmission();
    }

    private void AnswerFetch(Peer from, in HeartbeatMessage message)
    {
        if (!TryReadBody(message, EngineJson.Default.ConfigurationRequest, from, out var request)
            || request.Missing.IsDefault) return;
        var (version, hash, asked) = submitted is { } own && own.Hash == request.Hash
            ? (own.Version, own.Hash, own.Text) : (configuration.Version, configuration.Hash, DocumentText);
        if (asked.IsEmpty) return;
        var few = request with { Missing = [.. request.Missing.Take(ConfigurationFetch.Window)] };
        foreach (var chunk in ConfigurationTransfer.Answer(few, version, hash, asked))
        {
            sender.Begin(ClusterMessageTypes.ConfigurationChunk);
            sender.Encoder.Add(ClusterFields.Body, JsonSerializer.SerializeToUtf8Bytes(
                new ChunkMessage(version, hash, chunk.Index, chunk.Count), EngineJson.Default.ChunkMessage));
            sender.Encoder.AddBinary(ClusterFields.Piece, chunk.Data.Span);
            sender.Send(now, effects, from);
        }
    }

    private void ReceiveChunk(Peer from, in HeartbeatMessage message)
    {
        if (!TryReadBody(message, EngineJson.Default.ChunkMessage, from, out var body)
            || !message.TryGet(ClusterFields.Piece, out var data)) return;
        var chunk = new ConfigurationChunk(body.Version, body.Hash, body.Index, body.Count, data.ToArray());
        var isConfiguration = fetch?.Awaits(from.Name, chunk) == true;
        var wanted = isConfiguration ? fetch : submission?.Fetch;
        if (wanted?.Awaits(from.Name, chunk) != true) return;
        var result = wanted.Take(chunk, now.Monotonic);
        switch (result.Outcome)
        {
            case ChunkOutcome.Kept when wanted.IsAnswered:
                Ask(wanted);
                break;
            case ChunkOutcome.Complete when isConfiguration:
                fetch = null;
                TakeDocument(from, result.Text, body.Version, body.Hash);
                break;
            case ChunkOutcome.Complete:
                TakeSubmission(result.Text);
                break;
            case ChunkOutcome.Kept or ChunkOutcome.Repeated or ChunkOutcome.Corrupt or ChunkOutcome.Refused:
                // What is missing is asked for again when its time has come.
                break;
        }
    }
}
