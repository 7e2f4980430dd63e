using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ha.Agent.Health;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Health;
using static Ha.Agent.Tests.Health.Looking;

namespace Ha.Agent.Tests.Health;

/// <summary>DNS checks against a server that a test writes the answers of.</summary>
public sealed class DnsCheckTests
{
    private const ushort Alias = 5;
    private static readonly byte[] Ours = [192, 168, 1, 100];

    [Fact]
    public void AddressThatIsWanted_IsFound_AlsoBehindAnAlias()
    {
        byte[] Answer(byte[] question) => Reply(question, 0, (Alias, "\x03www\0"u8.ToArray()), (1, Ours));

        Good("www.example.org is 192.168.1.100", Look(Answer, ("answer", "192.168.1.100")));
        Good("www.example.org has A records", Look(Answer));
        Bad("www.example.org is 192.168.1.100, not 192.168.1.101", Look(Answer, ("answer", "192.168.1.101")));
        Bad("www.example.org has no record of type AAAA", Look(Answer, ("record", "aaaa")));
    }

    [Theory]
    [InlineData(2, "that it failed (SERVFAIL)")]
    [InlineData(3, "that there is no such name (NXDOMAIN)")]
    [InlineData(5, "that it refuses (REFUSED)")]
    [InlineData(9, "with error 9")]
    public void ServerThatRefuses_IsBad(int code, string expected) =>
        Bad($"www.example.org: the server answers {expected}", Look(question => Reply(question, code)));

    [Fact]
    public void AnswersToOtherQuestions_AreNone()
    {
        byte[] Other(byte[] question)
        {
            question[^5] ^= 0x01;
            return Reply(question, 0, (1, Ours));
        }

        byte[] Forged(byte[] question)
        {
            var reply = Reply(question, 0, (1, Ours));
            reply[0] ^= 0xFF;
            return reply;
        }

        foreach (var answer in (Func<byte[], byte[]>[])[Other, Forged, question => question, _ => [], _ => [1, 2, 3]])
            Bad("no answer within 300ms", Look(answer, Short));
    }

    [Fact]
    public void NobodyListens_IsRefusedAtOnce() =>
        Bad("Connection refused", Once(new DnsCheck(), At(CheckKind.Dns, ("server", "127.0.0.1"), ("name", "a"),
            ("port", LoopbackPort.Free().ToString(CultureInfo.InvariantCulture)))));

    [Fact]
    public void BrokenAnswers_AreReadWithoutFault()
    {
        var random = new Random(7);
        var question = DnsMessage.Question(0x1234, "www.example.org.", 1);
        var good = Reply([.. question], 0, (1, Ours), (28, new byte[16]), (Alias, [0xC0, 12]));
        Assert.Equal(3, DnsMessage.Read(good, question)!.Records.Length);
        for (var i = 0; i < 50_000; i++)
        {
            var broken = good[..random.Next(good.Length + 1)];
            for (var change = random.Next(4); change > 0 && broken.Length > 0; change--)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            var answer = DnsMessage.Read(broken, question);
            Assert.True(answer is null || answer.Records.Length <= 64);
        }
    }

    [Fact]
    public void Question_IsWhatServersExpect() => Assert.Equal(
        "1234" + "0100" + "0001" + "0000" + "0000" + "0000" + "03777777076578616D706C65036F726700" + "001C" + "0001",
        Convert.ToHexString(DnsMessage.Question(0x1234, "www.example.org", 28)));

    private static CheckFinding Look(Func<byte[], byte[]> answer, params (string, string)[] more) =>
        Look(answer, Patience, more);

    private static CheckFinding Look(
        Func<byte[], byte[]> answer, TimeSpan timeout, params (string, string)[] more)
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)server.Client.LocalEndPoint!).Port;
        var thread = new Thread(() =>
        {
            try
            {
                while (true)
                {
                    IPEndPoint? from = null;
                    var question = server.Receive(ref from);
                    // So a receive ends whose socket is closed.
                    if (question.Length == 0) return;
                    server.Send(answer(question), from);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test has ended.
            }
        }) { IsBackground = true };
        thread.Start();
        return Once(new DnsCheck(), At(CheckKind.Dns, timeout,
        [
            ("server", "127.0.0.1"), ("port", port.ToString(CultureInfo.InvariantCulture)), ("name", "www.example.org"),
            .. more,
        ]));
    }

    private static byte[] Reply(byte[] question, int code, params (ushort Type, byte[] Data)[] records)
    {
        var reply = new List<byte>(question);
        reply[2] = 0x81;
        reply[3] = (byte)(0x80 | code);
        reply[7] = (byte)records.Length;
        Span<byte> head = stackalloc byte[12];
        foreach (var (type, data) in records)
        {
            BinaryPrimitives.WriteUInt16BigEndian(head, 0xC00C);
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], type);
            BinaryPrimitives.WriteUInt16BigEndian(head[4..], 1);
            BinaryPrimitives.WriteUInt32BigEndian(head[6..], 60);
            BinaryPrimitives.WriteUInt16BigEndian(head[10..], (ushort)data.Length);
            reply.AddRange(head);
            reply.AddRange(data);
        }

        return [.. reply];
    }
}
