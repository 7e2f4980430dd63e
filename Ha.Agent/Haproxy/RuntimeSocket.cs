using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Ha.Agent.Haproxy;

/// <summary>What an HAProxy or what is behind it answered, or why it did not.</summary>
/// <param name="Text">The answer; empty when there is a problem.</param>
/// <param name="Problem">What went wrong, without a full stop; null when nothing.</param>
internal readonly record struct SocketAnswer(string Text, string? Problem);

/// <summary>Asks within a time and a size, over sockets that never block.</summary>
internal static class RuntimeSocket
{
    /// <summary>Longest answer that is read: some ten thousand servers.</summary>
    public const int LongestAnswer = 16 * 1024 * 1024;

    private const int Buffer = 64 * 1024;

    /// <summary>Sends commands to the worker that serves and reads their answers.</summary>
    /// <param name="path">The master's socket.</param>
    /// <param name="limit">For all of it.</param>
    /// <param name="commands">Commands as the worker knows them.</param>
    public static SocketAnswer AskWorker(string path, TimeSpan limit, params IEnumerable<string> commands) =>
        AskMaster(path, limit, string.Join(';', commands.Select(static command => "@1 " + command)));

    /// <summary>Sends one line to the master and reads its answer.</summary>
    public static SocketAnswer AskMaster(string path, TimeSpan limit, string line)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return Exchange(socket, new UnixDomainSocketEndPoint(path), line + "\n", limit, path,
            static _ => false, LongestAnswer);
    }

    /// <summary>One exchange: connects, sends, reads until the other side closes or enough was read.</summary>
    /// <param name="socket">Not connected yet.</param>
    /// <param name="place">Where to.</param>
    /// <param name="request">What is sent.</param>
    /// <param name="limit">For all of it.</param>
    /// <param name="name">Of the place, for sentences.</param>
    /// <param name="isEnough">Whether nothing more is needed.</param>
    /// <param name="longest">Longest answer in bytes.</param>
    public static SocketAnswer Exchange(Socket socket, System.Net.EndPoint place, string request, TimeSpan limit,
        string name, Func<ReadOnlyMemory<byte>, bool> isEnough, int longest)
    {
        var begin = Stopwatch.GetTimestamp();
        bool InTime(SelectMode mode)
        {
            var left = limit - Stopwatch.GetElapsedTime(begin);
            return left > TimeSpan.Zero && socket.Poll(left, mode);
        }

        var late = $"{name} does not answer within {limit.TotalSeconds:0.###} s";
        try
        {
            socket.Blocking = false;
            if (!Connect(socket, place))
            {
                if (!InTime(SelectMode.SelectWrite)) return new("", late);
                if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int code and not 0)
                    throw new SocketException(code);
            }

            var rest = Encoding.UTF8.GetBytes(request).AsMemory();
            while (rest.Length > 0)
            {
                if (!InTime(SelectMode.SelectWrite)) return new("", late);
                rest = rest[socket.Send(rest.Span)..];
            }

            // The master takes the end of our side for "that was all", and a web server for a client that went away.
            if (socket.AddressFamily == AddressFamily.Unix) socket.Shutdown(SocketShutdown.Send);
            using var answer = new MemoryStream();
            var buffer = new byte[Buffer];
            while (!isEnough(answer.GetBuffer().AsMemory(0, (int)answer.Length)))
            {
                if (!InTime(SelectMode.SelectRead)) return new("", late);
                var length = socket.Receive(buffer);
                if (length == 0) break;
                if (answer.Length + length > longest)
                    return new("", $"{name} answers with more than {longest / 1024} KiB");
                answer.Write(buffer, 0, length);
            }

            return new(Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length), null);
        }
        catch (SocketException refused)
        {
            return new("", $"{name} does not answer: {refused.Message}");
        }
    }

    // A listener whose queue is full is as silent as one that does not read.
    private static bool Connect(Socket socket, System.Net.EndPoint place)
    {
        try
        {
            socket.Connect(place);
            return true;
        }
        catch (SocketException waits) when (waits.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return false;
        }
    }
}
