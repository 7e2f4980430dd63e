using Ha.Core.ClusterConfiguration.Documents;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks groups and clones: what they contain, and that nothing is contained twice.</summary>
internal static class UnitChecks
{
    public static void Run(ConfigurationDocument document, DocumentNames names)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        var memberOf = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < document.Groups.Length; i++)
            Group(Pointer.To("/groups", i), document.Groups[i], ids, memberOf, names);
        var repeatedBy = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < document.Clones.Length; i++)
            Clone(Pointer.To("/clones", i), document.Clones[i], ids, repeatedBy, names);
    }

    private static void Group(string at, ConfiguredGroup group, Dictionary<string, string> ids,
        Dictionary<string, string> memberOf, DocumentNames names)
    {
        IdIsFree(at, group.Id, ids, names, mayBe: group.Members.FirstOrDefault());
        MetaChecks.Run(at + "/meta", group.Meta, names);
        for (var i = 0; i < group.Members.Length; i++)
        {
            var member = group.Members[i];
            var here = Pointer.To(at + "/members", i);
            if (member.Length == 0) continue;
            if (names.Resource(member) is null)
            {
                if (names.Exists(member))
                {
                    names.Findings.Error(here, $"{Quote(member)} is a group or clone, which cannot be in a group",
                        "name its resources one by one, or use a colocation and an order");
                }
                else
                {
                    names.MustExist(here, member);
                }
            }
            else if (!memberOf.TryAdd(member, here))
            {
                names.Findings.Error(here, $"{Quote(member)} is a member already, at {memberOf[member]}",
                    "name each resource in one group only, and once");
            }
        }
    }

    private static void Clone(string at, ConfiguredClone clone, Dictionary<string, string> ids,
        Dictionary<string, string> repeatedBy, DocumentNames names)
    {
        IdIsFree(at, clone.Id, ids, names, mayBe: null);
        MetaChecks.Run(at + "/meta", clone.Meta, names);
        if (clone.CloneNodeMax > 1 && clone.GloballyUnique != true)
        {
            names.Findings.Error(at + "/cloneNodeMax", "several copies on one node would be the same thing",
                "write `\"globallyUnique\": true`, or leave cloneNodeMax out");
        }

        var here = at + "/resource";
        if (clone.Resource.Length == 0) return;
        if (names.Resource(clone.Resource) is null && names.Group(clone.Resource) is null)
        {
            if (names.Clone(clone.Resource) is not null)
            {
                names.Findings.Error(here, $"{Quote(clone.Resource)} is a clone itself",
                    "name the resource or group that it repeats");
            }
            else
            {
                names.MustExist(here, clone.Resource);
            }

            return;
        }

        if (names.Group(clone.Resource) is null && names.GroupOfMember(clone.Resource) is { } group)
        {
            names.Findings.Error(here, $"{Quote(clone.Resource)} is a member of group {Quote(group.Id)}",
                "clone the group, or take the resource out of it");
        }

        if (!repeatedBy.TryAdd(clone.Resource, here))
        {
            names.Findings.Error(here, $"{Quote(clone.Resource)} is cloned before, at {repeatedBy[clone.Resource]}",
                "clone it once, with a greater cloneMax if need be");
        }

        foreach (var vip in names.Primitives(clone.Resource)
            .Where(id => names.Resource(id)?.Type == VipParameters.Type))
        {
            names.Findings.Error(here, $"{Quote(vip)} is an address, which only one node may have",
                "take the address out of what is cloned");
        }
    }

    private static void IdIsFree(
        string at, string id, Dictionary<string, string> ids, DocumentNames names, string? mayBe)
    {
        if (id.Length == 0) return;
        if (names.Resource(id) is not null && id != mayBe)
        {
            names.Findings.Error(at + "/id", $"{Quote(id)} is the id of a resource",
                "give it an id of its own; only a group may bear the id of its first member");
        }
        else if (!ids.TryAdd(id, at))
        {
            names.Findings.Error(at + "/id", $"{Quote(id)} is the id of another group or clone, at {ids[id]}",
                "give each group and clone an id of its own");
        }
    }
}
