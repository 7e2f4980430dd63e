using System.Text;
using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>
/// Whatever comes in, and whoever signed it: nothing is thrown (a throw would fail the test) and nothing is allocated.
/// </summary>
[Collection(MeasuredAlone.Name)]
public sealed class HostileInputTests
{
    private static readonly AuthenticationKey Key = WireText.Key(AuthenticationMethod.Crc);
    private readonly MessageDecoder decoder = new(new(1, [Key]));

    public static TheoryData<string> Lengths => new(
        "", "0", "00", "01", "-1", "+5", " 5", "0x5", "4", "5", "7", "9", "65507", "65508", "99999", "100000",
        "2147483647", "2147483648", "4294967295", "4294967304", "9223372036854775807", "9223372036854775808",
        "18446744073709551624", "1" + new string('0', 30));

    [Theory]
    [MemberData(nameof(Vector.Names), MemberType = typeof(Vector))]
    public void TruncatedVector_IsRefused(string name)
    {
        var vector = Vector.Named(name);
        var own = new MessageDecoder(vector.Keys);
        var accepted = 0;
        WithoutAllocating(() =>
        {
            for (var length = 0; length < vector.Datagram.Length; length++)
                accepted += Touch(own, vector.Datagram.AsSpan(0, length)) == DecodeResult.Ok ? 1 : 0;
        });
        Assert.Equal(0, accepted);
    }

    [Theory]
    [MemberData(nameof(Vector.Names), MemberType = typeof(Vector))]
    public void VectorWithOneByteChanged_IsRefused(string name)
    {
        var vector = Vector.Named(name);
        var own = new MessageDecoder(vector.Keys);
        var datagram = vector.Datagram.ToArray();
        var accepted = 0;
        WithoutAllocating(() =>
        {
            for (var at = 0; at < datagram.Length; at++)
            {
                for (var change = 1; change < 256; change++)
                {
                    datagram[at] ^= (byte)change;
                    accepted += Touch(own, datagram) == DecodeResult.Ok ? 1 : 0;
                    datagram[at] ^= (byte)change;
                }
            }
        });
        Assert.Equal(0, accepted);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void ClaimedLengthThatIsNotTheLength_IsRefused(string length)
    {
        // The field's content is 8 bytes long: no length of the list fits it.
        var field = WireText.Signed(Key, WireText.Bytes($"{length}:(0)t=abc,"));
        var good = WireText.Signed(Key, "8:(0)t=abc,"u8);
        var text = Encoding.Latin1.GetString(good);
        var end = text.IndexOf("%%%\n", StringComparison.Ordinal) + 4;
        var trailer = WireText.Bytes(text[..end] + length + text[^12..]);
        var results = new DecodeResult[3];
        WithoutAllocating(() =>
        {
            results[0] = Touch(decoder, good);
            results[1] = Touch(decoder, field);
            results[2] = Touch(decoder, trailer);
        });
        Assert.Equal([DecodeResult.Ok, DecodeResult.Malformed, DecodeResult.Malformed], results);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0:,")]
    [InlineData("4:(0)=,")]
    [InlineData("4:(0)a,")]
    [InlineData("5:(5)a=,")]
    [InlineData("5:(/)a=,")]
    [InlineData("5:[0]a=,")]
    [InlineData("6:(0)a=\0,")]
    [InlineData("6:(0)\na=,")]
    [InlineData("5:(0)a=;")]
    [InlineData("5:(0)a=")]
    [InlineData("5:(0)a=,\n")]
    [InlineData("5:(0)a=,%%%\n5:(0)a=,")]
    [InlineData("%%%\n")]
    public void SignedNetstringThatIsNoFieldList_IsMalformedUnlessItIsEmpty(string fields)
    {
        var expected = fields.Length == 0 ? DecodeResult.Ok : DecodeResult.Malformed;

        Assert.Equal(expected, Touch(decoder, WireText.Signed(Key, WireText.Bytes(fields))));
    }

    [Theory]
    [InlineData("x\n")]
    [InlineData("=x\n")]
    [InlineData("(1)a=***\n")]
    [InlineData("(1)a=AQI\n")]
    [InlineData("(5)a=b\n")]
    [InlineData("(1)=\n")]
    [InlineData("a=b\0c\n")]
    [InlineData("(2)a=\n")]
    [InlineData("(2)a=>>>\x14")]
    [InlineData("(2)a=>>>\x14x<<<\x14\n")]
    [InlineData("(2)a=>>>\x14x=y<<<\x14\n")]
    [InlineData("(2)a=>>>\x15x=y\x15<<<\x15\n")]
    public void SignedClassicLinesThatAreNoFields_AreMalformed(string lines) =>
        Assert.Equal(DecodeResult.Malformed, Touch(decoder, WireText.SignedClassic(Key, WireText.Bytes(lines))));

    [Fact]
    public void DatagramsWithoutSubstance_AreNamedForWhatTheyAre()
    {
        Assert.Equal(DecodeResult.Empty, Touch(decoder, []));
        Assert.Equal(DecodeResult.TooLarge, Touch(decoder, new byte[MessageDecoder.MaxDatagramLength + 1]));
        Assert.Equal(DecodeResult.NotAMessage, Touch(decoder, new byte[MessageDecoder.MaxDatagramLength]));
        Assert.Equal(DecodeResult.NotAMessage, Touch(decoder, "###"u8));
        Assert.Equal(DecodeResult.Malformed, Touch(decoder, "###\n"u8));
        Assert.Equal(DecodeResult.Malformed, Touch(decoder, ">>>\n"u8));
        Assert.Equal(DecodeResult.Malformed, Touch(decoder, ">>>\n<<<\n"u8));
        Assert.Equal(DecodeResult.Malformed, Touch(decoder, ">>>\n\0"u8));
    }

    [Fact]
    public void DeepNesting_CostsNoStackAndNoMemory()
    {
        var classic = new StringBuilder();
        for (var level = 0; level < 7000; level++) classic.Append("(2)a=>>>").Append((char)(20 + (level % 12)));
        var lines = WireText.SignedClassic(Key, WireText.Bytes(classic + "\n"));
        var nested = "5:(0)a=,";
        while (nested.Length < 50_000) nested = $"{nested.Length + 13}:(2)a=###\n{nested}%%%\n,";
        var fields = WireText.Signed(Key, WireText.Bytes(nested));
        var results = new DecodeResult[2];

        WithoutAllocating(() =>
        {
            results[0] = Touch(decoder, lines);
            results[1] = Touch(decoder, fields);
        });

        // In the netstring form a nested message is just a value: nothing looks into it.
        Assert.Equal([DecodeResult.Malformed, DecodeResult.Ok], results);
    }

    [Fact]
    public void RandomBytes_AreRefused()
    {
        var random = new SplitMix64(1);
        var datagram = new byte[2048];
        var accepted = 0;
        WithoutAllocating(() =>
        {
            for (var round = 0; round < 20_000; round++)
            {
                var bytes = datagram.AsSpan(0, random.Next(0, datagram.Length));
                for (var at = 0; at < bytes.Length; at++) bytes[at] = (byte)random.Next();
                if (random.Chance(1, 2)) "###\n"u8.CopyTo(datagram);
                else ">>>\n"u8.CopyTo(datagram);
                accepted += Touch(decoder, bytes) == DecodeResult.Ok ? 1 : 0;
            }
        });
        Assert.Equal(0, accepted);
    }

    [Fact]
    public void TwoHundredThousandMutatedAndSignedPackets_AreReadOrRefused()
    {
        var seeds = Vector.All.Select(vector => vector.Datagram)
            .Concat(Vector.All.Select(vector => WireText.SignedClassic(Key, WireText.Bytes(vector.Inner ?? "t=x\n"))))
            .ToArray();
        var random = new SplitMix64(20261122);
        var datagram = new byte[4096];
        var counts = new int[Enum.GetValues<DecodeResult>().Length];
        WithoutAllocating(() =>
        {
            for (var round = 0; round < 200_000; round++)
            {
                var seed = seeds[random.Next(0, seeds.Length)];
                seed.CopyTo(datagram, 0);
                var length = Mutate(datagram, seed.Length, random);
                if (random.Chance(9, 10)) length = SignAgain(datagram, length);
                counts[(int)Touch(decoder, datagram.AsSpan(0, length))]++;
            }
        });

        // Signed again they get as far as the fields: many are read, many are not, none without a signature.
        Assert.InRange(counts[(int)DecodeResult.Ok], 20_000, 180_000);
        Assert.InRange(counts[(int)DecodeResult.Malformed], 20_000, 180_000);
    }

    private static int Mutate(byte[] datagram, int length, SplitMix64 random)
    {
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(4, length);
            switch (random.Next(0, 5))
            {
                case 0:
                    datagram[at] = (byte)random.Next();
                    break;
                case 1:
                    datagram[at] = "0123456789:,()=%#<>\n\0"u8[random.Next(0, 21)];
                    break;
                case 2:
                    datagram.AsSpan(at, length - at).CopyTo(datagram.AsSpan(at + 1));
                    length++;
                    break;
                case 3:
                    datagram.AsSpan(at + 1, length - at - 1).CopyTo(datagram.AsSpan(at));
                    length = Math.Max(5, length - 1);
                    break;
                default:
                    var from = random.Next(4, length);
                    var piece = random.Next(0, Math.Min(64, length - Math.Max(at, from) + 1));
                    datagram.AsSpan(from, piece).CopyTo(datagram.AsSpan(at));
                    break;
            }
        }

        return length;
    }

    // Puts a right signature behind the mutated fields; what was behind the last end mark is given up.
    private static int SignAgain(byte[] datagram, int length)
    {
        Span<byte> signature = stackalloc byte[MessageSignature.MaxLength];
        var isNetstring = datagram[0] == (byte)'#';
        var end = datagram.AsSpan(0, length).LastIndexOf(isNetstring ? "%%%\n"u8 : "auth="u8);
        if (end < 4) return length;
        end += isNetstring ? 4 : 0;
        var signed = isNetstring ? datagram.AsSpan(0, end) : datagram.AsSpan(4, end - 4);
        signature = signature[..MessageSignature.Write(Key, signed, signature)];
        if (isNetstring) end += Netstring.WritePrefix(datagram.AsSpan(end), signature.Length);
        else end += 5;
        signature.CopyTo(datagram.AsSpan(end));
        end += signature.Length;
        var tail = isNetstring ? ","u8 : "\n<<<\n\0"u8;
        tail.CopyTo(datagram.AsSpan(end));
        return end + tail.Length;
    }

    // Decodes and, if it is a message, reads all of it in every way.
    private static DecodeResult Touch(MessageDecoder decoder, ReadOnlySpan<byte> datagram)
    {
        var result = decoder.TryDecode(datagram, out var message);
        foreach (var field in message) message.TryGet(field.Name, out _);
        message.TryGetHex("seq"u8, out _);
        message.TryGetDecimal("protocol"u8, out _);
        message.TryGetUuid("srcuuid"u8, out _);
        return result;
    }

    private void WithoutAllocating(Action action)
    {
        // The decoder's one buffer, and the runtime's own first-time work, are not what is measured.
        Touch(decoder, WireText.SignedClassic(Key, "t=x\n"u8));
        foreach (var vector in Vector.All)
            Assert.Equal(DecodeResult.Ok, Touch(new MessageDecoder(vector.Keys), vector.Datagram));
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        // A path that is compiled anew while it is measured costs a few bytes once; a claimed length would cost its
        // size.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LargestFirstTimeCost);
    }

    private const long LargestFirstTimeCost = 8192;
}
