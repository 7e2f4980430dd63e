using System.Buffers;
using Ha.Core.Contracts;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>What commands about an HAProxy's servers mean, and how long they hold. Pure functions.</summary>
internal static class ServerIntentRules
{
    private const int LongestName = 128;

    // What may stand in a name in haproxy.cfg. Names go into commands of its runtime socket: nothing else may.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:");

    /// <summary>The change with its resource named, when there is only one that it can mean.</summary>
    public static ServerChange Resolve(ServerChange change, ImmutableArray<ResourceGroup> groups) =>
        change.Resource is null && Haproxies(groups).ToList() is [var only]
            ? change with { Resource = only.Id } : change;

    /// <summary>Refuses what cannot be done.</summary>
    public static CommandRejection? Check(
        ServerChange change, ImmutableArray<ResourceGroup> groups, ClusterIntents intents, DateTimeOffset at)
    {
        if (CheckResource(change.Resource, groups) is { } unknown) return unknown;
        if (WhatIsWrong(change.Backend) is { } backend)
            return CommandRules.Malformed($"the name of the backend {backend}");
        if (WhatIsWrong(change.Server) is { } server)
            return CommandRules.Malformed($"the name of the server {server}");
        if (change is { State: null, Weight: null, ConfiguredWeight: false })
            return CommandRules.Malformed("a change of a server needs a state or a weight");
        if (change.Weight is < 0 or > ServerIntent.MaxWeight)
        {
            return CommandRules.Malformed(
                $"{change.Weight} is no weight: write a whole number from 0 to {ServerIntent.MaxWeight}");
        }

        if (change is { Weight: not null, ConfiguredWeight: true })
            return CommandRules.Malformed("a weight is set, or as configured again, not both");
        if (change.Until is { } until && until <= at)
            return CommandRules.Malformed($"{until:u} has passed already: it must end in the future");
        return intents.Servers.Sum(one => one.Value.Length) >= ServerIntent.MaxInCluster && Known(change, intents) is null
            && Merge(null, change, "", "", at) is not null
            ? new(RejectionCode.TooManyIntents, $"{ServerIntent.MaxInCluster} servers are otherwise than configured "
                + "already: put some back, or write what shall stay into haproxy.cfg")
            : null;
    }

    /// <summary>What operators want after a command.</summary>
    public static ClusterIntents Apply(OperatorCommand command, ClusterIntents intents, DateTimeOffset at)
    {
        var change = command.Server!;
        var resource = change.Resource!;
        var merged = Merge(Known(change, intents), change, command.Actor, command.Reason, at);
        var others = intents.ServersOf(resource).Where(one => !IsOf(one, change));
        return With(intents, resource, merged is null ? others : others.Append(merged));
    }

    /// <summary>Without what has ended by now.</summary>
    public static ClusterIntents WithoutEnded(ClusterIntents intents, DateTimeOffset at)
    {
        var left = intents;
        foreach (var resource in intents.Servers.Keys)
        {
            left = With(left, resource, intents.ServersOf(resource).Select(one => Clean(one with
            {
                State = one.Until <= at ? null : one.State,
                Weight = one.WeightUntil <= at ? null : one.Weight,
            })).OfType<ServerIntent>());
        }

        return left;
    }

    /// <summary>Without what is wanted of resources that are no HAProxy any more.</summary>
    public static ClusterIntents WithoutUnknown(ClusterIntents intents, ImmutableArray<ResourceGroup> groups)
    {
        var unknown = intents.Servers.Keys.Where(id => Haproxies(groups).All(one => one.Id != id)).ToList();
        return unknown.Count == 0 ? intents : intents with { Servers = intents.Servers.RemoveRange(unknown) };
    }

    /// <summary>When the next one ends; null when none does by itself.</summary>
    public static DateTimeOffset? NextEnd(ClusterIntents intents) =>
        intents.Servers.Keys.SelectMany(one => intents.ServersOf(one))
            .SelectMany(one => new[] { one.Until, one.WeightUntil }).Min();

    /// <summary>A command in words.</summary>
    public static string Title(ServerChange change)
    {
        var words = new List<string>();
        if (change.State is { } state) words.Add(Word(state));
        if (change.Weight is { } weight) words.Add($"weight {weight}");
        if (change.ConfiguredWeight) words.Add("weight as configured");
        var until = change.Until is { } end ? $" until {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "";
        return $"set {change.Backend}/{change.Server} of {change.Resource} to {string.Join(", ", words)}{until}";
    }

    /// <summary>A state in HAProxy's own word.</summary>
    public static string Word(HaproxyServerAdmin state) => state switch
    {
        HaproxyServerAdmin.Ready => "ready",
        HaproxyServerAdmin.Drain => "drain",
        HaproxyServerAdmin.Maintenance => "maint",
    };

    private static IEnumerable<ResourceDefinition> Haproxies(ImmutableArray<ResourceGroup> groups) =>
        groups.SelectMany(group => group.Resources).Where(one => one.IsHaproxy);

    private static CommandRejection? CheckResource(string? id, ImmutableArray<ResourceGroup> groups)
    {
        var known = Haproxies(groups).Select(one => one.Id).ToList();
        var choice = known.Count == 0 ? "none is configured" : $"there are {string.Join(", ", known)}";
        if (id is null)
            return CommandRules.Malformed($"name the resource of type builtin:haproxy that is meant: {choice}");
        if (known.Contains(id)) return null;
        var other = groups.SelectMany(group => group.Resources).FirstOrDefault(one => one.Id == id);
        return other is null
            ? new(RejectionCode.UnknownResource, $"there is no resource {id}; of type builtin:haproxy {choice}")
            : new(RejectionCode.WrongResourceType,
                $"{id} is of type {other.FullType}: only servers of builtin:haproxy can be set; {choice}");
    }

    private static string? WhatIsWrong(string name) => name.Length is 0 or > LongestName
        ? $"must have 1 to {LongestName} characters"
        : name.AsSpan().ContainsAnyExcept(NameCharacters)
            ? "may consist of letters, digits, '-', '_', '.' and ':' only" : null;

    private static bool IsOf(ServerIntent intent, ServerChange change) =>
        intent.Backend == change.Backend && intent.Server == change.Server;

    private static ServerIntent? Known(ServerChange change, ClusterIntents intents) =>
        intents.ServersOf(change.Resource!).FirstOrDefault(one => IsOf(one, change));

    private static ServerIntent? Merge(
        ServerIntent? known, ServerChange change, string actor, string reason, DateTimeOffset at)
    {
        var setsWeight = change.Weight is not null || change.ConfiguredWeight;
        return Clean(new ServerIntent
        {
            Backend = change.Backend,
            Server = change.Server,
            // Ready for a time would end in ready: it is what holds without any intent.
            State = change.State is null ? known?.State : change.State == HaproxyServerAdmin.Ready ? null : change.State,
            Until = change.State is null ? known?.Until : change.Until,
            Weight = setsWeight ? change.Weight : known?.Weight,
            WeightUntil = setsWeight ? change.Until : known?.WeightUntil,
            Actor = actor,
            Reason = reason.Length > ServerIntent.MaxReason ? reason[..ServerIntent.MaxReason] : reason,
            At = at,
        });
    }

    private static ServerIntent? Clean(ServerIntent intent) => intent is { State: null, Weight: null } ? null : intent with
    {
        Until = intent.State is null ? null : intent.Until,
        WeightUntil = intent.Weight is null ? null : intent.WeightUntil,
    };

    private static ClusterIntents With(ClusterIntents intents, string resource, IEnumerable<ServerIntent> servers)
    {
        ImmutableArray<ServerIntent> ordered = [.. servers
            .OrderBy(one => one.Backend, StringComparer.Ordinal).ThenBy(one => one.Server, StringComparer.Ordinal)];
        return intents with
        {
            Servers = ordered.IsEmpty ? intents.Servers.Remove(resource) : intents.Servers.SetItem(resource, ordered),
        };
    }
}
