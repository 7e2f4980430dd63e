using System.Text;
using Ha.Core.Heartbeat;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>The eleven captured datagrams: decoded, verified inside and out, and written again byte for byte.</summary>
public sealed class VectorTests
{
    [Fact]
    public void AllElevenCapturedDatagramsAreThere() => Assert.Equal(11, Vector.All.Count);

    [Theory]
    [MemberData(nameof(Vector.Names), MemberType = typeof(Vector))]
    public void CapturedDatagram_DecodesToItsFields(string name)
    {
        var vector = Vector.Named(name);
        var decoder = new MessageDecoder(vector.Keys);

        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(vector.Datagram, out var message));

        Assert.Equal(vector.Fields.Count + (vector.Inner is null ? 0 : 1), message.FieldCount);
        for (var index = 0; index < vector.Fields.Count; index++)
        {
            Assert.Equal(vector.Fields[index].Type, message[index].Type);
            Assert.Equal(vector.Fields[index].Name, Encoding.ASCII.GetString(message[index].Name));
            Assert.Equal(vector.Fields[index].Value, message[index].Value.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Vector.Names), MemberType = typeof(Vector))]
    public void CapturedDatagram_InnerSignatureCoversTheClassicLines(string name)
    {
        var vector = Vector.Named(name);
        var decoder = new MessageDecoder(vector.Keys);
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(vector.Datagram, out var message));

        Assert.Equal(vector.Inner is not null, message.TryGet("auth"u8, out var inner));
        if (vector.Inner is null) return;
        Assert.Equal(vector.Inner, WireText.ClassicLines(message));
        Assert.True(MessageSignature.TryFindLast(inner, out var keyId, out var digest, out var start));
        Assert.Equal(0, start);
        Assert.Equal(vector.Key.Id, keyId);
        Assert.True(MessageSignature.Verify(vector.Key, Encoding.ASCII.GetBytes(vector.Inner), digest));
    }

    [Theory]
    [MemberData(nameof(Vector.Names), MemberType = typeof(Vector))]
    public void CapturedDatagram_EncodesAgainByteForByte(string name)
    {
        var vector = Vector.Named(name);
        var encoder = new MessageEncoder(vector.Keys, innerAuth: vector.Inner is not null);

        vector.Encode(encoder);

        Assert.Equal(vector.Datagram, encoder.Finish().ToArray());
        Assert.EndsWith($":{vector.Outer},", Encoding.Latin1.GetString(encoder.Finish()), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Vector.Names), MemberType = typeof(Vector))]
    public void CapturedMessage_SurvivesTheClassicForm(string name)
    {
        var vector = Vector.Named(name);
        var encoder = new MessageEncoder(vector.Keys, innerAuth: true);
        vector.Encode(encoder);
        var classic = encoder.FinishClassic().ToArray();

        Assert.Equal(DecodeResult.Ok, new MessageDecoder(vector.Keys).TryDecode(classic, out var message));

        var again = new MessageEncoder(vector.Keys, innerAuth: vector.Inner is not null);
        foreach (var field in message)
            if (!field.Name.SequenceEqual("auth"u8)) again.Add(field);
        Assert.Equal(vector.Datagram, again.Finish().ToArray());
        if (vector.Inner is not null)
            Assert.StartsWith(">>>\n" + vector.Inner, Encoding.Latin1.GetString(classic), StringComparison.Ordinal);
    }
}
