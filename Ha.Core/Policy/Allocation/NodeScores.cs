using System.Globalization;

namespace Ha.Core.Policy.Allocation;

/// <summary>Scores of one resource for every node, with what made them.</summary>
internal sealed class NodeScores
{
    private readonly int[] scores;
    private readonly bool[] enabled;
    private readonly List<Reason> reasons = [];

    public NodeScores(int nodes, bool enabled)
    {
        scores = new int[nodes];
        this.enabled = new bool[nodes];
        Array.Fill(this.enabled, enabled);
    }

    private NodeScores(NodeScores other)
    {
        scores = [.. other.scores];
        enabled = [.. other.enabled];
        reasons = [.. other.reasons];
    }

    public int Count => scores.Length;

    public NodeScores Copy() => new(this);

    /// <summary>The score; minus infinity for a node that nothing has enabled.</summary>
    public int this[int node] => enabled[node] ? scores[node] : -Score.Infinity;

    public bool IsEnabled(int node) => enabled[node];

    /// <summary>What made the score, each as the end of the sentence "s1 ...".</summary>
    public ImmutableArray<string> Reasons(int node)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var reason in reasons)
        {
            if (reason.Node == node) texts.Add(reason.ToString());
        }

        return texts.ToImmutable();
    }

    /// <summary>What speaks for a node, or is merely worth telling; without numbers.</summary>
    public IEnumerable<string> For(int node) =>
        reasons.Where(one => one.Node == node && one.Amount >= 0).Select(one => one.Words).Distinct();

    /// <summary>What speaks against a node; without numbers.</summary>
    public IEnumerable<string> Against(int node) =>
        reasons.Where(one => one.Node == node && one.Amount < 0).Select(one => one.Words).Distinct();

    /// <summary>Adds a preference; it enables the node where the cluster asks for that.</summary>
    public void Prefer(int node, int score, string reason, bool told = true)
    {
        if (!enabled[node])
        {
            enabled[node] = true;
            scores[node] = 0;
        }

        Add(node, score, reason, told);
    }

    /// <summary>Adds to a node that is enabled.</summary>
    /// <param name="node">Index of the node.</param>
    /// <param name="score">What is added.</param>
    /// <param name="reason">Why, as the end of the sentence "s1 ..."; empty for nothing to tell.</param>
    /// <param name="told">Whether the score is told with the reason, where it is finite.</param>
    public void Add(int node, int score, string reason, bool told = true)
    {
        if (!enabled[node] || score == 0) return;
        scores[node] = Score.Add(scores[node], score);
        if (reason.Length > 0) reasons.Add(new Reason(node, reason, told && Math.Abs(score) < Score.Infinity, score));
    }

    /// <summary>Something worth telling that does not change the score.</summary>
    public void Tell(int node, string reason) => reasons.Add(new Reason(node, reason, false, 0));

    public void BanEverywhere(string reason)
    {
        for (var node = 0; node < scores.Length; node++) Add(node, -Score.Infinity, reason);
    }

    /// <summary>Begins anew from "not allowed", but keeps what was found out so far.</summary>
    public void RequireEnabling()
    {
        for (var node = 0; node < scores.Length; node++) enabled[node] = scores[node] != 0;
    }

    public static string Text(int score) => score switch
    {
        >= Score.Infinity => "INFINITY",
        <= -Score.Infinity => "-INFINITY",
        _ => score.ToString(CultureInfo.InvariantCulture),
    };

    private readonly record struct Reason(int Node, string Words, bool Told, int Amount)
    {
        public override string ToString() => Told ? $"{Words} ({Text(Amount)})" : Words;
    }
}
