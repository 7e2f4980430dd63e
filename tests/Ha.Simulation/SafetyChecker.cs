using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation;

/// <summary>
/// The oracle: knows what every agent asked its machine to do and what really happened, and never looks into an
/// engine. This file keeps the books; what two owners mean is in <c>SafetyChecker.Ownership.cs</c>, what one step may
/// contain in <c>SafetyChecker.Steps.cs</c>.
/// </summary>
public sealed partial class SafetyChecker
{
    private readonly SimulationProfile profile;
    private readonly Hearing hearing;
    private readonly Coverage coverage;
    private readonly Dictionary<string, int> indexById = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Place> places;
    private readonly NodeBooks[] nodes;

    // What an imported haresources sets.
    private const int MigrationThreshold = 3;
    private readonly int[,] deaths;

    /// <summary>A cluster in which nothing runs and no agent lives.</summary>
    public SafetyChecker(SimulationProfile profile, Hearing hearing, Coverage coverage)
    {
        this.profile = profile;
        this.hearing = hearing;
        this.coverage = coverage;
        wire = new WireCheck(profile.Keys(other: false), profile.InnerAuth);
        otherWire = new WireCheck(profile.Keys(other: true), profile.InnerAuth);
        var flat = ImmutableArray.CreateBuilder<Place>();
        for (var group = 0; group < profile.Groups.Length; group++)
        {
            for (var position = 0; position < profile.Groups[group].Resources.Length; position++)
            {
                var resource = profile.Groups[group].Resources[position];
                indexById.Add(resource.Id, flat.Count);
                flat.Add(new Place(resource.Id, group, position, flat.Count - position, resource.IsVip));
            }
        }

        places = flat.ToImmutable();
        nodes = [.. Enumerable.Range(0, profile.Nodes).Select(_ => new NodeBooks(places.Length))];
        overlaps = new Overlap[profile.Groups.Length];
        outages = new long[profile.Groups.Length];
        deaths = new int[profile.Nodes, profile.Groups.Length];
        lastOwner = [.. Enumerable.Repeat(-1, profile.Groups.Length)];
        FailedSinceCleanup = new bool[profile.Groups.Length];
    }

    /// <summary>Number of resources of all groups.</summary>
    public int Resources => places.Length;

    /// <summary>Per group: whether an operation on it failed since an operator last cleaned up.</summary>
    public bool[] FailedSinceCleanup { get; }

    /// <summary>When an agent last asked for a start or stop.</summary>
    public long LastChangeAskedAt { get; private set; }

    /// <summary>Index of a resource in the flat order of all groups.</summary>
    public int IndexOf(string resource) => indexById[resource];

    /// <summary>An agent began a life with a generation from its disk.</summary>
    public void LifeStarted(long now, int node, uint generation)
    {
        var books = nodes[node];
        if (generation <= books.Generation)
            Fail("S6 generation", now, $"{Name(node)} starts with generation {generation} after {books.Generation}");
        lastLifeChange = now;
        books.BeginLife(generation);
        hearing.LifeStarted(now, node);
        ForgetConfirmationsOf(node);
    }

    /// <summary>An agent's life is over: killed, or it left.</summary>
    public void LifeEnded(long now, int node)
    {
        lastLifeChange = now;
        // They may have met in its last moments.
        NoteMeetings(now);
        nodes[node].EndLife();
        hearing.LifeEnded(now, node);
    }

    /// <summary>The machine lost power: nothing is active there any more.</summary>
    public void PowerLost(long now, int node)
    {
        if (Holds(node)) coverage.Reach(CoverageMark.HolderLostPower);
        var books = nodes[node];
        if (books.Alive) LifeEnded(now, node);
        // A watchdog's bound takes the place of a confirmation (RELIABILITY.md 6.3); a device must confirm.
        for (var resource = 0; resource < places.Length; resource++)
        {
            books.HeldWhenLost[resource] |= books.MayBeActive[resource] && profile.Safety.Watchdog is null;
            if (books.MayBeActive[resource]) books.GoneAt[resource] = now;
        }

        books.MetAllSinceBoot = false;
        books.StopFailedSince = -1;
        Array.Clear(books.MayBeActive);
    }

    /// <summary>The agent stops running for a while.</summary>
    public void Paused(long now, int node) => hearing.Paused(now, node);

    /// <summary>The agent runs again.</summary>
    /// <param name="now">World time.</param>
    /// <param name="node">The node.</param>
    /// <param name="unnoticed">What of the pause its own loop could not tell from sleeping, in microseconds.</param>
    public void Resumed(long now, int node, long unnoticed) => hearing.Resumed(now, node, unnoticed);

    /// <summary>An agent asked its machine for an operation.</summary>
    public void OperationAsked(long now, int node, RunOperation asked)
    {
        var books = nodes[node];
        if (!indexById.TryGetValue(asked.Resource.Id, out var resource))
            throw Broken("S8 operation", now, $"{Name(node)} runs {asked.Kind} of unknown {asked.Resource.Id}");
        if (asked.Number <= books.LastOperation)
            Fail("S8 numbers", now, $"{Name(node)} runs operation {asked.Number} after {books.LastOperation}");
        books.LastOperation = asked.Number;
        if (books.UnderWay[resource] is { } other)
        {
            Fail("S8 one at a time", now,
                $"{Name(node)} runs {asked.Kind} of {asked.Resource.Id} while {other} of it is under way");
        }

        books.UnderWay[resource] = asked.Kind;
        CheckHandsOff(now, node, resource, asked.Kind);
        if (asked.Kind is OperationKind.Start or OperationKind.Stop) LastChangeAskedAt = now;
        if (asked.Kind == OperationKind.Start) StartAsked(now, node, resource);
        else if (asked.Kind == OperationKind.Stop) CheckStopOrder(now, node, resource);
        else if (asked.Kind == OperationKind.Announce) CheckAnnounce(now, node, resource);
    }

    /// <summary>An operation ended and its agent, still in the life that asked, is told.</summary>
    public void OperationEnded(long now, int node, OperationRun run)
    {
        var books = nodes[node];
        var resource = run.ResourceIndex;
        books.UnderWay[resource] = null;
        CountOutcome(run.Kind, run.Outcome);
        if (run.Kind == OperationKind.Announce) return;
        var good = run.Outcome is OperationOutcome.Succeeded or OperationOutcome.NotRunning;
        if (!good) FailedSinceCleanup[places[resource].Group] = true;
        books.Unresolved[resource] = !good;
        if (!good && run.Kind == OperationKind.Stop) books.StopFailedSince = now;
        if (run.Kind == OperationKind.Probe) books.Probed[resource] = true;
        if (run.Kind == OperationKind.Monitor && run.Outcome == OperationOutcome.NotRunning)
            NoteDeath(node, places[resource].Group);
        if (!good)
        {
            // A probe that fails changes nothing; a start or stop that fails may have.
            if (run.Kind is OperationKind.Start or OperationKind.Stop) books.Known[resource] = KnownState.Failed;
            return;
        }

        var runs = run.Kind switch
        {
            OperationKind.Start => true,
            OperationKind.Stop => false,
            OperationKind.Probe or OperationKind.Monitor => run.Outcome == OperationOutcome.Succeeded,
            OperationKind.Announce or OperationKind.Cancel or OperationKind.Fence =>
                throw new InvalidOperationException($"{run.Kind} changes no resource"),
        };
        books.Known[resource] = runs ? KnownState.Running : KnownState.Stopped;
        if (books.MayBeActive[resource] && !runs) books.GoneAt[resource] = now;
        books.MayBeActive[resource] = runs;
        // A life that has looked, or stopped it, answers for what an earlier one held.
        if (!runs) books.HeldWhenLost[resource] = false;
    }

    // Where something has died so often it is not started again before a clean-up: with one node left, nowhere.
    private void NoteDeath(int node, int group)
    {
        if (++deaths[node, group] >= MigrationThreshold) FailedSinceCleanup[group] = true;
    }

    /// <summary>An operator's clean-up was accepted: earlier failures no longer excuse anything.</summary>
    public void CleanedUp(string? group)
    {
        for (var index = 0; index < profile.Groups.Length; index++)
        {
            if (group is not null && profile.Groups[index].Id != group) continue;
            FailedSinceCleanup[index] = false;
            for (var node = 0; node < nodes.Length; node++) deaths[node, index] = 0;
        }
    }

    /// <summary>Whether anything may be active on a machine.</summary>
    public bool Holds(int node) => Array.IndexOf(nodes[node].MayBeActive, true) >= 0;

    /// <summary>Whether a resource may be active on a machine.</summary>
    public bool MayBeActive(int node, int resource) => nodes[node].MayBeActive[resource];

    private void CountOutcome(OperationKind kind, OperationOutcome outcome)
    {
        if (outcome is OperationOutcome.Succeeded or OperationOutcome.NotRunning) return;
        var hung = outcome == OperationOutcome.TimedOut;
        if (kind == OperationKind.Start) coverage.Reach(hung ? CoverageMark.StartHung : CoverageMark.StartFailed);
        else if (kind == OperationKind.Stop) coverage.Reach(hung ? CoverageMark.StopHung : CoverageMark.StopFailed);
        else if (kind == OperationKind.Probe) coverage.Reach(CoverageMark.ProbeFailed);
    }

    private static string Name(int node) => SimulationProfile.NodeName(node);

    private static void Fail(string rule, long now, string sentence) => throw Broken(rule, now, sentence);

    private static ViolationException Broken(string rule, long now, string sentence) =>
        new(new Violation(rule, now, sentence));

    private enum KnownState
    {
        Unknown = 0,
        Stopped = 1,
        Running = 2,
        Failed = 3,
    }

    /// <summary>Where a resource stands in the configuration.</summary>
    private sealed record Place(string Id, int Group, int Position, int FirstOfGroup, bool IsVip);

    /// <summary>What is known of one machine and of its agent's present life.</summary>
    private sealed class NodeBooks(int resources)
    {
        public uint Generation { get; private set; }

        public bool Alive { get; private set; }

        public long LastOperation { get; set; }

        public long LastEventNumber { get; set; }

        public bool ShutdownAsked { get; set; }

        public bool HaltSeen { get; set; }

        /// <summary>
        /// It said that it lost its authority, or it is leaving: it may stop addresses before what uses them.
        /// </summary>
        public bool GivesUp { get; set; }

        public long MinuteOfEvents { get; set; }

        public int EventsInMinute { get; set; }

        public int AllEventsInMinute { get; set; }

        /// <summary>
        /// Survives the agent, not the machine: from the order to start until a stop or probe says otherwise.
        /// </summary>
        public bool[] MayBeActive { get; } = new bool[resources];

        /// <summary>When it was last found gone, or stopped, there; 0: never.</summary>
        public long[] GoneAt { get; } = new long[resources];

        /// <summary>It was active when the machine lost its power, and nobody has confirmed that it is off.</summary>
        public bool[] HeldWhenLost { get; } = new bool[resources];

        /// <summary>Whether it has heard all other nodes at once since its machine booted.</summary>
        public bool MetAllSinceBoot { get; set; }

        /// <summary>When a stop failed there last since the machine booted; -1: none did.</summary>
        public long StopFailedSince { get; set; } = -1;

        public bool[] Probed { get; } = new bool[resources];

        public bool[] Unresolved { get; } = new bool[resources];

        public KnownState[] Known { get; } = new KnownState[resources];

        public OperationKind?[] UnderWay { get; } = new OperationKind?[resources];

        public void BeginLife(uint generation)
        {
            Generation = generation;
            Alive = true;
            LastOperation = 0;
            LastEventNumber = 0;
            ShutdownAsked = false;
            HaltSeen = GivesUp = false;
            Forget();
        }

        public void EndLife()
        {
            Alive = false;
            Forget();
        }

        private void Forget()
        {
            Array.Clear(Probed);
            Array.Clear(Unresolved);
            Array.Clear(Known);
            Array.Clear(UnderWay);
        }
    }
}
