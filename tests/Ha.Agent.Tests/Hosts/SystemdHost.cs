using System.Diagnostics;

namespace Ha.Agent.Tests.Hosts;

/// <summary>
/// A host that runs systemd as its first process, in namespaces of its own: private /etc, /var, /run, /root and /tmp.
/// </summary>
internal sealed class SystemdHost : IDisposable
{
    // Before anything else a /tmp of its own: systemd empties it when it boots. It sees cgroup v2 only, from a group of
    // this test downwards, so that it changes nothing in the machine's own groups.
    private const string Boot = """
        set -eu
        echo $$ > "$1/cgroup.procs"
        exec unshare --pid --fork --kill-child --mount --uts --ipc --net --cgroup --mount-proc sh -euc '
            for directory in /tmp /mnt /run /root; do mount -t tmpfs none $directory; done
            [ "$(stat -fc %T /tmp)" = tmpfs ]
            for directory in etc var; do
                mkdir /mnt/$directory-upper /mnt/$directory-work
                mount -t overlay overlay \
                    -o lowerdir=/$directory,upperdir=/mnt/$directory-upper,workdir=/mnt/$directory-work /$directory
            done
            umount -R /sys/fs/cgroup
            mount -t cgroup2 none /sys/fs/cgroup
            exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=basic.target'
        """;

    private readonly string groups = Path.Combine(Unified, $"ha-test-{Guid.NewGuid():N}");
    private readonly TemporaryFolder folder = new();
    private readonly Process outside;
    private readonly int init;

    public SystemdHost()
    {
        Directory.CreateDirectory(groups);
        outside = Process.Start(new ProcessStartInfo("sh", ["-c", Boot, "boot", groups])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
        var found = 0;
        Wait.Until(() => (found = ChildOf(outside.Id)) != 0, "systemd is started");
        init = found;
        Systemctl = folder.File("systemctl");
        File.WriteAllText(
            Systemctl, $"#!/bin/sh\nexec nsenter -t {init} -m -u -i -n -p -C /usr/bin/systemctl \"$@\"\n");
        File.SetUnixFileMode(Systemctl, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Wait.Until(() => Run("is-system-running") is "running" or "degraded", "the host is up", seconds: 120);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static string Unified =>
        File.Exists("/sys/fs/cgroup/cgroup.procs") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";

    /// <summary>A program that runs systemctl inside.</summary>
    public string Systemctl { get; }

    /// <summary>Where units are, as seen from outside.</summary>
    public string UnitDirectory => $"/proc/{init}/root/run/systemd/system";

    /// <summary>Adds a unit.</summary>
    public void AddUnit(string name, string content)
    {
        Directory.CreateDirectory(UnitDirectory);
        File.WriteAllText(Path.Combine(UnitDirectory, name), content);
        Run("daemon-reload");
    }

    /// <summary>Runs systemctl; what it printed.</summary>
    public string Run(params string[] words)
    {
        // Read by a shell, not executed: what another test starts at this moment may hold the fresh file open.
        using var program = Process.Start(new ProcessStartInfo("sh", [Systemctl, .. words])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
        var output = program.StandardOutput.ReadToEnd();
        Assert.True(program.WaitForExit(120_000), $"systemctl {string.Join(' ', words)} hangs");
        return output.Trim();
    }

    public void Dispose()
    {
        // With the first process of a pid namespace all its others end.
        using (var first = Process.GetProcessById(init)) first.Kill();
        outside.WaitForExit(60_000);
        outside.Dispose();
        folder.Dispose();
        Wait.Until(RemoveGroups, "the control groups are gone");
    }

    private bool RemoveGroups()
    {
        var all = Directory.GetDirectories(groups, "*", SearchOption.AllDirectories)
            .OrderByDescending(static directory => directory.Length);
        return all.Append(groups).ToList().TrueForAll(TryRemove);
    }

    private static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static int ChildOf(int process)
    {
        var children = $"/proc/{process}/task/{process}/children";
        Assert.True(File.Exists(children), "the host could not be started");
        return File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var only]
            ? int.Parse(only)
            : 0;
    }
}
