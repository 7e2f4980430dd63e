using System.Net.Sockets;
using System.Text;
using Ha.Lab.Interop;

namespace Ha.Lab.Hosts;

/// <summary>
/// A host's own /dev: the harmless devices of the machine, and a /dev/log of its own that ends in /var/log/syslog.
/// </summary>
internal static class HostDevices
{
    private const string Staging = "/run/lab-dev";
    private const int MaxSyslogBytes = 16 * 1024 * 1024;

    internal static void Mount()
    {
        Directory.CreateDirectory(Staging);
        HostInit.Mount("tmpfs", Staging, "tmpfs", 0, "mode=755");
        foreach (var device in (string[])["null", "zero", "full", "random", "urandom", "tty"])
        {
            File.WriteAllBytes(Path.Combine(Staging, device), []);
            HostInit.Mount("/dev/" + device, Path.Combine(Staging, device), null, Libc.MsBind, null);
        }
        foreach (var folder in (string[])["pts", "shm"])
        {
            Directory.CreateDirectory(Path.Combine(Staging, folder));
        }
        HostInit.Mount("/dev/pts", Staging + "/pts", null, Libc.MsBind, null);
        HostInit.Mount("tmpfs", Staging + "/shm", "tmpfs", 0, null);
        foreach (var (link, target) in ((string, string)[])[("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"),
            ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx")])
        {
            File.CreateSymbolicLink(Path.Combine(Staging, link), target);
        }
        HostInit.Mount(Staging, "/dev", null, Libc.MsMove, null);
    }

    /// <summary>Writes what comes to /dev/log into /var/log/syslog, up to a bound.</summary>
    internal static void StartSyslog()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint("/dev/log"));
        new Thread(() => Collect(socket)) { IsBackground = true, Name = "syslog" }.Start();
    }

    private static void Collect(Socket socket)
    {
        using var log = new StreamWriter("/var/log/syslog", append: false) { AutoFlush = true };
        var buffer = new byte[8192];
        for (var written = 0; written < MaxSyslogBytes;)
        {
            var line = Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer)).TrimEnd('\0', '\n');
            log.WriteLine(line);
            written += line.Length + 1;
        }
        socket.Dispose();
    }
}
