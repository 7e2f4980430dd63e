using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Versions;

namespace Ha.Core.Tests.ClusterConfiguration;

public class ConfigurationHistoryTests
{
    private static ConfigurationHistory Adopted => Documents.Adopted();

    [Fact]
    public void EachVersion_SaysWhoWhenWhyAndWhatChanged()
    {
        var edited = Adopted.Next(Documents.Good(Documents.With("b c", "\"options\":{\"batchLimit\":5}")));
        var history = Adopted.Adopt(edited, "anna", Documents.Now, "a is replaced by c");

        var record = history.Current!;
        Assert.Equal(("2.0", "anna", Documents.Now, "a is replaced by c"),
            (record.Version.ToString(), record.Actor, record.At, record.Reason));
        Assert.Equal(ConfigurationText.Hash(edited), record.Hash);
        Assert.Equal(
            [
                "/options: nothing -> {\n  \"batchLimit\": 5\n}",
                "/resources/0: {\n  \"id\": \"a\",\n  \"type\": \"systemd:a\"\n} -> nothing",
                "/resources/1: nothing -> {\n  \"id\": \"c\",\n  \"type\": \"systemd:c\"\n}",
            ],
            record.Changes.Select(change => change.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Diff_FollowsItemsByTheirId_AndTellsANewOrder()
    {
        var old = Documents.Good(Documents.With("a b c"));
        var reordered = Documents.Good(Documents.With("c a b"));
        var other = old.Resources[1] with { Type = "systemd:other" };
        var changed = old with { Resources = old.Resources.SetItem(1, other) };

        Assert.Equal("/resources: order a, b, c -> order c, a, b",
            Assert.Single(ConfigurationDiff.Between(old, reordered)).ToString());
        Assert.Equal("/resources/1/type: \"systemd:b\" -> \"systemd:other\"",
            Assert.Single(ConfigurationDiff.Between(old, changed)).ToString());
        Assert.Empty(ConfigurationDiff.Between(old, old with { Version = new ConfigurationVersion(9, 9) }));
    }

    [Fact]
    public void Diff_HidesSecrets()
    {
        static string Fencing(string password) =>
            "\"fencing\":{\"devices\":[{\"id\":\"f\",\"agent\":\"fence_x\",\"parameters\":{\"ip\":\"10.0.0.1\","
            + $"\"password\":\"{password}\"}},\"plugs\":{{\"s1\":\"1\",\"s2\":\"2\"}}}}]}}";
        var without = Documents.Good(Documents.With("a"));
        var first = Documents.Good(Documents.With("a", Fencing("Tiger")));
        var second = Documents.Good(Documents.With("a", Fencing("Lion")));

        Assert.Equal("/fencing/devices/0/parameters/password: \"***\" -> \"***\"",
            Assert.Single(ConfigurationDiff.Between(first, second)).ToString());
        var added = Assert.Single(ConfigurationDiff.Between(without, first)).ToString();
        Assert.Contains("10.0.0.1", added, StringComparison.Ordinal);
        Assert.DoesNotContain("Tiger", added, StringComparison.Ordinal);
    }

    [Fact]
    public void RollBack_IsANewVersionWithTheOldContent()
    {
        var history = Adopted.Adopt(
            Adopted.Next(Documents.Good(Documents.With("x"))), "anna", Documents.Now, "try");
        var back = history.RollBack(new ConfigurationVersion(1, 0))!;
        var after = history.Adopt(back, "anna", Documents.Now, "did not work");

        Assert.Equal("3.0", after.Current!.Version.ToString());
        Assert.Empty(ConfigurationDiff.Between(after.Current.Document, Adopted.Current!.Document));
        Assert.Null(history.RollBack(new ConfigurationVersion(7, 0)));
    }

    [Fact]
    public void OlderOrEqualVersion_IsNeverAdopted() => Assert.Throws<ArgumentException>(() =>
        Adopted.Adopt(Adopted.Current!.Document, "anna", Documents.Now, "again"));

    [Fact]
    public void History_IsBounded()
    {
        var history = Adopted;
        for (var i = 0; i < 150; i++)
            history = history.Adopt(history.Next(history.Current!.Document), "anna", Documents.Now, "");

        Assert.Equal(ConfigurationHistory.MaxRecords, history.Records.Length);
        Assert.Equal("151.0", history.Current!.Version.ToString());

        var large = history.Current.Document with
        {
            Nodes = [new ConfiguredNode { Name = "s1", Attributes = history.Current.Document.Resources[0].Parameters
                .AddRange(Enumerable.Range(0, 200).Select(i => KeyValuePair.Create($"a{i}", new string('x', 4000)))) }],
        };
        for (var i = 0; i < 60; i++) history = history.Adopt(history.Next(large), "anna", Documents.Now, "");
        Assert.InRange(history.Records.Sum(record => (long)record.Size), 1, ConfigurationHistory.MaxBytes);
    }

    [Fact]
    public void OtherNode_IsSameNewerOrOlder()
    {
        var newer = Adopted.Adopt(Adopted.Next(Documents.Good(Documents.With("x"))), "anna", Documents.Now, "");

        Assert.Equal(ConfigurationRelation.Same, Adopted.Compare(Adopted.Offer()!));
        Assert.Equal(ConfigurationRelation.Newer, Adopted.Compare(newer.Offer()!));
        Assert.Equal(ConfigurationRelation.Older, newer.Compare(Adopted.Offer()!));
        Assert.Equal(ConfigurationRelation.Newer, ConfigurationHistory.Empty.Compare(newer.Offer()!));
    }

    [Fact]
    public void SameVersionDifferentContent_IsAConflict_ThatShowsBothSides()
    {
        var ours = Edited(Adopted, "a b ours");
        var theirs = Edited(Adopted, "a b theirs");

        Assert.Equal(ConfigurationRelation.Conflict, ours.Compare(theirs.Offer()!));
        Assert.Equal(ConfigurationRelation.Conflict, theirs.Compare(ours.Offer()!));
        var conflict = ConfigurationConflict.Between(ours, "s1", "s2", theirs.Offer()!, theirs.Current!.Document);
        Assert.StartsWith("s1 and s2 both have version 2.0 of the cluster configuration, but with different content (",
            conflict.Sentence, StringComparison.Ordinal);
        Assert.Equal("1.0", conflict.Predecessor.ToString());
        Assert.Contains("ours", Assert.Single(conflict.OwnChanges).New, StringComparison.Ordinal);
        Assert.Contains("theirs", Assert.Single(conflict.OtherChanges).New, StringComparison.Ordinal);
    }

    /// <summary>F41: edited twice while offline, so that its version is greater.</summary>
    [Fact]
    public void NewerButDivergent_IsAConflict_ThatAPickEnds()
    {
        var ours = Edited(Adopted, "a b ours");
        var theirs = Edited(Edited(Adopted, "a b theirs"), "a b theirs more");

        Assert.Equal(ConfigurationRelation.Conflict, ours.Compare(theirs.Offer()!));
        Assert.Equal(ConfigurationRelation.Conflict, theirs.Compare(ours.Offer()!));
        var conflict = ConfigurationConflict.Between(ours, "s1", "s2", theirs.Offer()!, document: null);
        Assert.Contains("version 2.0 on s1 and version 3.0 on s2", conflict.Sentence, StringComparison.Ordinal);
        Assert.Empty(conflict.OtherChanges);

        var picked = ours.Next(ours.Current!.Document, theirs.Current!.Version);
        Assert.Equal("4.0", picked.Version.ToString());
    }

    /// <summary>F40: older and far behind.</summary>
    [Fact]
    public void NodeThatIsFarBehind_AdoptsTheNewer()
    {
        var ahead = Adopted;
        for (var i = 0; i < 40; i++) ahead = Edited(ahead, $"a r{i}");

        Assert.Equal(ConfigurationHistory.MaxAncestors, ahead.Offer()!.Ancestors.Length);
        Assert.Equal(ConfigurationRelation.Newer, Adopted.Compare(ahead.Offer()!));
        Assert.Equal(ConfigurationRelation.Older, ahead.Compare(Adopted.Offer()!));
    }

    private static ConfigurationHistory Edited(ConfigurationHistory history, string resources) => history.Adopt(
        history.Next(Documents.Good(Documents.With(resources))), "anna", Documents.Now, "");
}
