namespace Ha.Web.Model;

/// <summary>
/// What changed between two pictures, for people who do not see the screen. Null when nothing worth saying did.
/// </summary>
public static class Announcement
{
    public static string? Between(ClusterSnapshot? before, ClusterSnapshot after)
    {
        if (before is null)
        {
            return null;
        }

        var sentences = after.Groups
            .Select(group => OfGroup(before.Groups.FirstOrDefault(old => old.Id == group.Id), group))
            .Concat(after.Nodes.Select(node => OfNode(before.Nodes.FirstOrDefault(old => old.Name == node.Name), node)))
            .OfType<string>();
        var text = string.Join(" ", sentences);
        return text.Length == 0 ? null : text;
    }

    /// <summary>
    /// What must be said at once: a group that nobody serves, or that two nodes serve. Null when all is well.
    /// </summary>
    public static string? Alarm(ClusterSnapshot cluster)
    {
        var sentences = cluster.Groups
            .Where(group => group.State is GroupState.Conflict or GroupState.Failed or GroupState.Blocked)
            .Select(group =>
                $"{GroupAppearance.Heading(group)}: {GroupAppearance.Of(group.State).Text}. {group.Reason}");
        var text = string.Join(" ", sentences);
        return text.Length == 0 ? null : text;
    }

    private static string? OfGroup(GroupSnapshot? before, GroupSnapshot after) =>
        before is null || (before.State == after.State && before.ActiveOn.SequenceEqual(after.ActiveOn))
            ? null
            : $"{GroupAppearance.Heading(after)} is {GroupAppearance.Of(after.State).Text.ToLowerInvariant()}, "
                + $"{GroupAppearance.Holder(after)}.";

    private static string? OfNode(NodeSnapshot? before, NodeSnapshot after)
    {
        var (old, now) = (before is null ? null : NodeAppearance.Of(before), NodeAppearance.Of(after));
        return old is null || old.Text == now.Text ? null : $"{after.Name} is {now.Text.ToLowerInvariant()}.";
    }
}
