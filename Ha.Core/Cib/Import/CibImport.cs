using System.Xml.Linq;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib.Import;

/// <summary>What importing a CIB gave.</summary>
/// <param name="Document">The document; null when the text is no CIB, which the only line explains.</param>
/// <param name="Nodes">Names of the nodes, as ha.cf must list them.</param>
/// <param name="Lines">What became of each element of the configuration, by line.</param>
public sealed record CibImporting(
    ConfigurationDocument? Document, ImmutableArray<string> Nodes, ImmutableArray<CibImportLine> Lines);

/// <summary>
/// Turns the configuration of a Pacemaker CIB into a cluster configuration, as far as it has a counterpart. What it
/// makes still has to be read and checked like any document.
/// </summary>
public static class CibImport
{
    private const string NoEffect = "has no effect on this cluster";

    /// <summary>Imports a CIB. Never throws; the status section is not part of a configuration.</summary>
    /// <param name="text">The XML.</param>
    public static CibImporting Import(string text)
    {
        var findings = new CibFindings();
        if (CibReader.Open(text, findings) is not { } cib)
        {
            var reason = findings.ToImmutable()[0];
            return new(null, [], [new(0, CibImportOutcome.NotSupported, reason.Where, reason.Message)]);
        }

        var report = new CibImportReport();
        var configuration = CibDocument.Section(cib.Root, "configuration");
        var nodes = Nodes(cib, CibDocument.Section(configuration, "nodes"), report);
        var names = nodes.Select(node => node.Name).ToImmutableArray();
        var resources = new CibResourceImport(cib, report);
        resources.ReadAll(CibDocument.Section(configuration, "resources"));
        var fencing = new CibFencingImport(cib, names, report);
        fencing.ReadAll(resources.Devices, CibDocument.Section(configuration, "fencing-topology"));
        var constraints = new CibConstraintImport(cib, resources.Names, names, report);
        constraints.ReadAll(CibDocument.Section(configuration, "constraints"));
        foreach (var tag in CibDocument.Children(CibDocument.Section(configuration, "tags"), "tag"))
        {
            foreach (var element in tag.DescendantsAndSelf())
                report.Translated(element, "constraints that name the tag name its resources");
        }

        var options = new OptionsImport(cib, report);
        options.Read(CibDocument.Section(configuration, "crm_config"), fencing);
        var document = new ConfigurationDocument
        {
            Version = new ConfigurationVersion(1, 0),
            Options = options.Options == new ConfiguredOptions() ? null : options.Options,
            Nodes = nodes,
            ResourceDefaults = resources.Meta(CibDocument.Section(configuration, "rsc_defaults"), clone: null),
            OperationDefaults = resources.Defaults(CibDocument.Section(configuration, "op_defaults")),
            Resources = [.. resources.Resources],
            Groups = [.. resources.Groups],
            Clones = [.. resources.Clones],
            Locations = [.. constraints.Locations],
            Colocations = [.. constraints.Colocations],
            Orders = [.. constraints.Orders],
            Fencing = fencing.Fencing,
        };
        return new(document, names, report.Finish(configuration));
    }

    private static ImmutableArray<ConfiguredNode> Nodes(CibDocument cib, XElement section, CibImportReport report)
    {
        var nodes = ImmutableArray.CreateBuilder<ConfiguredNode>();
        foreach (var element in CibDocument.Children(section, "node"))
        {
            var name = (string?)element.Attribute("uname");
            if (name is null || (string?)element.Attribute("type") is not (null or "member" or "normal"))
            {
                report.NotSupportedAll(element, name is null ? "has no uname" : "is a remote node");
                continue;
            }

            report.Translated(element, "must be a node of ha.cf, too");
            var node = new ConfiguredNode { Name = name.ToLowerInvariant() };
            var attributes = SortedText.Empty.ToBuilder();
            foreach (var pair in CibPairs.Read(cib, element, "instance_attributes", report))
            {
                if (pair.Name is "standby" or "maintenance")
                {
                    var flag = Values.Boolean(pair.Value) == true;
                    node = pair.Name == "standby" ? node with { Standby = flag } : node with { Maintenance = flag };
                }
                else if (pair.Name == "terminate")
                {
                    report.NotSupported(pair.Element, "a wish of the moment, not a configuration");
                    continue;
                }
                else
                {
                    attributes[pair.Name] = pair.Value;
                }

                report.Translated(pair.Element, "an attribute of the node");
            }

            nodes.Add(node with { Attributes = attributes.ToImmutable() });
        }

        return nodes.ToImmutable();
    }

    /// <summary>Imports the cluster-wide options.</summary>
    private sealed class OptionsImport(CibDocument cib, CibImportReport report)
    {
        public ConfiguredOptions Options { get; private set; } = new();

        public void Read(XElement section, CibFencingImport fencing)
        {
            var pairs = CibPairs.Read(cib, section, "cluster_property_set", report, first: "cib-bootstrap-options");
            foreach (var pair in pairs) Read(pair, fencing);
            fencing.Decide(pairs.Find(pair => pair.Name == "stonith-enabled"));
        }

        private void Read(CibPair pair, CibFencingImport fencing)
        {
            var flag = Values.Boolean(pair.Value);
            switch (pair.Name)
            {
                case "no-quorum-policy":
                    Quorum(pair);
                    break;
                case "symmetric-cluster":
                    Flag(pair, flag, true, () => Options = Options with { SymmetricCluster = flag });
                    break;
                case "maintenance-mode":
                    Flag(pair, flag, false, () => Options = Options with { MaintenanceMode = flag });
                    break;
                case "stop-all-resources":
                    Flag(pair, flag, false, () => Options = Options with { StopAllResources = flag });
                    break;
                case "start-failure-is-fatal":
                    Flag(pair, flag, true, () => Options = Options with { StartFailureIsFatal = flag });
                    break;
                case "stop-orphan-resources":
                    Flag(pair, flag, true, () => Options = Options with { StopOrphanResources = flag });
                    break;
                case "stop-orphan-actions":
                    Flag(pair, flag, true, () => Options = Options with { StopOrphanActions = flag });
                    break;
                case "enable-startup-probes":
                    Flag(pair, flag, true, () => Options = Options with { StartupProbes = flag });
                    break;
                case "batch-limit":
                    Batch(pair);
                    break;
                case "cluster-recheck-interval":
                    Recheck(pair);
                    break;
                case "stonith-enabled" or "stonith-action" or "startup-fencing" or "have-watchdog"
                    or "stonith-watchdog-timeout":
                    fencing.Read(pair);
                    break;
                case "dc-version" or "cluster-infrastructure" or "cluster-name" or "last-lrm-refresh":
                    report.NotSupported(pair.Element, "describes the old cluster");
                    break;
                default:
                    report.NotSupported(pair.Element, NoEffect);
                    break;
            }
        }

        private void Flag(CibPair pair, bool? flag, bool preset, Action set)
        {
            if (flag is null)
            {
                report.NotSupported(pair.Element, $"'{pair.Value}' is neither true nor false");
            }
            else if (flag == preset)
            {
                report.EqualByDefault(pair.Element, pair.Value);
            }
            else
            {
                set();
                report.Translated(pair.Element, "an option");
            }
        }

        private void Quorum(CibPair pair)
        {
            NoQuorumPolicy? policy = pair.Value switch
            {
                "stop" => NoQuorumPolicy.Stop,
                "freeze" => NoQuorumPolicy.Freeze,
                "ignore" => NoQuorumPolicy.Ignore,
                "suicide" or "fence" => NoQuorumPolicy.Fence,
                _ => null,
            };
            if (policy is null) report.NotSupported(pair.Element, $"'{pair.Value}': stop is used");
            else if (policy == NoQuorumPolicy.Stop) report.EqualByDefault(pair.Element, "stop");
            else report.Translated(pair.Element, "an option");
            if (policy is not (null or NoQuorumPolicy.Stop)) Options = Options with { NoQuorumPolicy = policy };
        }

        private void Batch(CibPair pair)
        {
            if (!int.TryParse(pair.Value, out var limit) || limit is < 1 or > 1000)
            {
                report.NotSupported(pair.Element, "30 is used");
                return;
            }

            Options = Options with { BatchLimit = limit };
            report.Translated(pair.Element, "an option");
        }

        private void Recheck(CibPair pair)
        {
            var time = CibPairs.Time(pair.Value);
            if (time is null || time < TimeSpan.FromSeconds(1) || time > TimeSpan.FromDays(1))
            {
                report.NotSupported(pair.Element, "15min is used");
            }
            else if (time == TimeSpan.FromMinutes(15))
            {
                report.EqualByDefault(pair.Element, "15min");
            }
            else
            {
                Options = Options with { RecheckInterval = time };
                report.Translated(pair.Element, "an option");
            }
        }
    }
}

/// <summary>A name with its value, as it stands in an attribute set.</summary>
internal sealed record CibPair(XElement Element, string Name, string Value);

/// <summary>Reads attribute sets.</summary>
internal static class CibPairs
{
    /// <summary>The pairs that count, sets with greater scores first. Sets with rules are left out.</summary>
    public static List<CibPair> Read(
        CibDocument cib, XElement parent, string kind, CibImportReport report, string? first = null)
    {
        var pairs = new List<CibPair>();
        var sets = CibDocument.Children(parent, kind).Select(cib.Resolve).OfType<XElement>()
            .OrderByDescending(set => (string?)set.Attribute("id") == first ? int.MaxValue
                : Score.TryParse((string?)set.Attribute("score") ?? "") ?? 0);
        foreach (var set in sets)
        {
            if (CibDocument.Children(set, "rule").Any())
            {
                report.NotSupportedAll(set, "values that hold only while a rule holds are not supported");
                continue;
            }

            foreach (var element in CibDocument.Children(set, "nvpair"))
            {
                if (cib.Resolve(element) is not { } source) continue;
                var name = (string?)element.Attribute("name") ?? (string?)source.Attribute("name");
                if (name is null || (string?)source.Attribute("value") is not { } value)
                    report.EqualByDefault(element, "has no value, and says nothing");
                else if (pairs.Exists(pair => pair.Name == name))
                    report.EqualByDefault(element, "another set says it with more weight");
                else
                    pairs.Add(new CibPair(element, name, value));
            }
        }

        return pairs;
    }

    /// <summary>A length of time; null when it is none.</summary>
    public static TimeSpan? Time(string text) =>
        Values.Duration(text) is { } milliseconds && milliseconds <= DurationText.Longest.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds) : null;
}
