using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Policy.Allocation;

/// <summary>One node while a plan is made.</summary>
internal sealed class NodeView
{
    private readonly SortedDictionary<string, string> attributes;

    public NodeView(NodeModel model, int index, DateTimeOffset now)
    {
        Model = model;
        Index = index;
        var own = new RuleContext { Now = now, Attribute = OwnAttribute };
        attributes = AttributeSets.Resolve(model.TransientAttributes, own);
        foreach (var (name, value) in AttributeSets.Resolve(model.Attributes, own)) attributes.TryAdd(name, value);
        Standby = Flag("standby");
        Maintenance = Flag("maintenance");
        Terminate = attributes.TryGetValue("terminate", out var text)
            && (Values.Boolean(text) ?? (long.TryParse(text, out var since) && since > 0));
    }

    public NodeModel Model { get; }

    public int Index { get; }

    public string Name => Model.Name;

    /// <summary>Whether it takes orders.</summary>
    public bool Online { get; set; }

    /// <summary>Whether it must be fenced before anything it may have can be used elsewhere.</summary>
    public bool Unclean { get; private set; }

    /// <summary>Why it is unclean; empty when it is not.</summary>
    public string UncleanReason { get; private set; } = "";

    /// <summary>Whether it is about to join.</summary>
    public bool Pending { get; set; }

    public bool Standby { get; set; }

    public bool Maintenance { get; }

    /// <summary>Whether somebody asked for it to be fenced.</summary>
    public bool Terminate { get; }

    /// <summary>Whether this plan fences it.</summary>
    public bool Fenced { get; set; }

    /// <summary>How many resources this plan has put there.</summary>
    public int Assigned { get; set; }

    public bool CanRun => WhyNot.Length == 0;

    /// <summary>What keeps resources away, as the end of the sentence "s1 ..."; empty when nothing does.</summary>
    public string WhyNot =>
        !Online ? Model.WhyAbsent ?? (Unclean ? "is dead" : "is not up")
        : Unclean ? "has to be fenced: " + UncleanReason
        : Pending ? "has not joined yet"
        : Standby ? "is in standby"
        : Model.ShuttingDown ? "is leaving"
        : Maintenance ? "is in maintenance"
        : "";

    /// <summary>Whether what runs there is compared with what is configured.</summary>
    public bool IsTidied => Online && !Unclean && (Maintenance || CanRun);

    public void MarkUnclean(string reason)
    {
        if (Unclean) return;
        Unclean = true;
        UncleanReason = reason;
    }

    /// <summary>A node attribute as rules see it; null when it has none.</summary>
    public string? Attribute(string name) => OwnAttribute(name) ?? attributes?.GetValueOrDefault(name);

    private string? OwnAttribute(string name) => name switch
    {
        "#uname" => Model.Name,
        "#id" => Model.Id,
        "#kind" => "cluster",
        "#is_dc" => Model.IsCoordinator ? "true" : "false",
        _ => null,
    };

    private bool Flag(string name) => attributes.TryGetValue(name, out var text) && Values.Boolean(text) == true;
}
