using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Health;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks health checks: what they name, their times and effects.</summary>
internal sealed class HealthChecks
{
    /// <summary>How many looks an agent has under way at once.</summary>
    public const int LooksAtOnce = 4;

    private static readonly TimeSpan LeastForTls = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastHold = TimeSpan.FromSeconds(1);

    private readonly DocumentNames names;
    private readonly CheckParameterChecks parameters;
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> attributes = new(StringComparer.Ordinal);

    private HealthChecks(DocumentNames names)
    {
        this.names = names;
        parameters = new CheckParameterChecks(names.Findings);
    }

    public static void Run(ConfigurationDocument document, DocumentNames names)
    {
        var checks = new HealthChecks(names);
        for (var i = 0; i < document.Checks.Length; i++) checks.Check(i, document.Checks[i]);
        checks.Load(document.Checks);
    }

    private void Check(int index, ConfiguredCheck check)
    {
        var at = Pointer.To("/checks", index);
        if (check.Id.Length > 0 && !ids.TryAdd(check.Id, index))
        {
            names.Findings.Error(at + "/id",
                $"{Quote(check.Id)} is the id of another check, at /checks/{ids[check.Id]}",
                "give each check an id of its own");
        }

        // A type that is none was read as the first one: its parameters would all be wrong.
        if (!names.Findings.Has(at + "/type")) parameters.Run(at, check);
        if (!check.Arguments.IsEmpty && check.Type != CheckKind.Exec)
            names.Findings.Error(at + "/arguments", "only a check of type exec runs a program",
                "remove them, or write `\"type\": \"exec\"`");
        if (check.Timeout is { } timeout && CheckCompiler.Interval(check) is var interval && timeout > interval)
        {
            names.Findings.Error(at + "/timeout",
                $"a look may take {DurationText.Show(timeout)}, but the next one is due after "
                    + DurationText.Show(interval),
                $"write at most `\"{DurationText.Show(interval)}\"`, or a longer interval");
        }

        var url = check.Parameters.GetValueOrDefault(CheckParameters.Url, "");
        if (CheckCompiler.Timeout(check) < LeastForTls && url.StartsWith("https:", StringComparison.Ordinal))
        {
            names.Findings.Warning(at + "/timeout", "an https look begins with the start of a process, which may take "
                + "a second on a busy node", $"write `\"{DurationText.Show(LeastForTls)}\"` or more");
        }

        for (var i = 0; i < check.Nodes.Length; i++)
        {
            var node = check.Nodes[i];
            names.MustBeNode(Pointer.To(at + "/nodes", i), node);
            if (node.Length > 0 && check.Nodes.IndexOf(node) < i)
                names.Findings.Error(Pointer.To(at + "/nodes", i), $"{Quote(node)} stands here twice", "name it once");
        }

        Effect(at, index, check);
        Where(at, check);
    }

    private void Effect(string at, int index, ConfiguredCheck check)
    {
        if (check.Effect is not { } effect) return;
        at += "/effect";
        if (effect.Attribute is null && effect.Group is null)
        {
            names.Findings.Missing(at, "it names neither an attribute nor a group",
                "write `attribute` or `group`, or leave the effect out: then there are events only");
        }
        else if (effect.Attribute is not null && effect.Group is not null)
        {
            names.Findings.Error(at, "it names an attribute and a group",
                "write one of them; a rule of a location may look at the attribute for the group");
        }

        if (effect.Attribute is { Length: > 0 } name) Attribute(at + "/attribute", index, name);
        if (effect.Attribute is null && (effect.Healthy ?? effect.Unhealthy) is not null)
            names.Findings.Error(at, "values without an attribute mean nothing", "add `attribute`, or remove them");
        if (effect.Attribute is not null && (effect.Healthy ?? "1") == (effect.Unhealthy ?? "0"))
            names.Findings.Error(at, "the attribute has the same value healthy and unhealthy",
                "write two different values");
        if (effect.Group is { Length: > 0 } group) Group(at + "/group", group);
    }

    private void Attribute(string at, int index, string name)
    {
        if (OptionChecks.IsReserved(name))
            names.Findings.Error(at, $"{Quote(name)} is an attribute that the cluster itself sets",
                "choose another name");
        else if (!attributes.TryAdd(name, index))
            names.Findings.Error(at, $"{Quote(name)} is set by another check, at /checks/{attributes[name]}",
                "give each check an attribute of its own; a rule can combine them");
    }

    // What moves as a whole: a group, or a resource or clone that is in none.
    private void Group(string at, string id)
    {
        names.MustExist(at, id);
        if (!names.Exists(id)) return;
        var whole = names.CloneAround(id)?.Id
            ?? (names.Group(id) is null ? names.GroupOfMember(id)?.Id : null) ?? id;
        if (whole != id)
            names.Findings.Error(at, $"{Quote(id)} is a part of {Quote(whole)}", $"write `\"{Printable(whole)}\"`");
    }

    private void Where(string at, ConfiguredCheck check)
    {
        if (check.Where != CheckPlace.Active) return;
        if (check.Effect?.Group is null)
        {
            names.Findings.Error(at + "/where", "no group says where it is active",
                "name the group in `effect`, or write `\"everywhere\"`");
        }
        else if (check.HoldDown is { } hold && hold < LeastHold)
        {
            names.Findings.Error(at + "/holdDown",
                "a group that left a node because of this check would be let back at once",
                "write at least `\"1s\"`: for so long the node stays out");
        }
    }

    // Hanging servers must not keep the other looks waiting.
    private void Load(ImmutableArray<ConfiguredCheck> checks)
    {
        var load = 0L;
        foreach (var check in checks)
            load += CheckCompiler.Timeout(check).Ticks * 100 / Math.Max(1, CheckCompiler.Interval(check).Ticks);
        if (load <= LooksAtOnce * 100) return;
        names.Findings.Warning("/checks", $"if all of them hang until their timeouts, {(load + 99) / 100} looks are "
            + $"under way at once, and a node has {LooksAtOnce} at most: the others come late then",
            "write shorter timeouts or longer intervals");
    }
}
