namespace Ha.Core.Policy.Allocation;

/// <summary>Scores of one resource for every node, with what made them.</summary>
internal sealed class NodeScores
{
    private readonly int[] scores;
    private readonly bool[] enabled;
    private readonly List<string>[] reasons;

    public NodeScores(int nodes, bool enabled)
    {
        scores = new int[nodes];
        this.enabled = new bool[nodes];
        Array.Fill(this.enabled, enabled);
        reasons = [.. Enumerable.Range(0, nodes).Select(_ => new List<string>())];
    }

    private NodeScores(NodeScores other)
    {
        scores = [.. other.scores];
        enabled = [.. other.enabled];
        reasons = [.. other.reasons.Select(list => new List<string>(list))];
    }

    public int Count => scores.Length;

    /// <summary>The score; minus infinity for a node that nothing has enabled.</summary>
    public int this[int node] => enabled[node] ? scores[node] : -Score.Infinity;

    public bool IsEnabled(int node) => enabled[node];

    public IReadOnlyList<string> Reasons(int node) => reasons[node];

    public NodeScores Copy() => new(this);

    /// <summary>Adds a preference; it enables the node where the cluster asks for that.</summary>
    public void Prefer(int node, int score, string reason)
    {
        if (!enabled[node])
        {
            enabled[node] = true;
            scores[node] = 0;
        }

        Add(node, score, reason);
    }

    /// <summary>Adds to a node that is enabled.</summary>
    public void Add(int node, int score, string reason)
    {
        if (!enabled[node] || score == 0) return;
        scores[node] = Score.Add(scores[node], score);
        if (reason.Length > 0) reasons[node].Add($"{reason} ({Text(score)})");
    }

    public void BanEverywhere(string reason)
    {
        for (var node = 0; node < scores.Length; node++) Add(node, -Score.Infinity, reason);
    }

    public static string Text(int score) => score switch
    {
        >= Score.Infinity => "INFINITY",
        <= -Score.Infinity => "-INFINITY",
        _ => score.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
