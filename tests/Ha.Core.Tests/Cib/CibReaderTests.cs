using Ha.Core.Cib;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Tests.Cib;

/// <summary>What is read from a Pacemaker CIB, and what becomes of bad ones.</summary>
public sealed class CibReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CibReading Read(string configuration, string status = "") => CibReader.Read(
        $"<cib have-quorum=\"1\"><configuration>{configuration}</configuration><status>{status}</status></cib>", Now);

    [Theory]
    [InlineData("", "not well-formed")]
    [InlineData("<cib>", "not well-formed")]
    [InlineData("<!DOCTYPE cib [<!ENTITY a \"b\">]><cib/>", "not well-formed")]
    [InlineData("<html/>", "is not a CIB")]
    public void NoCib_NothingIsRead_AndTheFindingSaysWhy(string text, string message)
    {
        var reading = CibReader.Read(text, Now);
        Assert.Null(reading.Model);
        Assert.Contains(message, Assert.Single(reading.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NestedTooDeep_IsRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 5000)) + string.Concat(Enumerable.Repeat("</a>", 5000));
        Assert.Null(CibReader.Read(deep, Now).Model);
    }

    [Fact]
    public void EmptyCib_IsAnEmptyCluster()
    {
        var reading = CibReader.Read("<cib/>", Now);
        Assert.Empty(reading.Model!.Nodes);
        Assert.Empty(ClusterPlanner.Plan(reading.Model).Steps);
    }

    [Fact]
    public void UnknownElements_AreReportedAndTheRestIsRead()
    {
        var reading = Read("<resources><bundle id=\"b\"/>"
            + "<primitive id=\"a\" class=\"ocf\" type=\"X\"><magic/></primitive></resources>"
            + "<constraints><rsc_ticket id=\"t\"/></constraints>");
        Assert.Equal("a", Assert.Single(reading.Model!.Resources).Id);
        Assert.Equal(["bundle", "magic", "rsc_ticket"],
            reading.Findings.Select(finding => finding.Where.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void BrokenValues_AreLocatedAndReplaced()
    {
        var reading = Read("<constraints><rsc_location id=\"l\" rsc=\"a\" node=\"n\" score=\"much\"/>"
            + "<rsc_order id=\"o\" first=\"a\"/></constraints><resources><primitive id=\"a\"><operations>"
            + "<op id=\"m\" name=\"monitor\" interval=\"often\"/></operations></primitive></resources>");
        Assert.Equal(["op 'm'", "rsc_location 'l'", "rsc_order 'o'"],
            reading.Findings.Select(finding => finding.Where).Order(StringComparer.Ordinal));
        Assert.Equal(0, Assert.Single(reading.Model!.Locations).Score);
        Assert.Empty(reading.Model.Orders);
    }

    [Fact]
    public void References_ToTemplatesAndValues_AreFollowed()
    {
        var reading = Read("<resources><template id=\"t\" class=\"ocf\" provider=\"p\" type=\"T\"><operations>"
            + "<op id=\"m\" name=\"monitor\" interval=\"1min\"/></operations><meta_attributes id=\"tm\">"
            + "<nvpair id=\"v\" name=\"priority\" value=\"7\"/></meta_attributes></template>"
            + "<primitive id=\"a\" template=\"t\"/>"
            + "<primitive id=\"b\" class=\"ocf\" type=\"T\"><meta_attributes id=\"bm\">"
            + "<nvpair id-ref=\"v\"/></meta_attributes></primitive></resources>");
        Assert.Empty(reading.Findings);
        var (a, b) = (reading.Model!.Resources[0], reading.Model.Resources[1]);
        Assert.Equal("T", a.Agent.Type);
        Assert.Equal(60_000, Assert.Single(a.Operations).IntervalMs);
        Assert.Equal(Assert.Single(Assert.Single(a.Meta).Values), Assert.Single(Assert.Single(b.Meta).Values));
    }

    [Fact]
    public void SetsBecomeSingleConstraints()
    {
        var set = "<resource_set id=\"s1\"><resource_ref id=\"a\"/><resource_ref id=\"b\"/></resource_set>"
            + "<resource_set id=\"s2\" sequential=\"false\"><resource_ref id=\"c\"/><resource_ref id=\"d\"/>"
            + "</resource_set>";
        var model = Read($"<constraints><rsc_order id=\"o\">{set}</rsc_order>"
            + $"<rsc_colocation id=\"k\" score=\"INFINITY\">{set}</rsc_colocation></constraints>").Model!;
        Assert.Equal(["a>b", "b>c", "b>d"], model.Orders.Select(one => $"{one.First[0]}>{one.Then}"));
        Assert.Equal(["b+a", "a+c", "a+d"], model.Colocations.Select(one => $"{one.Dependent}+{one.Primary}"));
    }

    [Fact]
    public void TagsAndTemplatesInConstraints_MeanAllTheirResources()
    {
        var model = Read("<resources><template id=\"t\" class=\"ocf\" type=\"T\"/><primitive id=\"a\" template=\"t\"/>"
            + "<primitive id=\"b\" template=\"t\"/></resources><tags><tag id=\"g\"><obj_ref id=\"b\"/></tag></tags>"
            + "<constraints><rsc_location id=\"l\" rsc=\"t\" node=\"n\" score=\"1\"/>"
            + "<rsc_order id=\"o\" first=\"t\" then=\"g\"/></constraints>").Model!;
        Assert.Equal(["a", "b"], model.Locations.Select(one => one.Resource));
        Assert.Equal(["a>b", "b>b"], model.Orders.Select(one => $"{one.First[0]}>{one.Then}"));
    }

    [Theory]
    [InlineData("2026-02-28 23:00:00", true)]
    [InlineData("2026-061", false)]
    [InlineData("2026-059", true)]
    [InlineData("2026-W09-6", true)]
    [InlineData("20260302", false)]
    public void DatesOfEveryIsoForm_AreUnderstood(string start, bool holds)
    {
        var reading = Read("<constraints><rsc_location id=\"l\" rsc=\"a\"><rule id=\"r\" score=\"1\">"
            + $"<date_expression id=\"d\" operation=\"gt\" start=\"{start}\"/></rule></rsc_location></constraints>");
        Assert.Empty(reading.Findings);
        var rule = Assert.Single(reading.Model!.Locations).Rule!;
        Assert.Equal(holds, RuleEvaluation.Holds(rule, new RuleContext { Now = Now }));
    }

    [Fact]
    public void StatusBecomesNodeStatesHistoryAndFailCounts()
    {
        var model = Read("<nodes><node id=\"1\" uname=\"s1\"/><node id=\"2\" uname=\"s2\"/></nodes>",
            "<node_state id=\"1\" uname=\"s1\" in_ccm=\"true\" crmd=\"1700000000\" join=\"member\" expected=\"member\">"
            + "<lrm id=\"1\"><lrm_resources><lrm_resource id=\"a\" class=\"ocf\" type=\"T\">"
            + "<lrm_rsc_op id=\"x\" operation=\"monitor\" interval=\"10000\" call-id=\"9\" rc-code=\"7\" "
            + "op-status=\"0\" "
            + "transition-key=\"3:1:0:u\" last-rc-change=\"1700000000\"/>"
            + "<lrm_rsc_op id=\"y\" operation=\"start\" interval=\"0\" call-id=\"5\" rc-code=\"0\" op-status=\"0\"/>"
            + "</lrm_resource></lrm_resources></lrm><transient_attributes id=\"1\"><instance_attributes id=\"i\">"
            + "<nvpair id=\"f\" name=\"fail-count-a#monitor_10000\" value=\"INFINITY\"/></instance_attributes>"
            + "</transient_attributes></node_state>").Model!;
        Assert.True(model.Nodes[0] is { Seen: true, AgentOnline: true, InMembership: true, Join: NodeJoin.Member });
        Assert.False(model.Nodes[1].Seen);
        Assert.Equal(["start", "monitor"], Assert.Single(model.History).Operations.Select(record => record.Name));
        Assert.Equal(0, model.History[0].Operations[1].ExpectedExitCode);
        Assert.Equal(new FailCount("1", "a", "monitor_10000", Score.Infinity, null), Assert.Single(model.FailCounts));
    }

    [Fact]
    public void ConstraintsThatNameNothing_AreRemarked_NotFatal()
    {
        var model = Read("<constraints><rsc_order id=\"o\" first=\"x\" then=\"y\"/>"
            + "<rsc_colocation id=\"c\" rsc=\"x\" with-rsc=\"y\" score=\"1\"/></constraints>").Model!;
        Assert.Equal(2, ClusterPlanner.Plan(model).Remarks.Length);
    }

    [Fact]
    public void OrdersInACircle_AreCutAndRemarked()
    {
        var resources = string.Concat("ab".Select(id => $"<primitive id=\"{id}\" class=\"ocf\" type=\"T\"/>"));
        var model = Read($"<nodes><node id=\"1\" uname=\"s1\"/></nodes><resources>{resources}</resources><constraints>"
            + "<rsc_order id=\"o1\" first=\"a\" then=\"b\"/><rsc_order id=\"o2\" first=\"b\" then=\"a\"/></constraints>"
            + "<crm_config><cluster_property_set id=\"s\"><nvpair id=\"f\" name=\"stonith-enabled\" value=\"false\"/>"
            + "</cluster_property_set></crm_config>",
            "<node_state id=\"1\" in_ccm=\"true\" crmd=\"online\" join=\"member\" expected=\"member\"/>").Model!;
        Assert.Contains(ClusterPlanner.Plan(model).Remarks, remark =>
            remark.Contains("contradict", StringComparison.Ordinal));
    }
}
