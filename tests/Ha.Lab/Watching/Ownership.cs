namespace Ha.Lab.Watching;

/// <summary>A stretch of time, <see cref="LabClock"/> nanoseconds.</summary>
public readonly record struct Stretch(long From, long To)
{
    /// <summary>How long, in milliseconds.</summary>
    public double Milliseconds => LabClock.Milliseconds(From, To);
}

/// <summary>The history of who held the virtual address.</summary>
/// <param name="Changes">In the order of time.</param>
public sealed record Ownership(IReadOnlyList<VipChange> Changes)
{
    /// <summary>Who held it at an instant.</summary>
    public IReadOnlyList<string> HoldersAt(long at)
    {
        var holders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var change in Changes.Where(c => c.At <= at))
        {
            _ = change.Holds ? holders.Add(change.Node) : holders.Remove(change.Node);
        }
        return [.. holders];
    }

    /// <summary>Stretches in [from, to] in which more than one node held it.</summary>
    public IReadOnlyList<Stretch> WithSeveralOwners(long from, long to) => Where(from, to, count => count > 1);

    /// <summary>Stretches in [from, to] in which no node held it.</summary>
    public IReadOnlyList<Stretch> WithoutOwner(long from, long to) => Where(from, to, count => count == 0);

    /// <summary>Changes after an instant, in words, for the message of a failed test.</summary>
    public string Since(long from) => string.Join(", ", Changes.Where(c => c.At >= from).Select(c =>
        $"{(c.Holds ? "+" : "-")}{c.Node} at {LabClock.Milliseconds(from, c.At):0} ms"));

    private List<Stretch> Where(long from, long to, Func<int, bool> wanted)
    {
        var found = new List<Stretch>();
        long? since = wanted(HoldersAt(from).Count) ? from : null;
        foreach (var at in Changes.Select(c => c.At).Where(t => t > from && t < to).Distinct())
        {
            var matches = wanted(HoldersAt(at).Count);
            if (matches && since is null)
            {
                since = at;
            }
            else if (!matches && since is { } begin)
            {
                found.Add(new Stretch(begin, at));
                since = null;
            }
        }
        if (since is { } open)
        {
            found.Add(new Stretch(open, to));
        }
        return found;
    }
}
