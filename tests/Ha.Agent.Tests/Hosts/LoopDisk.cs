using System.Diagnostics;

namespace Ha.Agent.Tests.Hosts;

/// <summary>A small disk with an ext4 file system: a file behind a loop device.</summary>
internal sealed class LoopDisk : IDisposable
{
    private const long Bytes = 16 * 1024 * 1024;

    public LoopDisk(string file)
    {
        using (var image = File.Create(file)) image.SetLength(Bytes);
        Run("mkfs.ext4", "-q", file);
        Device = Run("losetup", "--find", "--show", file);
    }

    /// <summary>Its device, for example <c>/dev/loop3</c>.</summary>
    public string Device { get; }

    public void Dispose() => Run("losetup", "--detach", Device);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo($"/usr/sbin/{program}", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), $"{program} hangs");
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}");
        return output.Trim();
    }
}
