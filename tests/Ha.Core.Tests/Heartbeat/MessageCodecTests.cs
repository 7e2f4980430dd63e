using System.Text;
using Ha.Core.Heartbeat;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>Fields: their types, numbers and limits, in both forms.</summary>
public sealed class MessageCodecTests
{
    private static readonly AuthenticationKey Key = WireText.Key(AuthenticationMethod.Sha1);

    // Written by Heartbeat's own library (cluster-glue 1.0.12) for the same message in its two forms.
    private const string NetstringFields =
        "13:(0)t=status\nx,88:(2)inner=###\n8:(0)y=mid,46:(2)inner2=###\n12:(0)z=deep\nlf,9:(1)b=\x01\x02\n\0,%%%\n," +
        "7:(0)k=v2,%%%\n,25:(3)lst=3:one,9:two words,,8:(0)ttl=3,";

    private const string ClassicLines =
        "t=status\x13x\n(2)inner=>>>\x14y=mid\x14(2)inner2=>>>\x15z=deep\x13lf\x15" +
        "(1)b=AQIKAA==\x15<<<\x15\x14k=v2\x14<<<\x14\n(3)lst=3:one,9:two words,\nttl=3\n";

    private readonly MessageEncoder encoder = new(new(1, [Key]), innerAuth: true);
    private readonly MessageDecoder decoder = new(new(1, [Key]));

    [Fact]
    public void NestedMessagesAndLists_AreWrittenAsHeartbeatsLibraryDoes()
    {
        var inner2 = new MessageEncoder(new(1, [Key]), innerAuth: false);
        inner2.Add("z"u8, "deep\nlf");
        inner2.AddBinary("b"u8, [1, 2, (byte)'\n', 0]);
        var inner = new MessageEncoder(new(1, [Key]), innerAuth: false);
        inner.Add("y"u8, "mid");
        inner.AddNested("inner2"u8, inner2.FinishUnsigned());
        inner.Add("k"u8, "v2");
        encoder.Add("t"u8, "status\nx");
        encoder.AddNested("inner"u8, inner.FinishUnsigned());
        encoder.AddList("lst"u8, ["one", "two words"]);
        encoder.AddDecimal("ttl"u8, 3);

        Assert.Equal($"###\n{NetstringFields}%%%\n", Encoding.Latin1.GetString(encoder.FinishUnsigned()));
        Assert.Equal(WireText.SignedClassic(Key, WireText.Bytes(ClassicLines)), encoder.FinishClassic().ToArray());
    }

    [Fact]
    public void NestedMessagesAndLists_ReadTheSameFromBothForms()
    {
        var fromNetstring = WireText.Signed(Key, WireText.Bytes(NetstringFields));
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(fromNetstring, out var message));
        Assert.Equal(ClassicLines, WireText.ClassicLines(message));
        var fields = WireText.Fields(message);

        var fromClassic = WireText.SignedClassic(Key, WireText.Bytes(ClassicLines));
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(fromClassic, out message));
        Assert.Equal(fields, WireText.Fields(message));
        Assert.Equal(4, fields.Count);
    }

    [Fact]
    public void SixteenLevelsOfNesting_SurviveTheClassicForm_AndSeventeenAreRefused()
    {
        var message = "###\n7:(0)a=bb,%%%\n"u8.ToArray();
        for (var level = 1; level <= ClassicForm.MaxDepth; level++)
        {
            encoder.Begin();
            encoder.AddNested("n"u8, message);
            message = encoder.FinishUnsigned().ToArray();
        }

        var datagram = encoder.FinishClassic().ToArray();
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(datagram, out var read));
        Assert.Equal([$"(2)n={Encoding.Latin1.GetString(message)[(message.AsSpan().IndexOf((byte)'=') + 1)..^5]}"],
            WireText.Fields(read));

        encoder.Begin();
        encoder.AddNested("n"u8, message);
        Assert.Throws<InvalidOperationException>(() => encoder.FinishClassic().Length);
    }

    [Fact]
    public void NumbersAndUuids_ReadAsTheyWereWritten()
    {
        var uuid = new Guid("f8089792-f269-4adc-b302-ca7a8b969d4e");
        encoder.AddHex("zero"u8, 0);
        encoder.AddHex("max"u8, ulong.MaxValue);
        encoder.AddDecimal("low"u8, long.MinValue);
        encoder.AddDecimal("high"u8, long.MaxValue);
        encoder.AddUuid("uuid"u8, uuid);
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(encoder.Finish(), out var message));

        Assert.True(message.TryGetHex("zero"u8, out var number) && number == 0);
        Assert.True(message.TryGetHex("max"u8, out number) && number == ulong.MaxValue);
        Assert.True(message.TryGetDecimal("low"u8, out var signed) && signed == long.MinValue);
        Assert.True(message.TryGetDecimal("high"u8, out signed) && signed == long.MaxValue);
        Assert.True(message.TryGetUuid("uuid"u8, out var read) && read == uuid);
        Assert.Contains("(1)uuid=\u00f8\b\u0097\u0092", WireText.Fields(message)[4], StringComparison.Ordinal);
        Assert.Contains("max=ffffffffffffffff", WireText.Fields(message)[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("0x12")]
    [InlineData("12 ")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("99999999999999999999")]
    public void TextThatIsNoNumber_IsNotReadAsOne(string text)
    {
        var datagram = WireText.Signed(Key, WireText.Bytes($"{6 + text.Length}:(0)ab={text},"));
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(datagram, out var message));

        Assert.False(message.TryGetHex("ab"u8, out _));
        Assert.False(message.TryGetDecimal("ab"u8, out _));
        Assert.False(message.TryGetUuid("ab"u8, out _));
    }

    [Fact]
    public void BinaryField_IsNoNumberAndOfOtherLengthNoUuid()
    {
        encoder.AddBinary("seq"u8, "12"u8);
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(encoder.Finish(), out var message));

        Assert.False(message.TryGetHex("seq"u8, out _));
        Assert.False(message.TryGetUuid("seq"u8, out _));
        Assert.True(message.TryGet("seq"u8, out _));
    }

    [Fact]
    public void EmptyText_IsSentAsOneBlank()
    {
        encoder.Add("delnodelist"u8, "");
        encoder.Add("info"u8, default(ReadOnlySpan<byte>));
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(encoder.Finish(), out var message));

        Assert.Equal(["(0)delnodelist= ", "(0)info= "], WireText.Fields(message));
    }

    [Fact]
    public void FirstOfTwoFieldsWithOneName_Counts()
    {
        encoder.Add("st"u8, "active");
        encoder.Add("st"u8, "dead");
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(encoder.Finish(), out var message));

        Assert.True(message.TryGet("st"u8, out var status));
        Assert.Equal("active", Encoding.ASCII.GetString(status));
        Assert.Equal(0, message.Type.Length);
    }

    [Fact]
    public void ClassicLines_MayHaveCarriageReturnsAndBlankLinesBetweenThem()
    {
        var datagram = WireText.SignedClassic(Key, "\rt=status\n\n\r\nst=up\n"u8);

        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(datagram, out var message));

        Assert.Equal(["(0)t=status", "(0)st=up"], WireText.Fields(message));
    }

    [Fact]
    public void CompressedMessage_IsRefused()
    {
        encoder.AddBinary("_compressed_payload"u8, [0x78, 0x9c, 0x01]);
        encoder.Add("_compression_algorithm"u8, "zlib");

        Assert.Equal(DecodeResult.Malformed, decoder.TryDecode(encoder.Finish(), out var message));
        Assert.Equal(0, message.FieldCount);
    }

    [Fact]
    public void EncoderRefusesWhatTheWireCannotCarry_AndStaysUsable()
    {
        Assert.Throws<ArgumentException>(() => encoder.Add("a=b"u8, "x"));
        Assert.Throws<ArgumentException>(() => encoder.Add(""u8, "x"));
        Assert.Throws<ArgumentException>(() => encoder.Add("line\n"u8, "x"));
        Assert.Throws<ArgumentException>(() => encoder.Add("auth"u8, "1 00"));
        Assert.Throws<ArgumentException>(() => encoder.Add("nul"u8, "a\0b"));
        Assert.Throws<ArgumentException>(() => encoder.Add("nul"u8, "a\0b"u8));
        Assert.Throws<ArgumentException>(() => encoder.AddList("list"u8, ["a\nb"]));
        encoder.Add("t"u8, "status");
        var error = Assert.Throws<InvalidOperationException>(() => encoder.AddBinary("big"u8, new byte[60_000]));
        Assert.Contains("t=status", error.Message, StringComparison.Ordinal);

        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(encoder.Finish(), out var message));
        Assert.Equal(["(0)t=status"], WireText.Fields(message));
    }

    [Fact]
    public void LargestMessage_PassesInTheNetstringForm()
    {
        encoder.AddBinary("big"u8, new byte[59_800]);

        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(encoder.Finish(), out var message));

        Assert.True(message.TryGet("big"u8, out var value));
        Assert.Equal(59_800, value.Length);
        Assert.Throws<InvalidOperationException>(() => encoder.FinishClassic().Length);
    }

    [Fact]
    public void OneHundredAndTwentyEightFields_AreTheLimitOfBothSides()
    {
        for (var count = 1; count < MessageDecoder.MaxFields; count++) encoder.AddDecimal("n"u8, count);
        Assert.Throws<InvalidOperationException>(() => encoder.AddDecimal("n"u8, 0));
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(encoder.Finish(), out var message));
        Assert.Equal(MessageDecoder.MaxFields, message.FieldCount);
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(encoder.FinishClassic(), out _));

        var many = string.Concat(Enumerable.Repeat("6:(0)n=1,", MessageDecoder.MaxFields + 1));
        Assert.Equal(DecodeResult.Malformed, decoder.TryDecode(WireText.Signed(Key, WireText.Bytes(many)), out _));
        var lines = string.Concat(Enumerable.Repeat("n=1\n", MessageDecoder.MaxFields));
        var classic = WireText.SignedClassic(Key, WireText.Bytes(lines));
        Assert.Equal(DecodeResult.Malformed, decoder.TryDecode(classic, out _));
    }
}
