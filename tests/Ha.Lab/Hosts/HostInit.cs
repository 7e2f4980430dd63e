using System.Runtime.InteropServices;
using Ha.Lab.Interop;

namespace Ha.Lab.Hosts;

/// <summary>
/// First process (PID 1) of a lab host, inside its fresh namespaces: gives it a disk and a name of its own, reaps
/// orphans, and ends - taking every process of the host with it - as soon as the lab that made it is gone.
/// </summary>
/// <remarks>Arguments: name, disk folder, then <c>source=target</c> bind mounts below /run/lab.</remarks>
internal static class HostInit
{
    internal static int Run(ReadOnlySpan<string> arguments)
    {
        var name = arguments[0];
        var disk = arguments[1];
        Mount("none", "/", null, Libc.MsRec | Libc.MsPrivate, null);
        Mount("proc", "/proc", "proc", 0, null);
        Mount("sysfs", "/sys", "sysfs", 0, null);
        var first = !Directory.Exists(Path.Combine(disk, "etc-upper"));
        Overlay(disk, "etc");
        Overlay(disk, "var");
        Mount("tmpfs", "/run", "tmpfs", 0, "mode=755");
        Directory.CreateDirectory("/run/lock");
        foreach (var bind in arguments[2..])
        {
            var (source, target) = (bind[..bind.IndexOf('=')], bind[(bind.IndexOf('=') + 1)..]);
            Directory.CreateDirectory(target);
            Mount(source, target, null, Libc.MsBind | Libc.MsRec, null);
        }
        HostDevices.Mount();
        Mount("tmpfs", "/tmp", "tmpfs", 0, null);
        if (first)
        {
            ForgetTheMachine();
        }
        File.WriteAllText("/etc/hostname", name + "\n");
        var named = Libc.SetHostName(name, (nuint)name.Length);
        if (named != 0)
        {
            throw Libc.Fail("sethostname");
        }
        HostDevices.StartSyslog();
        using var children = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Reap());
        using var output = Console.OpenStandardOutput();
        output.Write("ready\n"u8);
        output.Flush();
        WaitForTheEndOfTheLab();
        return 0;
    }

    /// <summary>The host shares the machine's programs, but not the machine's own cluster or logs.</summary>
    private static void ForgetTheMachine()
    {
        foreach (var folder in (string[])["/var/lib/ha-appliance", "/var/lib/heartbeat"])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        foreach (var file in (string[])["/etc/ha.d/ha.cf", "/etc/ha.d/authkeys", "/etc/ha.d/haresources",
            "/etc/ha.d/resource.d/haproxy", "/var/log/ha-log", "/var/log/ha-debug"])
        {
            if (File.Exists(file))
            {
                File.Delete(file);
            }
        }
    }

    private static void Overlay(string disk, string folder)
    {
        var upper = Path.Combine(disk, folder + "-upper");
        var work = Path.Combine(disk, folder + "-work");
        Directory.CreateDirectory(upper);
        Directory.CreateDirectory(work);
        Mount("overlay", "/" + folder, "overlay", 0, $"lowerdir=/{folder},upperdir={upper},workdir={work}");
    }

    internal static void Mount(string source, string target, string? type, ulong flags, string? data)
    {
        var mounted = Libc.Mount(source, target, type, flags, data);
        if (mounted != 0)
        {
            throw Libc.Fail($"mount {type ?? "bind"} {source} on {target} {data}");
        }
    }

    private static void Reap()
    {
        while (Libc.WaitPid(-1, out _, Libc.WNoHang) > 0)
        {
        }
    }

    private static unsafe void WaitForTheEndOfTheLab()
    {
        byte ignored;
        while (true)
        {
            var got = Libc.Read(0, &ignored, 1);
            if (got == 0 || (got < 0 && Marshal.GetLastPInvokeError() != Libc.EIntr))
            {
                return;
            }
        }
    }
}
