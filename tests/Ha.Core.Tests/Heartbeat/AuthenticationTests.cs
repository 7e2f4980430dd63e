using System.Text;
using Ha.Core.Heartbeat;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>Who is believed: methods, secrets, key ids and the floor.</summary>
public sealed class AuthenticationTests
{
    private const string Secret = "a secret";

    public static TheoryData<AuthenticationMethod> Methods => new(Enum.GetValues<AuthenticationMethod>());

    public static TheoryData<AuthenticationMethod> MethodsWithSecret => new(
        AuthenticationMethod.Md5, AuthenticationMethod.Sha1, AuthenticationMethod.Sha256);

    [Theory]
    [MemberData(nameof(Methods))]
    public void EveryMethod_IsAcceptedBySomeoneWithTheSameKey(AuthenticationMethod method)
    {
        var keys = WireText.Keys(method, Secret);
        var decoder = new MessageDecoder(keys);

        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(Status(keys), out var message));
        Assert.Equal("status", Encoding.ASCII.GetString(message.Type));
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(ClassicStatus(keys), out message));
        Assert.Equal("status", Encoding.ASCII.GetString(message.Type));
    }

    [Fact]
    public void CopyOfAnAcceptedDatagram_IsReadAsTheFirstAndAnyOtherIsNot()
    {
        var keys = WireText.Keys(AuthenticationMethod.Sha256, Secret);
        var decoder = new MessageDecoder(keys);
        var status = Status(keys);
        var other = ClassicStatus(keys);

        for (var changed = 0; changed < status.Length; changed++)
        {
            Assert.Equal(DecodeResult.Ok, decoder.TryDecode(status, out var first));
            var fields = WireText.Fields(first);
            // Another form in between uses the same table of fields.
            if (changed % 2 == 0) Assert.Equal(DecodeResult.Ok, decoder.TryDecode(other, out _));
            Assert.Equal(DecodeResult.Ok, decoder.TryDecode([.. status], out var copy));
            Assert.Equal(fields, WireText.Fields(copy));
            byte[] forged = [.. status];
            forged[changed] ^= 1;
            Assert.NotEqual(DecodeResult.Ok, decoder.TryDecode(forged, out _));
        }

        Assert.NotEqual(DecodeResult.Ok, decoder.TryDecode([.. status, (byte)','], out _));
        Assert.NotEqual(DecodeResult.Ok, decoder.TryDecode(status.AsSpan(0, status.Length - 1), out _));
    }

    [Theory]
    [InlineData(AuthenticationMethod.Md5, "9294727a3638bb1c13f48ef8158bfc9d")]
    [InlineData(AuthenticationMethod.Sha1, "b617318655057264e28bc0b6fb378c8ef146be00")]
    [InlineData(AuthenticationMethod.Sha256, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    public void Digest_IsTheHmacOfTheStandards(AuthenticationMethod method, string digest)
    {
        // RFC 2202 and RFC 4231, test case 1: 0b as often as the digest is long (sha256: 20 times), "Hi There".
        var secret = new byte[method == AuthenticationMethod.Md5 ? 16 : 20];
        secret.AsSpan().Fill(0x0b);
        var key = new AuthenticationKey(1, method, secret);

        Assert.True(MessageSignature.Verify(key, "Hi There"u8, Encoding.ASCII.GetBytes(digest)));
    }

    [Theory]
    [InlineData("", 0xffffffffu)]
    [InlineData("123456789", 0x765e7680u)]
    public void Crc_IsTheChecksumOfCksumWithoutItsLength(string text, uint crc) =>
        Assert.Equal(crc, Crc32.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Crc_EightBytesAtATimeIsTheSameAsBitByBit()
    {
        var data = new byte[64];
        for (var length = 0; length < data.Length; length++)
        {
            data[length] = (byte)((length * 37) + 11);
            var crc = 0u;
            foreach (var value in data.AsSpan(0, length))
            {
                crc ^= (uint)value << 24;
                for (var bit = 0; bit < 8; bit++) crc = (crc & 0x80000000) == 0 ? crc << 1 : (crc << 1) ^ 0x04C11DB7;
            }

            Assert.Equal(~crc, Crc32.Of(data.AsSpan(0, length)));
        }
    }

    [Theory]
    [MemberData(nameof(MethodsWithSecret))]
    public void WrongSecret_IsUnauthentic(AuthenticationMethod method)
    {
        var decoder = new MessageDecoder(WireText.Keys(method, "another secret"));
        var mine = WireText.Keys(method, Secret);

        Assert.Equal(DecodeResult.Unauthentic, decoder.TryDecode(Status(mine), out var message));
        Assert.Equal(0, message.FieldCount);
        Assert.Equal(DecodeResult.Unauthentic, decoder.TryDecode(ClassicStatus(mine), out _));
    }

    [Fact]
    public void UnknownKeyId_IsRefused()
    {
        var datagram = Status(WireText.Keys(AuthenticationMethod.Sha1, Secret, id: 7));

        var decoder = new MessageDecoder(WireText.Keys(AuthenticationMethod.Sha1, Secret, id: 1));

        Assert.Equal(DecodeResult.UnknownKey, decoder.TryDecode(datagram, out _));
    }

    [Theory]
    [InlineData(AuthenticationMethod.Sha256, AuthenticationMethod.Sha1, DecodeResult.WeakKey)]
    [InlineData(AuthenticationMethod.Sha1, AuthenticationMethod.Md5, DecodeResult.WeakKey)]
    [InlineData(AuthenticationMethod.Sha1, AuthenticationMethod.Crc, DecodeResult.WeakKey)]
    [InlineData(AuthenticationMethod.Sha1, AuthenticationMethod.Sha1, DecodeResult.Ok)]
    [InlineData(AuthenticationMethod.Sha1, AuthenticationMethod.Sha256, DecodeResult.Ok)]
    [InlineData(AuthenticationMethod.Crc, AuthenticationMethod.Md5, DecodeResult.Ok)]
    public void KeyWeakerThanTheActiveOne_IsRefusedThoughTheSignatureIsRight(
        AuthenticationMethod active, AuthenticationMethod used, DecodeResult expected)
    {
        var other = WireText.Key(used, "other secret", id: 2);
        var receiver = new AuthenticationKeys(1, [WireText.Key(active, Secret), other]);

        var result = new MessageDecoder(receiver).TryDecode(Status(new AuthenticationKeys(2, [other])), out _);

        Assert.Equal(expected, result);
    }

    [Fact]
    public void SecretIsThatOfTheKeyIdInThePacket_NotTheActiveOne()
    {
        // Heartbeat takes the active entry's secret here, so that two nodes in the middle of a key change part.
        var first = WireText.Key(AuthenticationMethod.Sha1, "first");
        var second = WireText.Key(AuthenticationMethod.Sha1, "second", id: 2);
        var decoder = new MessageDecoder(new AuthenticationKeys(1, [first, second]));

        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(Status(new AuthenticationKeys(2, [second])), out _));
        var mixed = new AuthenticationKeys(2, [WireText.Key(AuthenticationMethod.Sha1, "first", id: 2)]);
        Assert.Equal(DecodeResult.Unauthentic, decoder.TryDecode(Status(mixed), out _));
    }

    [Fact]
    public void InnerSignatureOfTheNetstringForm_IsIgnoredAsHeartbeatDoes()
    {
        var key = WireText.Key(AuthenticationMethod.Sha1);

        var datagram = WireText.Signed(key, "10:(0)t=statu,12:(0)auth=1 00,"u8);

        Assert.Equal(DecodeResult.Ok, new MessageDecoder(new(1, [key])).TryDecode(datagram, out _));
    }

    [Fact]
    public void ClassicSignatureThatIsNotInTheLastLine_IsRefused()
    {
        var key = WireText.Key(AuthenticationMethod.Sha1);
        var datagram = WireText.SignedClassic(key, "t=status\n"u8);
        byte[] moved = [.. datagram.AsSpan(0, datagram.Length - 5), .. "x=y\n<<<\n\0"u8];

        Assert.Equal(DecodeResult.Malformed, new MessageDecoder(new(1, [key])).TryDecode(moved, out _));
    }

    private static byte[] Status(AuthenticationKeys keys)
    {
        var encoder = new MessageEncoder(keys, innerAuth: true);
        encoder.Add("t"u8, "status");
        return encoder.Finish().ToArray();
    }

    private static byte[] ClassicStatus(AuthenticationKeys keys)
    {
        var encoder = new MessageEncoder(keys, innerAuth: true);
        encoder.Add("t"u8, "status");
        return encoder.FinishClassic().ToArray();
    }
}
