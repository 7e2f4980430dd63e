using Ha.Core.Contracts;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;

namespace Ha.Lab.Running;

/// <summary>
/// The group is forced from node to node many times in a row, with a hook on every event: nothing may be left behind,
/// and each hook runs once for each event, in the order of events of the same subject.
/// </summary>
/// <param name="cluster">The reference cluster, not started yet.</param>
public sealed class ForcedTransitions(ReferenceCluster cluster)
{
    private const string Notes = "/var/log/hook-notes";

    private const string Hook = """
        #!/bin/sh
        printf '%s\t%s\n' "$HA_EVENT_ID" "$HA_EVENT_SUBJECT" >> /var/log/hook-notes

        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Puts the hook onto all nodes; to be called before the agents start.</summary>
    public void InstallHooks()
    {
        foreach (var node in cluster.Nodes)
            node.Node.Write("/etc/ha.d/hooks.d/10-note", Hook, (UnixFileMode)0b111_101_101);
    }

    /// <summary>Forces so many transitions, back and forth; the group ends where it was when they are even.</summary>
    public void Run(int transitions)
    {
        for (var i = 0; i < transitions; i++)
        {
            var leave = cluster.S1.Snapshot?.Groups[0].ActiveOn is ["s1"];
            Command(leave ? CommandKind.Standby : CommandKind.Online);
            var target = leave ? "s2" : "s1";
            LabClock.WaitUntil(() => cluster.Nodes.All(node => node.Snapshot is { Transition: null } now
                && now.Groups[0] is { State: GroupState.Active, ActiveOn: [var active] } && active == target),
                s_patience, () => $"transition {i + 1}: the group is not moved to {target}\n{cluster.Story}");
        }
    }

    /// <summary>What the nodes have at rest. To be compared with one while the group was at the same place.</summary>
    public IReadOnlyList<Belongings> Take() => [.. cluster.Nodes.Select(Take)];

    /// <summary>Waits until no node has more than before; the differences that stay, in words.</summary>
    public IReadOnlyList<string> WhatIsLeft(IReadOnlyList<Belongings> before)
    {
        IReadOnlyList<string> left = [];
        try
        {
            LabClock.WaitUntil(() => (left = Compare(before)).Count == 0, s_patience, () => "");
        }
        catch (TimeoutException)
        {
            // What is left is the answer.
        }

        return left;
    }

    /// <summary>
    /// Waits until every event has had its hook; which ran twice or in the wrong order, in words.
    /// </summary>
    public IReadOnlyList<string> HookMistakes()
    {
        foreach (var node in cluster.Nodes)
        {
            LabClock.WaitUntil(() => Told(node).IsSubsetOf(Noted(node).Select(note => note.Id)), s_patience,
                () => $"hooks of {node.Node.Name} do not run: {Told(node).Count} events, {Noted(node).Count} notes");
        }

        return [.. cluster.Nodes.SelectMany(Mistakes)];
    }

    private static IEnumerable<string> Mistakes(HaNode node)
    {
        var place = node.Events.Select((told, index) => (told.Id, index)).ToDictionary(one => one.Id, one => one.index);
        var notes = Noted(node);
        foreach (var twice in notes.GroupBy(note => note.Id).Where(ran => ran.Count() > 1))
            yield return $"{node.Node.Name}: the hook ran {twice.Count()} times for {twice.Key}";
        foreach (var subject in notes.Where(note => place.ContainsKey(note.Id)).GroupBy(note => note.Subject))
        {
            foreach (var (first, second) in subject.Zip(subject.Skip(1)))
            {
                if (place[first.Id] > place[second.Id])
                    yield return $"{node.Node.Name}: the hook of {second.Id} ran after that of {first.Id}";
            }
        }
    }

    // Outcomes of hooks call none.
    private static HashSet<string> Told(HaNode node) =>
    [
        .. node.Events.Where(one => one.Kind is not (EventKind.HooksDone or EventKind.HookFailed
            or EventKind.HooksLeftOut)).Select(one => one.Id),
    ];

    private static List<(string Id, string Subject)> Noted(HaNode node) =>
        [.. node.Node.Read(Notes).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t')).Select(words => (words[0], words[^1]))];

    private void Command(CommandKind kind)
    {
        var answer = ControlClient.Command(cluster.S1.Node, new OperatorCommand
        {
            Id = Guid.NewGuid().ToString("N"), Kind = kind, Node = "s1", Actor = "soak", Reason = "forced",
        });
        if (answer.Rejection is { } rejection)
            throw new InvalidOperationException($"{kind} was refused: {rejection.Detail}");
    }

    private List<string> Compare(IReadOnlyList<Belongings> before) =>
        [.. before.Zip(Take()).SelectMany(pair => pair.First.Exceeded(pair.Second))];

    private static Belongings Take(HaNode node)
    {
        var processes = node.Node.AllProcesses;
        // The oldest: what it starts has its name for a moment.
        var agent = node.Node.Processes(HaNode.AgentProcess)[0];
        var addresses = node.Node.Run("ip", "-o", "addr", "show").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]).Order();
        return new Belongings(node.Node.Name, processes.Count,
            Directory.EnumerateFileSystemEntries($"/proc/{agent}/fd").Count(), string.Join(' ', addresses),
            processes.SelectMany(Namespaces).Distinct().Count());
    }

    private static IEnumerable<string> Namespaces(int pid)
    {
        foreach (var kind in (string[])["net", "mnt", "pid", "uts", "ipc"])
        {
            string? name = null;
            try
            {
                name = File.ResolveLinkTarget($"/proc/{pid}/ns/{kind}", false)?.Name;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }

            if (name is not null) yield return name;
        }
    }
}

/// <summary>What one node has at rest.</summary>
/// <param name="Node">The node.</param>
/// <param name="Processes">Processes, dead ones that nobody has collected too.</param>
/// <param name="Descriptors">Open file descriptors of the agent.</param>
/// <param name="Addresses">All addresses.</param>
/// <param name="Namespaces">Namespaces that its processes are in.</param>
public sealed record Belongings(string Node, int Processes, int Descriptors, string Addresses, int Namespaces)
{
    /// <summary>A runtime opens a few descriptors at their first use; a leak grows with every transition.</summary>
    private const int SpareDescriptors = 8;

    /// <summary>In what a later look has more than this one, in words.</summary>
    internal IEnumerable<string> Exceeded(Belongings later)
    {
        if (later.Processes > Processes) yield return $"{Node}: {Processes} processes, now {later.Processes}";
        if (later.Descriptors > Descriptors + SpareDescriptors)
            yield return $"{Node}: {Descriptors} descriptors, now {later.Descriptors}";
        if (later.Addresses != Addresses) yield return $"{Node}: addresses {Addresses}, now {later.Addresses}";
        if (later.Namespaces > Namespaces) yield return $"{Node}: {Namespaces} namespaces, now {later.Namespaces}";
    }
}
