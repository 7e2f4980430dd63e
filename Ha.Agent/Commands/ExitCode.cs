namespace Ha.Agent.Commands;

/// <summary>How a command ended, for scripts. Stable.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotRunning = 3;
    public const int Refused = 4;
    public const int Configuration = 6;
}
