using System.Net.Sockets;

namespace Ha.Lab.Running;

/// <summary>
/// How <c>./run.sh kill s1</c> reaches the running scenario: one line there, the answer back, on a unix socket.
/// </summary>
internal sealed class RunControl : IDisposable
{
    private const string SocketName = "control";
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<string, string> _carryOut;
    private readonly Thread _thread;
    private volatile bool _stop;

    internal RunControl(string folder, Func<string, string> carryOut)
    {
        _carryOut = carryOut;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, SocketName)));
        _listener.Listen(4);
        _thread = new Thread(Serve) { Name = "control", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Folder of the scenario that runs on this machine; null when none does.</summary>
    internal static string? RunningFolder => !Directory.Exists(Hosts.Laboratory.Root) ? null
        : Directory.GetDirectories(Hosts.Laboratory.Root)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, SocketName)) && Answers(folder));

    /// <summary>Sends one command and prints the answer.</summary>
    /// <returns>Exit code.</returns>
    internal static int Send(string command)
    {
        if (RunningFolder is not { } folder)
        {
            Console.Error.WriteLine("the reference scenario does not run: start it with ./run.sh in another terminal");
            return 3;
        }
        var answer = Exchange(folder, command);
        Console.WriteLine(answer);
        return answer.StartsWith("refused", StringComparison.Ordinal) ? 4 : 0;
    }

    public void Dispose()
    {
        _stop = true;
        _listener.Dispose();
        _thread.Join();
    }

    private static bool Answers(string folder)
    {
        try
        {
            return Exchange(folder, "ping") == "here";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false; // left behind by a scenario that was killed
        }
    }

    internal static string Exchange(string folder, string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(folder, SocketName)));
        using var stream = new NetworkStream(socket);
        using var writer = new StreamWriter(stream) { AutoFlush = true };
        using var reader = new StreamReader(stream);
        writer.WriteLine(command);
        return reader.ReadToEnd().TrimEnd();
    }

    private void Serve()
    {
        while (!_stop)
        {
            try
            {
                using var client = _listener.Accept();
                client.ReceiveTimeout = client.SendTimeout = 2000;
                using var stream = new NetworkStream(client);
                using var reader = new StreamReader(stream);
                using var writer = new StreamWriter(stream) { AutoFlush = true };
                if (reader.ReadLine() is { } command)
                {
                    writer.WriteLine(_carryOut(command));
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                if (!_stop)
                {
                    Console.Error.WriteLine("a command was not answered: " + e.Message);
                }
            }
        }
    }
}
