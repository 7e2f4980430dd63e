using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Engine;
using Ha.Core.Fencing;
using Ha.Core.Membership;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>The document, member by member: types, words and bounds. What members mean together is checked
/// after.</summary>
internal static class DocumentShapes
{
    public const int MostResources = 2000;
    public const int MostConstraints = 2000;

    private static readonly FlagShape Flag = new();
    private static readonly ScoreShape Score = new(CanBeNegative: true);
    private static readonly ScoreShape Worth = new(CanBeNegative: false);
    private static readonly DurationShape Timeout = Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
    private static readonly DurationShape Forgetting = Between(TimeSpan.Zero, DurationText.Longest);
    private static readonly ListShape Ids = new(Texts.Id, 1, MostResources);
    private static readonly NamesShape Parameters = new(Texts.ParameterName, Texts.Value, 0, 200);

    private static readonly ObjectShape Version = new("version",
    [
        new("epoch", new NumberShape(0, 1L << 52), "Grows when an operator changes the configuration", Required: true),
        new("update", new NumberShape(0, 1L << 52), "Grows with what the cluster records", Required: true),
    ]);

    private static readonly ObjectShape Options = new("options",
    [
        new("noQuorumPolicy", WordShape.Of<NoQuorumPolicy>(), "What a partition without quorum does; default stop"),
        new("symmetricCluster", Flag, "Whether resources may run on nodes that no location names; default true"),
        new("maintenanceMode", Flag, "Whether nothing is started, stopped or monitored anywhere; default false"),
        new("stopAllResources", Flag, "Whether everything is stopped; default false"),
        new("startFailureIsFatal", Flag, "Whether a failed start bans the node at once; default true"),
        new("stopOrphanResources", Flag, "Whether resources no longer configured are stopped; default true"),
        new("stopOrphanActions", Flag, "Whether monitors no longer configured are cancelled; default true"),
        new("startupProbes", Flag, "Whether a node that joins is asked what runs on it; default true"),
        new("failback", Flag, "Whether resources return to the node they prefer"),
        new("recheckInterval", Between(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            "How often time-based rules and failure timeouts are looked at, at least; default 15min"),
        new("batchLimit", new NumberShape(1, 1000), "Most actions under way in the cluster at once; default 30"),
    ]);

    private static readonly ObjectShape Node = new("node",
    [
        new("name", Texts.NodeName, "Name of the node in ha.cf", Required: true),
        new("attributes", new NamesShape(Texts.AttributeName, Texts.Value, 0, 200),
            "Attributes that rules and scores refer to"),
        new("standby", Flag, "Whether it runs no resources; default false"),
        new("maintenance", Flag, "Whether nothing on it is started, stopped or monitored; default false"),
        new("votes", new NumberShape(0, Quorum.MaxVotes), "Its votes for quorum; default 1"),
    ]);

    private static readonly ObjectShape Meta = new("meta",
    [
        new("priority", Score, "The lower one yields when not everything can run; default 0"),
        new("stickiness", Worth, "What staying where it runs is worth; default 0, 1 for copies of clones"),
        new("migrationThreshold", Worth, "After how many failures a node is banned; 0: never; default INFINITY"),
        new("failureTimeout", Forgetting, "After how long failures are forgotten; 0s: never; default 0s"),
        new("targetRole", WordShape.Of<ResourceTarget>(), "Whether it shall run; default started"),
        new("isManaged", Flag, "Whether the cluster starts and stops it; default true"),
        new("maintenance", Flag, "Whether it is neither started, stopped nor monitored; default false"),
        new("multipleActive", WordShape.Of<MultipleActivePolicy>(),
            "What is done when it is found on several nodes; default stopStart"),
        new("critical", Flag, "Whether its failure may move what it runs together with; default true"),
        new("requires", WordShape.Of<ResourceRequirement>(),
            "What must be given before it is started; default fencing if enabled, else quorum"),
    ]);

    private static readonly ObjectShape OperationDefaults = new("operationDefaults",
    [
        new("timeout", Timeout, "How long an operation may take"),
        new("onFail", WordShape.Of<FailurePolicy>(), "What its failure means"),
    ]);

    private static readonly ObjectShape Operation = new("operation",
    [
        new("name", WordShape.Of<OperationName>(), "Which operation", Required: true),
        new("interval", Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            "Time from the end of one monitor to the begin of the next; default 10s"),
        new("timeout", Timeout, "How long it may take; default 60s for start and stop, 20s for probe and monitor"),
        new("onFail", WordShape.Of<FailurePolicy>(),
            "What its failure means; default restart, for stop: fence, or block without fencing"),
        new("enabled", Flag, "Whether the monitor is run; default true"),
        new("role", WordShape.Of<ResourceTarget>(), "Monitor where it runs, or where it must not; default started"),
        new("depth", new NumberShape(0, 1000), "How thoroughly it looks (OCF_CHECK_LEVEL); default 0"),
    ]);

    private static readonly ObjectShape Resource = new("resource",
    [
        new("id", Texts.Id, "Id, unique among resources", Required: true),
        new("type", Texts.Agent, "Its agent, for example builtin:vip or ocf:heartbeat:Filesystem", Required: true),
        new("parameters", Parameters, "Parameters of the agent"),
        new("arguments", new ListShape(Texts.Argument, 0, 50), "Arguments of a heartbeat or exec program"),
        new("meta", Meta, "How the cluster treats it"),
        new("operations", new ListShape(Operation, 0, 50), "Operations that differ from their defaults"),
    ]);

    private static readonly ObjectShape Group = new("group",
    [
        new("id", Texts.Id, "Id; may be that of its first member", Required: true),
        new("members", new ListShape(Texts.Id, 1, 200), "Ids of its resources, in start order", Required: true),
        new("meta", Meta, "How the cluster treats it, and members that do not say otherwise"),
    ]);

    private static readonly ObjectShape Clone = new("clone",
    [
        new("id", Texts.Id, "Id", Required: true),
        new("resource", Texts.Id, "Id of the resource or group that is repeated", Required: true),
        new("cloneMax", new NumberShape(1, 1024), "Copies in the cluster; default one for each node"),
        new("cloneNodeMax", new NumberShape(1, 1024), "Copies on one node; default 1"),
        new("globallyUnique", Flag, "Whether copies differ from each other; default false"),
        new("interleave", Flag, "Whether orders look only at the copy on the same node; default false"),
        new("meta", Meta, "How the cluster treats it"),
    ]);

    private static readonly ObjectShape Calendar = new("calendar",
    [
        new("seconds", Texts.CalendarRange, "0-59"),
        new("minutes", Texts.CalendarRange, "0-59"),
        new("hours", Texts.CalendarRange, "0-23"),
        new("monthDays", Texts.CalendarRange, "1-31"),
        new("weekDays", Texts.CalendarRange, "1 (Monday) to 7"),
        new("yearDays", Texts.CalendarRange, "1-366"),
        new("months", Texts.CalendarRange, "1-12"),
        new("weeks", Texts.CalendarRange, "ISO week, 1-53"),
        new("years", Texts.CalendarRange, "Year"),
        new("weekYears", Texts.CalendarRange, "Year of the ISO week"),
    ]);

    private static readonly ObjectShape Rule = new("rule",
    [
        new("all", new ListShape(new ReferenceShape("rule", static () => Rule!), 1, 100),
            "Conditions that must all hold"),
        new("any", new ListShape(new ReferenceShape("rule", static () => Rule!), 1, 100),
            "Conditions one of which is enough"),
        new("attribute", Texts.AttributeName, "Name of a node attribute; #uname is the node's name"),
        new("comparison", WordShape.Of<Comparison>(), "How it is compared; default equal"),
        new("value", Texts.Value, "What it is compared with"),
        new("valueKind", WordShape.Of<ValueKind>(), "As what it is compared; default automatic"),
        new("from", new MomentShape(), "Not before this moment"),
        new("to", new MomentShape(), "Not after this moment"),
        new("calendar", Calendar, "Which parts of the date and time (UTC) must lie where"),
    ]);

    private static readonly ObjectShape Location = new("location",
    [
        new("id", Texts.Id, "Id, unique among constraints", Required: true),
        new("resource", Texts.Id, "The resource, group or clone", Required: true),
        new("node", Texts.NodeName, "The node; left out with a rule"),
        new("rule", Rule, "On which nodes and when it holds; left out with a node"),
        new("score", Score, "Positive: preferred; negative: avoided; INFINITY: must; -INFINITY: must not"),
        new("scoreAttribute", Texts.AttributeName, "Node attribute that holds the score; only with a rule"),
        new("discovery", WordShape.Of<ResourceDiscovery>(), "Where it is probed; default always"),
    ]);

    private static readonly ObjectShape ColocationSet = new("colocationSet",
    [
        new("resources", Ids, "Ids", Required: true),
        new("sequential", Flag, "Whether each follows the one before it; default true"),
        new("score", Score, "Score among its members; default that of the colocation"),
    ]);

    private static readonly ObjectShape Colocation = new("colocation",
    [
        new("id", Texts.Id, "Id, unique among constraints", Required: true),
        new("resource", Texts.Id, "The resource that follows"),
        new("with", Texts.Id, "The resource that is followed"),
        new("sets", new ListShape(ColocationSet, 1, 50), "Sets, each follows the next one; instead of the two above"),
        new("score", Score, "Positive: together; negative: apart; default INFINITY"),
        new("nodeAttribute", Texts.AttributeName, "Attribute whose equal values count as the same place"),
        new("influence", Flag, "Whether what follows has a say in where the other goes; default true"),
    ]);

    private static readonly ObjectShape OrderSet = new("orderSet",
    [
        new("resources", Ids, "Ids", Required: true),
        new("action", WordShape.Of<OrderedAction>(), "What is done with them; default start"),
        new("sequential", Flag, "Whether each comes after the one before it; default true"),
        new("requireAll", Flag, "Whether what comes after the set needs all of it; default true"),
    ]);

    private static readonly ObjectShape Order = new("order",
    [
        new("id", Texts.Id, "Id, unique among constraints", Required: true),
        new("first", Texts.Id, "What comes first"),
        new("firstAction", WordShape.Of<OrderedAction>(), "What is done with it; default start"),
        new("then", Texts.Id, "What comes after"),
        new("thenAction", WordShape.Of<OrderedAction>(), "What is done with it; default the same"),
        new("sets", new ListShape(OrderSet, 1, 50), "Sets, each after the one before it; instead of the above"),
        new("kind", WordShape.Of<OrderKind>(), "How strong; default mandatory"),
        new("symmetrical", Flag, "Whether the opposite actions are ordered the other way round; default true"),
        new("requireAll", Flag, "Whether all copies of a clone that comes first are needed; default true"),
    ]);

    private static readonly ObjectShape Device = new("device",
    [
        new("id", Texts.Id, "Id, unique among devices", Required: true),
        new("agent", Texts.FenceAgent, "Name of the fence agent, for example fence_ipmilan", Required: true),
        new("parameters", Parameters, "Parameters of the agent"),
        new("plugs", new NamesShape(Texts.NodeName, Texts.Argument, 1, EngineOptions.MaxNodes),
            "Nodes it can fence, each with the name or number of its plug", Required: true),
        new("timeout", Between(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            "How long one call may take; default 60s"),
        new("delay", Between(TimeSpan.Zero, TimeSpan.FromMinutes(10)), "How long it waits before it fires; default 0s"),
    ]);

    private static readonly ObjectShape Level = new("level",
    [
        new("node", Texts.NodeName, "The node", Required: true),
        new("index", new NumberShape(1, 9), "Levels are tried in ascending order", Required: true),
        new("devices", new ListShape(Texts.Id, 1, 20), "Ids of the devices; all must succeed", Required: true),
    ]);

    private static readonly ObjectShape Watchdog = new("watchdog",
    [
        new("timeout", Between(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), "Time after the last petting",
            Required: true),
        new("resetLatency", Between(TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            "Longest time until the reset has taken effect; default 1s"),
    ]);

    private static readonly ObjectShape Arbiter = new("arbiter",
    [
        new("endpoints", new ListShape(Texts.Endpoint, 1, 9), "Addresses of etcd", Required: true),
        new("lease", Between(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), "How long a grant lasts; default 10s"),
    ]);

    private static readonly ObjectShape Fencing = new("fencing",
    [
        new("enabled", Flag, "Whether nodes are fenced; default true with devices, else false"),
        new("action", WordShape.Of<FencingGoal>(), "What is done to a node; default reboot"),
        new("startupFencing", Flag, "Whether nodes never seen are fenced; default true"),
        new("devices", new ListShape(Device, 0, 100), "Devices"),
        new("levels", new ListShape(Level, 0, 9 * EngineOptions.MaxNodes), "Which devices fence a node, in turn"),
        new("watchdog", Watchdog, "The watchdog of each node"),
        new("arbiter", Arbiter, "An etcd that is asked who may act"),
        new("authorityValidity", Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            "How long a node may act on its last proof of authority; default 1s"),
        new("takeoverDelay", Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            "How long after its last packet a lost node counts as fenced by its watchdog; default deadtime"),
        new("waitForAll", Flag, "Whether a cluster that boots alone waits for all nodes"),
        new("unprotectedTakeover", WordShape.Of<UnprotectedTakeover>(),
            "Without fencing and arbiter: what a lost peer means; default classic"),
    ]);

    /// <summary>The whole document.</summary>
    public static ObjectShape Document { get; } = new("document",
    [
        new("version", Version, "Version of the configuration; the cluster sets it"),
        new("options", Options, "Cluster-wide options"),
        new("nodes", new ListShape(Node, 0, EngineOptions.MaxNodes), "Attributes and states of nodes"),
        new("resourceDefaults", Meta, "Meta attributes of resources that do not have their own"),
        new("operationDefaults", OperationDefaults, "Settings of operations that do not have their own"),
        new("resources", new ListShape(Resource, 0, MostResources), "Resources"),
        new("groups", new ListShape(Group, 0, MostResources), "Resources that run together and in order"),
        new("clones", new ListShape(Clone, 0, MostResources), "Resources that run on several nodes at once"),
        new("locations", new ListShape(Location, 0, MostConstraints), "Where resources belong"),
        new("colocations", new ListShape(Colocation, 0, MostConstraints), "What belongs together or apart"),
        new("orders", new ListShape(Order, 0, MostConstraints), "What comes after what"),
        new("fencing", Fencing, "What keeps two sides of a split from acting at once"),
        new("checks", new ListShape(CheckShapes.Check, 0, CheckShapes.MostChecks), "Health checks"),
    ]);

    private static DurationShape Between(TimeSpan least, TimeSpan most) => new(least, most);
}
