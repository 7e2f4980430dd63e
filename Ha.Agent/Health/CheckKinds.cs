using Ha.Agent.Resources;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>Who looks for each kind of check.</summary>
/// <param name="environment">What programs get.</param>
/// <param name="programs">Runs them.</param>
/// <param name="agent">Path of this program, for looks that have a process of their own.</param>
internal sealed class CheckKinds(ScriptEnvironment environment, ProgramRun programs, string agent)
{
    private readonly PingCheck ping = new();
    private readonly TcpCheck tcp = new();
    private readonly HttpCheck http = new(environment, programs, agent);
    private readonly DnsCheck dns = new();
    private readonly ProcessCheck process = new();
    private readonly SystemdCheck systemd = new(new SystemdUnit(environment, programs));
    private readonly FileCheck file = new(TimeProvider.System);
    private readonly ExecCheck exec = new(environment, programs);

    /// <summary>Who looks for a kind.</summary>
    public ICheckKind Of(CheckKind kind) => kind switch
    {
        CheckKind.Ping => ping,
        CheckKind.Tcp => tcp,
        CheckKind.Http => http,
        CheckKind.Dns => dns,
        CheckKind.Process => process,
        CheckKind.Systemd => systemd,
        CheckKind.File => file,
        CheckKind.Exec => exec,
    };
}
