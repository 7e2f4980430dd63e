using System.Globalization;
using Ha.Core.Fencing;
using Xunit.Abstractions;

namespace Ha.Core.Tests.Fencing;

/// <summary>docs/authority.md says what the code does: the table, the sentences and the worked examples.</summary>
public sealed class AuthorityDocumentTests(ITestOutputHelper output)
{
    private static readonly string[] Lines =
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "docs", "authority.md"));

    [Fact]
    public void Table_IsTheOneThatDecides()
    {
        var printed = Lines.SkipWhile(line => !line.StartsWith("| row |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|'));
        var rows = AuthorityTable.Rows.Select(Print).ToArray();
        // What belongs into the document when a row has changed.
        output.WriteLine(string.Join('\n', rows));
        Assert.Equal(rows, printed);
    }

    [Fact]
    public void WorkedExamples_AreWhatTheInequalitySays()
    {
        var examples = Lines.SkipWhile(line => !line.StartsWith("| A | W |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(Time).ToArray()).ToArray();
        Assert.Equal(4, examples.Length);
        foreach (var example in examples)
        {
            var watchdog = new WatchdogSettings(example[1], example[2]);
            Assert.Equal(example[3], SelfFencing.GoneWithin(example[0], watchdog));
            Assert.Equal(example[4], SelfFencing.LeastTakeoverDelay(example[0], watchdog));
        }
    }

    private static TimeSpan Time(string cell) => TimeSpan.FromMicroseconds(
        (long)(decimal.Parse(cell.Trim().Replace(" s", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)
            * 1_000_000));

    private static string Print(AuthorityRow row) => $"| {row.Id} | {Of(row.Overriding)} | {Of(row.Peer)} "
        + $"| {Of(row.Fencing)} | {Of(row.Arbiter)} | {Of(row.Watchdog)} | {Of(row.Ping)} | {Of(row.SeenFullView)} "
        + $"| {Of(row.Holds)} | {Of(row.Mode)} | {row.Action} | {row.Sentence} |";

    private static string Of(Overriding overriding) =>
        overriding == (Overriding.Nothing | Overriding.OwnPause) ? "" : overriding.ToString();

    // A column that matches everything is empty.
    private static string Of<T>(T pattern) where T : struct, Enum
    {
        var values = AuthorityTableTests.Values<T>();
        return values.All(value => pattern.HasFlag(value)) ? ""
            : string.Join(", ", values.Where(value => pattern.HasFlag(value)));
    }
}
