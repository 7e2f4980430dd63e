using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>An operator who gives commands at the wrong moment, to the wrong node, and sometimes nonsense.</summary>
public static class OperatorModel
{
    /// <summary>Draws a command.</summary>
    /// <param name="random">The operator's stream.</param>
    /// <param name="profile">The cluster he works on.</param>
    /// <param name="number">Makes the id unique.</param>
    public static OperatorCommand Draw(SplitMix64 random, SimulationProfile profile, int number)
    {
        var command = new OperatorCommand
        {
            Id = $"op-{number}",
            Kind = (CommandKind)random.Next(0, 5),
            Node = random.Chance(1, 3) ? null : SimulationProfile.NodeName(random.Next(0, profile.Nodes)),
            Set = random.Chance(1, 2) ? GroupSet.All : (GroupSet)random.Next(0, 4),
            Actor = "simulation",
            Reason = "drawn",
        };
        var group = profile.Groups[random.Next(0, profile.Groups.Length)].Id;
        if (command.Kind == CommandKind.Move)
        {
            command = command with
            {
                Group = group,
                To = SimulationProfile.NodeName(random.Next(0, profile.Nodes)),
                From = random.Chance(1, 4) ? SimulationProfile.NodeName(random.Next(0, profile.Nodes)) : null,
            };
        }
        else if (command.Kind == CommandKind.Cleanup && random.Chance(1, 2))
        {
            command = command with { Group = group };
        }

        return random.Chance(1, 6) ? Spoil(random, command) : command;
    }

    /// <summary>Brings a node back from standby.</summary>
    public static OperatorCommand Online(int node, long number) => new()
    {
        Id = $"online-{number}-{node}", Kind = CommandKind.Online, Node = SimulationProfile.NodeName(node),
        Actor = "simulation", Reason = "restore",
    };

    /// <summary>Forgets all failures.</summary>
    public static OperatorCommand Cleanup(long number) => new()
    {
        Id = $"cleanup-{number}", Kind = CommandKind.Cleanup, Actor = "simulation", Reason = "restore",
    };

    /// <summary>
    /// Whether a command may be accepted at all: everything that it names exists, and nothing is missing.
    /// </summary>
    public static bool IsWellFormed(OperatorCommand command, SimulationProfile profile)
    {
        if (command.Id.Length is 0 or > 64 || command.Actor.Length == 0) return false;
        if (!IsNodeOrNull(command.Node, profile) || !IsNodeOrNull(command.To, profile)) return false;
        if (command.Group is { } group && profile.Groups.All(known => known.Id != group)) return false;
        if (command.Kind == CommandKind.ConfirmOff && (command.Node is null || command.Generation is null)) return false;
        return command.Kind != CommandKind.Move || (command.Group is not null && command.To is not null);
    }

    private static OperatorCommand Spoil(SplitMix64 random, OperatorCommand command) => random.Next(0, 6) switch
    {
        0 => command with { Node = "nobody" },
        1 => command with { Kind = CommandKind.Move, Group = "10.9.9.9/24", To = "n1" },
        2 => command with { Kind = CommandKind.Move, Group = null, To = null },
        3 => command with { Id = "" },
        4 => command with { Id = new string('x', 65) },
        _ => command with { Actor = "" },
    };

    private static bool IsNodeOrNull(string? name, SimulationProfile profile)
    {
        if (name is null) return true;
        for (var node = 0; node < profile.Nodes; node++)
        {
            if (SimulationProfile.NodeName(node) == name) return true;
        }

        return false;
    }
}
