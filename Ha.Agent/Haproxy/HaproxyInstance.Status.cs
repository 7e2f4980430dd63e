using Ha.Agent.Resources;
using Ha.Core.Contracts;

namespace Ha.Agent.Haproxy;

/// <summary>What it tells of itself.</summary>
internal sealed partial class HaproxyInstance
{
    /// <summary>Reads its state; takes as long as it takes to answer, within the check timeout.</summary>
    public HaproxyStatus Status()
    {
        HaproxySettings of;
        ConfigurationCheck? check;
        string? loaded;
        lock (gate) (of, check, loaded) = (settings, configuration, loadedHash);
        using var found = HaproxyProcesses.Find(of);
        var master = found.Master;
        var status = new HaproxyStatus
        {
            Resource = id,
            Node = surroundings.Node,
            At = DateTimeOffset.UtcNow,
            IsRunning = master is not null,
            Configuration = new HaproxyConfiguration(of.Config, check?.Hash, check?.Problem?.Output, check?.At,
                master is null || loaded is null || check?.Hash is null ? null : loaded == check.Hash),
        };
        if (master is null)
        {
            return found.All.IsEmpty ? status
                : status with { Problem = $"Process {found.All[0].Id} is left, but not master and worker." };
        }

        if (found.All.FirstOrDefault(static one => one.IsStopped) is { } stopped)
            return status with { Problem = $"Process {stopped.Id} is stopped (SIGSTOP)." };
        var answer = RuntimeSocket.AskWorker(of.Socket, of.CheckTimeout, StatusText.Commands);
        return answer.Problem is { } silence
            ? status with { Problem = $"The runtime socket {silence}." }
            : StatusText.Read(answer.Text, master.Id, status);
    }
}
