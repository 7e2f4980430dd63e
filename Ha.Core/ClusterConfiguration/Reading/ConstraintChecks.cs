using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Model;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks locations, colocations and orders: what they name, and that they can all hold.</summary>
internal sealed class ConstraintChecks
{
    /// <summary>Most single constraints that sets may stand for, of one kind.</summary>
    private const long MostSingle = 50_000;

    private readonly Dictionary<string, string> ids = new(StringComparer.Ordinal);
    private readonly DocumentNames names;

    private ConstraintChecks(DocumentNames names) => this.names = names;

    public static void Run(ConfigurationDocument document, DocumentNames names)
    {
        var checks = new ConstraintChecks(names);
        for (var i = 0; i < document.Locations.Length; i++)
            checks.Location(Pointer.To("/locations", i), document.Locations[i]);
        for (var i = 0; i < document.Colocations.Length; i++)
            checks.Colocation(Pointer.To("/colocations", i), document.Colocations[i]);
        for (var i = 0; i < document.Orders.Length; i++)
            checks.Order(Pointer.To("/orders", i), document.Orders[i]);
        if (checks.IsBounded("/colocations", document.Colocations.Sum(Size)))
            Togetherness.Check(document, names);
        if (checks.IsBounded("/orders", document.Orders.Sum(Size)))
            OrderCycles.Check(document, names);
    }

    private void Location(string at, ConfiguredLocation location)
    {
        IdIsFree(at, location.Id);
        names.MustExist(at + "/resource", location.Resource);
        if (location.Node is { } node) names.MustBeNode(at + "/node", node);
        if (location.Rule is { } rule) RuleChecks.Run(at + "/rule", rule, names.Findings);
        if (location.Node is null && location.Rule is null)
            names.Findings.Missing(at, "it names neither a node nor a rule", "write either `node` or `rule`");
        else if (location.Node is not null && location.Rule is not null)
            names.Findings.Error(at, "it names both a node and a rule", "write either `node` or `rule`");

        if (location.ScoreAttribute is not null && location.Rule is null)
        {
            names.Findings.Error(at + "/scoreAttribute", "a node has one score: no attribute is looked up",
                "write `score`, or a rule instead of the node");
        }
        else if (location.Score is not null && location.ScoreAttribute is not null)
        {
            names.Findings.Error(at, "it has a score and a scoreAttribute", "write one of them");
        }
        else if (location.Score is null && location.ScoreAttribute is null)
        {
            names.Findings.Missing(at, "it has no score",
                "write `\"score\": 100` for a preference, `\"INFINITY\"` for a must, `\"-INFINITY\"` for a must not");
        }

        if (location.Discovery is not (null or ResourceDiscovery.Always) && location.Node is null)
        {
            names.Findings.Error(at + "/discovery", "only a location of a fixed node says where to probe",
                "remove it, or name the node");
        }
    }

    private void Colocation(string at, ConfiguredColocation colocation)
    {
        IdIsFree(at, colocation.Id);
        var isPair = colocation.Resource is not null || colocation.With is not null;
        if (isPair == !colocation.Sets.IsEmpty || (isPair && (colocation.Resource is null || colocation.With is null)))
        {
            names.Findings.Missing(at, "it must name two resources, or sets",
                "write `resource` and `with`, or `sets`, and not both");
            return;
        }

        if (colocation is { Resource: { } resource, With: { } with })
        {
            names.MustExist(at + "/resource", resource);
            names.MustExist(at + "/with", with);
            if (resource.Length > 0 && names.Exists(resource) && Overlap(resource, with))
            {
                names.Findings.Error(at, resource == with ? $"{Quote(resource)} is to be with itself"
                    : $"{Quote(resource)} and {Quote(with)} are the same, or one contains the other",
                    "name two different resources; members of a group are together already");
            }
        }

        Sets(at + "/sets", [.. colocation.Sets.Select(set => set.Resources)]);
    }

    private void Order(string at, ConfiguredOrder order)
    {
        IdIsFree(at, order.Id);
        var isPair = order.First is not null || order.Then is not null;
        if (isPair == !order.Sets.IsEmpty || (isPair && (order.First is null || order.Then is null)))
        {
            names.Findings.Missing(at, "it must name two resources, or sets",
                "write `first` and `then`, or `sets`, and not both");
            return;
        }

        if (!isPair && (order.FirstAction is not null || order.ThenAction is not null || order.RequireAll is not null))
        {
            names.Findings.Error(at, "with sets, actions and requireAll are said in each set",
                "move them into the sets");
        }

        if (order is { Kind: OrderKind.Serialize, Symmetrical: true })
        {
            names.Findings.Error(at + "/symmetrical", "what is only serialized has no opposite order", "remove it");
        }

        if (order is { First: { } first, Then: { } then })
        {
            names.MustExist(at + "/first", first);
            names.MustExist(at + "/then", then);
            if (first.Length > 0 && first == then)
            {
                names.Findings.Error(at, $"{Quote(first)} is to come after itself", "name two different resources");
            }
        }

        Sets(at + "/sets", [.. order.Sets.Select(set => set.Resources)]);
    }

    private void Sets(string at, ImmutableArray<ImmutableArray<string>> sets)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < sets.Length; i++)
        {
            for (var j = 0; j < sets[i].Length; j++)
            {
                var here = Pointer.To(Pointer.To(at, i) + "/resources", j);
                var id = sets[i][j];
                names.MustExist(here, id);
                if (id.Length > 0 && !first.TryAdd(id, here))
                {
                    names.Findings.Error(here, $"{Quote(id)} is named before, at {first[id]}",
                        "name each resource once in all sets of a constraint");
                }
            }
        }

        if (sets.Length == 1 && sets[0].Length == 1)
            names.Findings.Missing(at, "one set of one resource says nothing", "add a resource or a set");
    }

    private bool Overlap(string one, string other) =>
        one == other || names.Primitives(one).Intersect(names.Primitives(other)).Any();

    private void IdIsFree(string at, string id)
    {
        if (id.Length == 0 || ids.TryAdd(id, at)) return;
        names.Findings.Error(at + "/id", $"{Quote(id)} is the id of another constraint, at {ids[id]}",
            "give each constraint an id of its own");
    }

    private bool IsBounded(string at, long single)
    {
        if (single <= MostSingle) return true;
        names.Findings.Error(at, $"the sets stand for {single} single constraints, more than {MostSingle}",
            "use smaller sets, or groups");
        return false;
    }

    private static long Size(ConfiguredColocation colocation)
    {
        long size = 1;
        for (var i = 0; i < colocation.Sets.Length; i++)
        {
            var set = colocation.Sets[i];
            long count = set.Resources.Length;
            size += set.Sequential == false ? 0 : (set.Score ?? colocation.Score) < 0 ? count * count / 2 : count;
            if (i > 0) size += Ends(colocation.Sets[i - 1].Resources, colocation.Sets[i - 1].Sequential)
                * Ends(set.Resources, set.Sequential);
        }

        return size;
    }

    private static long Size(ConfiguredOrder order)
    {
        long size = 1;
        for (var i = 0; i < order.Sets.Length; i++)
        {
            var set = order.Sets[i];
            if (set.Sequential != false) size += set.Resources.Length;
            if (i > 0) size += Ends(order.Sets[i - 1].Resources, order.Sets[i - 1].Sequential)
                * Ends(set.Resources, set.Sequential);
        }

        return size;
    }

    private static long Ends(ImmutableArray<string> resources, bool? sequential) =>
        sequential == false ? resources.Length : 1;
}
