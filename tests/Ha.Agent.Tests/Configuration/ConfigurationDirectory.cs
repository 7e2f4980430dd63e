namespace Ha.Agent.Tests.Configuration;

/// <summary>A configuration directory of this machine that a test made, with files that are good here.</summary>
internal sealed class ConfigurationDirectory : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("ha-config-test-");

    public ConfigurationDirectory()
    {
        Write("ha.cf", "logfacility local0\nnode s1 s2\nbcast lo\nauto_failback on\n");
        Write("authkeys", "auth 1\n1 sha256 OpenSesame\n");
        Write("haresources", "s1 192.168.1.100/24/lo service\n");
        Directory.CreateDirectory(Path("resource.d"));
        Write("resource.d/service", "#!/bin/sh\n", UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public string Root => directory.FullName;

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public void Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        File.WriteAllText(Path(name), text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path(name), mode);
    }

    public void Dispose() => directory.Delete(recursive: true);
}
