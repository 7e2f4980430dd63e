using System.Globalization;

namespace Ha.Lab.Benchmarks;

/// <summary>Figures of one kind from several runs.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Software">Of which software.</param>
/// <param name="Values">One value a run, in the order of the runs; null where a run gave none.</param>
internal sealed record Measured(string What, string Software, List<double?> Values)
{
    /// <summary>Nearest-rank quantile of the runs that gave a value.</summary>
    internal double Quantile(double q)
    {
        var sorted = Values.OfType<double>().Order().ToList();
        var rank = Math.Clamp((int)Math.Ceiling(q * sorted.Count) - 1, 0, Math.Max(0, sorted.Count - 1));
        return sorted.Count == 0 ? double.NaN : sorted[rank];
    }

    /// <summary>One row of a markdown table: least, median, most, and every run.</summary>
    internal string Row
    {
        get
        {
            var all = string.Join(' ', Values.Select(v => v is { } value ? Text(value) : "none"));
            return $"| {What} | {Software} | {Text(Quantile(0))} | **{Text(Quantile(0.5))}** | {Text(Quantile(1))} "
                + $"| {Values.Count} | {all} |";
        }
    }

    private static string Text(double value) => double.IsNaN(value)
        ? "-"
        : value.ToString(value < 1 ? "0.00" : value < 20 ? "0.0" : "0", CultureInfo.InvariantCulture);
}

/// <summary>Collects figures and writes them as a markdown table.</summary>
internal sealed class Results
{
    private readonly List<Measured> _rows = [];

    /// <summary>Adds the figure of one run.</summary>
    internal void Add(string what, string software, double? value)
    {
        var row = _rows.Find(r => r.What == what && r.Software == software);
        if (row is null)
        {
            row = new Measured(what, software, []);
            _rows.Add(row);
        }
        row.Values.Add(value);
        var text = value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "none";
        Console.Error.WriteLine($"  {what}, {software}: {text}");
    }

    /// <summary>The table.</summary>
    internal string Markdown => string.Join('\n',
        [
            "| what | software | least | median | most | runs | every run |",
            "|---|---|---|---|---|---|---|",
            .. _rows.OrderBy(r => _rows.FindIndex(first => first.What == r.What)).Select(r => r.Row),
        ]);
}
