using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// What commands mean: which groups they concern and how they change what operators want. Pure functions.
/// </summary>
internal static class CommandRules
{
    private const int LongestName = 256;
    private const int LongestReason = 1024;

    /// <summary>Refuses what cannot be a command, whatever the cluster's state.</summary>
    public static CommandRejection? Check(
        OperatorCommand command, ImmutableArray<string> nodes, ImmutableArray<ResourceGroup> groups)
    {
        if (command.Id.Length is 0 or > 64) return Malformed("id must have 1 to 64 characters");
        if (command.Actor.Length is 0 or > LongestName)
            return Malformed($"actor must have 1 to {LongestName} characters");
        if (command.Reason.Length > LongestReason)
            return Malformed($"reason must have at most {LongestReason} characters");
        if (command.Node is { } node && !nodes.Contains(node)) return UnknownNode(node, nodes);
        if (command.Kind == CommandKind.Move && (command.Group is null || command.To is null))
            return Malformed("a move needs a group and the node to move it to");
        if (command.Kind == CommandKind.Maintenance && command.Enabled is null)
            return Malformed("maintenance is switched on or off");
        if (command.Kind == CommandKind.ConfirmOff && command.Generation is null)
            return Malformed("to confirm that a node is off needs the generation of it that was heard last");
        if (command.Kind == CommandKind.SetServer && command.Server is null)
            return Malformed("a change of a server needs the backend, the server and what shall become of it");
        if (command.To is { } to && !nodes.Contains(to)) return UnknownNode(to, nodes);
        if (command.From is { } from && !nodes.Contains(from)) return UnknownNode(from, nodes);
        if (command.Group is { } group && groups.All(one => one.Id != group))
        {
            return new(RejectionCode.UnknownGroup,
                $"there is no group {group}; the groups are {string.Join(", ", groups.Select(one => one.Id))}");
        }

        return null;
    }

    /// <summary>The groups a set names, relative to a node.</summary>
    public static IEnumerable<ResourceGroup> GroupsOf(
        GroupSet set, string node, ImmutableArray<ResourceGroup> groups) =>
        groups.Where(group => set switch
        {
            GroupSet.All => true,
            GroupSet.Local => group.PreferredNode == node,
            GroupSet.Foreign or GroupSet.Failback => group.PreferredNode != node,
        });

    /// <summary>The groups a command is about.</summary>
    public static ImmutableArray<ResourceGroup> GroupsConcerned(
        OperatorCommand command, ImmutableArray<ResourceGroup> groups) =>
        command.Kind switch
        {
            CommandKind.Standby => [.. GroupsOf(command.Set, command.Node!, groups)],
            CommandKind.Takeover => [.. GroupsOf(TakeoverSet(command.Set), command.Node!, groups)],
            CommandKind.Move => [.. groups.Where(group => group.Id == command.Group)],
            CommandKind.Cleanup => [.. groups.Where(group => command.Group is null || group.Id == command.Group)],
            CommandKind.Online or CommandKind.Maintenance or CommandKind.Configure or CommandKind.RollBack
                or CommandKind.ConfirmOff => groups,
            CommandKind.SetServer => [],
        };

    /// <summary>What operators want after a command.</summary>
    /// <param name="command">A command that was accepted.</param>
    /// <param name="intents">What they wanted before.</param>
    /// <param name="groups">All groups.</param>
    /// <param name="otherNode">Where a group goes that must leave a node; null when nowhere.</param>
    public static ClusterIntents Apply(
        OperatorCommand command, ClusterIntents intents, ImmutableArray<ResourceGroup> groups,
        Func<ResourceGroup, string, string?> otherNode)
    {
        var concerned = GroupsConcerned(command, groups);
        var node = command.Node!;
        switch (command.Kind)
        {
            case CommandKind.Standby when command.Set == GroupSet.All:
                return intents with
                {
                    Standby = intents.Standby.Add(node),
                    Pins = intents.Pins.RemoveRange(
                        intents.Pins.Where(pin => pin.Value == node).Select(pin => pin.Key)),
                };
            case CommandKind.Standby:
                return intents with
                {
                    Pins = intents.Pins.SetItems(concerned.Select(group => (group, Other: otherNode(group, node)))
                        .Where(pair => pair.Other is not null)
                        .Select(pair => KeyValuePair.Create(pair.group.Id, pair.Other!))),
                };
            case CommandKind.Online:
                return ForgetFailures(intents with
                {
                    Standby = intents.Standby.Remove(node),
                    Pins = intents.Pins.RemoveRange(
                        groups.Where(group => group.PreferredNode == node).Select(group => group.Id)),
                }, groups);
            case CommandKind.Takeover:
                return intents with
                {
                    Standby = intents.Standby.Remove(node),
                    Pins = intents.Pins.SetItems(concerned.Select(group => KeyValuePair.Create(group.Id, node))),
                };
            case CommandKind.Move:
                return intents with { Pins = intents.Pins.SetItem(command.Group!, command.To!) };
            case CommandKind.Cleanup:
                return ForgetFailures(intents, concerned);
            case CommandKind.Maintenance:
                return intents with { Maintenance = command.Enabled == true };
            default:
                throw new System.Diagnostics.UnreachableException($"command {command.Kind}");
        }
    }

    private static ClusterIntents ForgetFailures(ClusterIntents intents, ImmutableArray<ResourceGroup> groups) =>
        intents with
        {
            Cleanups = intents.Cleanups.SetItems(
                groups.Select(group => KeyValuePair.Create(group.Id, intents.Version + 1))),
        };

    // hb_takeover failback hands an empty argument on, which means all (PROTOCOL.md section 11).
    private static GroupSet TakeoverSet(GroupSet set) => set == GroupSet.Failback ? GroupSet.All : set;

    internal static CommandRejection Malformed(string detail) => new(RejectionCode.Malformed, detail);

    private static CommandRejection UnknownNode(string node, ImmutableArray<string> nodes) =>
        new(RejectionCode.UnknownNode, $"there is no node {node}; the nodes are {string.Join(", ", nodes)}");
}
