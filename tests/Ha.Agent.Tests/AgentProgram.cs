using System.Diagnostics;

namespace Ha.Agent.Tests;

/// <summary>The built <c>ha-agent</c> beside the tests.</summary>
internal static class AgentProgram
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "ha-agent");

    public static Process Start(string program, IEnumerable<string> arguments, string directory = "/")
    {
        Directory.CreateDirectory(directory);
        return Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
    }
}
