using System.Collections.Immutable;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Haproxy;

/// <summary>What is done with it: by the engine's order, or by an operator's.</summary>
internal sealed partial class HaproxyInstance
{
    private static readonly TimeSpan LongestReload = TimeSpan.FromSeconds(30);

    private readonly ServerIntents servers = new();
    private ImmutableArray<ServerIntent> wanted = [];

    /// <summary>Carries out an operation of the engine.</summary>
    public OperationResult Run(AgentCall call, HaproxySettings asked)
    {
        lock (operations)
        {
            var control = Control(asked);
            switch (call.Kind)
            {
                case OperationKind.Probe:
                    return Looked(asked, control.Look(Least(asked.CheckTimeout, call.Limit), through: false));
                case OperationKind.Monitor:
                    return Looked(asked, control.Look(Least(asked.CheckTimeout, call.Limit), through: true));
                case OperationKind.Start:
                    return Start(call, asked, control);
                case OperationKind.Stop:
                    // From now on its end is no news.
                    Enter(asked, default, null);
                    var stopped = control.Stop(call.Left);
                    Wake();
                    return stopped;
                case OperationKind.Announce or OperationKind.Cancel or OperationKind.Fence:
                    break;
            }

            throw new ArgumentOutOfRangeException(nameof(call), $"HAProxy can do nothing with {call.Kind}");
        }
    }

    /// <summary>Has it read its configuration anew.</summary>
    /// <returns>What went wrong; null when it was done.</returns>
    public string? Reload()
    {
        lock (operations)
        {
            var now = settings;
            reloading = true;
            var look = Control(now).Reload(OwnCall(LongestReload), out var check);
            Checked(now, check);
            if (look.IsWell)
            {
                Enter(now, look, check.Hash);
                ApplyIntents(now, isNew: true);
            }

            reloading = false;
            return look.IsWell ? null : look.Result.Output;
        }
    }

    // For what the engine has not ordered; ends with this object.
    private AgentCall OwnCall(TimeSpan limit) => new(
        new ResourceDefinition { Id = id, Class = "builtin", Type = "haproxy" }, OperationKind.Monitor, limit, 0, child =>
        {
            ownProgram = child;
            if (closed) child.Kill();
        });

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private OperationResult Start(AgentCall call, HaproxySettings asked, HaproxyControl control)
    {
        ConfigurationCheck? known;
        lock (gate) known = settings == asked ? configuration : null;
        if (known is not { StillGood: true })
        {
            known = control.Check(call);
            Checked(asked, known);
        }

        var look = control.Start(call, known);
        if (!look.IsWell) return look.Result;
        Enter(asked, look, known.Hash);
        // Before the first client comes with the address: a server in maintenance must not see it.
        ApplyIntents(asked, isNew: true);
        return look.Result;
    }

    // What an earlier life of the agent has started is watched from its probe on.
    private OperationResult Looked(HaproxySettings asked, HaproxyLook look)
    {
        Life known;
        lock (gate) known = life;
        if (look.IsWell && (!known.IsRunning || known.Master != look.Master || known.Worker != look.Worker))
        {
            Enter(asked, look, known.Master == look.Master ? HashOnDisk() : null);
            ApplyIntents(asked, isNew: true);
        }

        return look.Result;
    }

    // Who reloads by hand has it read what is on the disk.
    private string? HashOnDisk()
    {
        lock (gate) return configuration is { StillGood: true } known ? known.Hash : null;
    }

    private void Enter(HaproxySettings now, HaproxyLook look, string? loaded)
    {
        lock (gate)
        {
            if (settings != now) configuration = null;
            settings = now;
            loadedHash = loaded;
            life = new Life(life.Number + 1, look.IsWell && look.Master != 0, look.Master, look.Worker);
        }

        Wake();
    }

    private void ApplyIntents(HaproxySettings now, bool isNew)
    {
        ImmutableArray<string> problems;
        lock (servers)
        {
            lock (gate)
            {
                intentsDue = false;
                servers.Wanted = wanted;
            }

            if (isNew) servers.Forget();
            var control = Control(now);
            problems = servers.Apply(command => control.Ask(command));
        }

        if (problems.IsEmpty) return;
        surroundings.Post(new ShellReported
        {
            Kind = EventKind.ServerIntentFailed,
            Severity = EventSeverity.Warning,
            Subject = id,
            Sentence = $"HAProxy {id} on {surroundings.Node} does not do what operators want of its servers: "
                + string.Join("; ", problems.Take(3)) + (problems.Length > 3 ? $"; and {problems.Length - 3} more" : ""),
        });
    }

    private void Checked(HaproxySettings of, ConfigurationCheck check)
    {
        string hash = check.Hash ?? "", problem = check.Problem?.Output ?? "";
        lock (gate)
        {
            if (settings != of) return;
            var before = configuration;
            configuration = check;
            if (before is not null && before.Hash == check.Hash && before.Problem?.Output == check.Problem?.Output) return;
        }

        surroundings.Post(new ServiceConfigurationSeen(id, hash, problem));
    }
}
