using System.Globalization;
using System.Xml.Linq;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib;

/// <summary>Reads the status: node states, operation history, fail counts.</summary>
internal static class CibStatus
{
    public static ImmutableArray<XElement> NodeStates(CibDocument document, XElement status)
    {
        document.ReportUnknown(status, "node_state", "tickets");
        foreach (var ticket in CibDocument.Children(status, "tickets").SelectMany(one => one.Elements()))
            document.Findings.Add(ticket, "is not supported; tickets have no effect");
        return [.. CibDocument.Children(status, "node_state")];
    }

    public static ImmutableArray<ResourceHistory> History(CibDocument document, ImmutableArray<XElement> states)
    {
        var histories = ImmutableArray.CreateBuilder<ResourceHistory>();
        foreach (var state in states)
        {
            var resources = CibDocument.Section(CibDocument.Section(state, "lrm"), "lrm_resources");
            foreach (var element in CibDocument.Children(resources, "lrm_resource"))
            {
                if ((string?)element.Attribute("id") is not { } id) continue;
                var records = CibDocument.Children(element, "lrm_rsc_op").Select(one => Record(document, one))
                    .OfType<OperationRecord>();
                histories.Add(new ResourceHistory
                {
                    NodeId = (string?)state.Attribute("id") ?? "",
                    Resource = id,
                    Agent = new AgentName((string?)element.Attribute("class") ?? "",
                        (string?)element.Attribute("provider") ?? "", (string?)element.Attribute("type") ?? ""),
                    // A recurring operation keeps its number: what changed later happened later.
                    Operations = [.. records.OrderBy(one => one.CallId < 0 ? int.MaxValue : one.CallId)
                        .ThenBy(one => one.LastChange ?? DateTimeOffset.UnixEpoch)],
                });
            }
        }

        return histories.ToImmutable();
    }

    public static ImmutableArray<FailCount> FailCounts(ImmutableArray<XElement> states)
    {
        var counts = ImmutableArray.CreateBuilder<FailCount>();
        foreach (var state in states)
        {
            var pairs = CibDocument.Children(state, "transient_attributes").SelectMany(one => one.Descendants())
                .Where(one => one.Name.LocalName == "nvpair")
                .Select(one => (
                    Name: (string?)one.Attribute("name") ?? "", Value: (string?)one.Attribute("value") ?? ""))
                // What is written twice holds as it is written last.
                .Reverse().DistinctBy(one => one.Name).Reverse().ToList();
            foreach (var (name, value) in pairs)
            {
                if (!name.StartsWith("fail-count-", StringComparison.Ordinal) || Score.TryParse(value) is not { } count)
                    continue;
                var key = name["fail-count-".Length..];
                var last = pairs.Find(pair => pair.Name == "last-failure-" + key).Value;
                var hash = key.IndexOf('#', StringComparison.Ordinal);
                counts.Add(new FailCount((string?)state.Attribute("id") ?? "", hash < 0 ? key : key[..hash],
                    hash < 0 ? "" : key[(hash + 1)..], count, Moment(last)));
            }
        }

        return counts.ToImmutable();
    }

    private static OperationRecord? Record(CibDocument document, XElement element)
    {
        var name = (string?)element.Attribute("operation");
        var magic = (string?)element.Attribute("transition-magic");
        var key = (string?)element.Attribute("transition-key") ?? magic?.Split(';').ElementAtOrDefault(1);
        var status = Status(Number(element, "op-status"));
        if (name is null || status is null)
        {
            document.Findings.Add(element, "lacks its operation or has an unknown op-status; it was left out");
            return null;
        }

        return new OperationRecord
        {
            Name = name,
            IntervalMs = Number(element, "interval") ?? 0,
            Status = status.Value,
            ExitCode = (int)(Number(element, "rc-code") ?? 0),
            // action:transition:expected exit code:uuid
            ExpectedExitCode = key?.Split(':') is [_, _, var expected, ..]
                && int.TryParse(expected, out var code) ? code : null,
            CallId = (int)(Number(element, "call-id") ?? 0),
            IsLastFailure = ((string?)element.Attribute("id") ?? "")
                .Contains("_last_failure_", StringComparison.Ordinal),
            LastChange = Moment((string?)element.Attribute("last-rc-change")),
            Digest = (string?)element.Attribute("op-digest"),
            PublicDigest = (string?)element.Attribute("op-secure-digest"),
            SecretParameters = (string?)element.Attribute("op-secure-params") ?? "",
            RestartDigest = (string?)element.Attribute("op-restart-digest"),
            RestartParameters = (string?)element.Attribute("op-force-restart") ?? "",
        };
    }

    private static OperationStatus? Status(long? code) => code switch
    {
        -1 => OperationStatus.Pending,
        0 => OperationStatus.Done,
        1 => OperationStatus.Cancelled,
        2 => OperationStatus.TimedOut,
        3 => OperationStatus.NotSupported,
        4 or 8 or 9 or 10 or 11 or 12 or 13 => OperationStatus.Error,
        5 => OperationStatus.HardError,
        6 => OperationStatus.FatalError,
        7 => OperationStatus.NotInstalled,
        _ => null,
    };

    private static long? Number(XElement element, string attribute) =>
        int.TryParse((string?)element.Attribute(attribute), NumberStyles.Integer, CultureInfo.InvariantCulture,
            out var value)
            ? value : null;

    private static DateTimeOffset? Moment(string? text) =>
        long.TryParse(text, out var seconds) && seconds is > 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
