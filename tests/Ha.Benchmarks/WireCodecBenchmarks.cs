using System.Text;
using BenchmarkDotNet.Attributes;
using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Benchmarks;

/// <summary>What a heartbeat costs to write and sign, and to authenticate, decode and judge, per method.</summary>
[MemoryDiagnoser, Config(typeof(CpuTime))]
public class WireCodecBenchmarks
{
    private static readonly Guid Uuid = new("f8089792-f269-4adc-b302-ca7a8b969d4e");

    private MessageEncoder encoder = null!;
    private MessageEncoder encoderWithoutInner = null!;
    private MessageDecoder decoder = null!;
    private SequenceTracker tracker = null!;
    private byte[] datagram = [];
    private ulong sequence;

    /// <summary>Method of the active key.</summary>
    [Params(AuthenticationMethod.Crc, AuthenticationMethod.Md5, AuthenticationMethod.Sha1, AuthenticationMethod.Sha256)]
    public AuthenticationMethod Method { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var key = new AuthenticationKey(1, Method, Encoding.ASCII.GetBytes("HeartbeatLabKey"));
        var keys = new AuthenticationKeys(1, [key]);
        encoder = new(keys, innerAuth: true);
        encoderWithoutInner = new(keys, innerAuth: false);
        decoder = new(keys);
        tracker = new(TimeSpan.FromMilliseconds(250), seed: 1);
        sequence = 0;
        datagram = WriteStatus(encoder).ToArray();
    }

    [Benchmark(Description = "encode and sign, both signatures")]
    public int Encode() => WriteStatus(encoder).Length;

    [Benchmark(Description = "encode and sign, outer signature only")]
    public int EncodeWithoutInner() => WriteStatus(encoderWithoutInner).Length;

    [Benchmark(Description = "verify and decode")]
    public int Decode() => decoder.TryDecode(datagram, out var message) == DecodeResult.Ok ? message.FieldCount : 0;

    [Benchmark(Description = "verify, decode, read fields, judge")]
    public bool DecodeAndJudge()
    {
        decoder.TryDecode(datagram, out var message);
        message.TryGetHex(FieldNames.Sequence, out _);
        message.TryGetHex(FieldNames.Generation, out var generation);
        message.TryGetUuid(FieldNames.SourceUuid, out _);
        var isStatus = message.Type.SequenceEqual(MessageTypes.Status);
        var verdict = tracker.Judge((uint)generation, ++sequence, isStatus, false, new MonotonicTime(0), out _);
        return tracker.TryTakeAck(out _) | verdict.IsAccepted();
    }

    private static ReadOnlySpan<byte> WriteStatus(MessageEncoder encoder)
    {
        encoder.Begin();
        encoder.Add(FieldNames.Type, MessageTypes.Status);
        encoder.Add(FieldNames.Status, "active"u8);
        encoder.AddHex(FieldNames.Deadtime, 400);
        encoder.AddDecimal(FieldNames.Protocol, 1);
        encoder.Add(FieldNames.Source, "s1");
        encoder.AddUuid(FieldNames.SourceUuid, Uuid);
        encoder.AddHex(FieldNames.Sequence, 0x5a);
        encoder.AddHex(FieldNames.Generation, 0x6b029473);
        encoder.AddHex(FieldNames.Timestamp, 0x6b02947b);
        encoder.Add(FieldNames.Load, "1.40 1.15 0.59 3/127 132"u8);
        encoder.AddDecimal(FieldNames.TimeToLive, 3);
        return encoder.Finish();
    }
}
