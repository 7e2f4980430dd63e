using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>A question on its way to the arbiter and back.</summary>
/// <param name="Number">Number of the <see cref="AskArbiter"/>.</param>
/// <param name="Node">Who asks.</param>
/// <param name="Generation">The life that asks.</param>
/// <param name="Want">Take or renew the grant, or give it back.</param>
/// <param name="TimesOutAt">When the asker gives up.</param>
public sealed record ArbiterQuestion(long Number, int Node, uint Generation, bool Want, long TimesOutAt);

/// <summary>
/// The arbiter: one linearizable register with a lease, on a machine of its own with its own clock. It may be down,
/// cut off from one side, stopped for a while, or lose its disk; then it begins a new epoch and grants nothing for a
/// whole lease, because somebody may still hold one of the old epoch.
/// </summary>
public sealed class SimulatedArbiter
{
    private readonly SplitMix64 random;
    private readonly long lease;
    private readonly int rate;
    private readonly List<Fault> active = [];
    private int holder = -1;
    private long expiresAt;
    private long grantsFrom;
    private long epoch = 1;
    private long revision;

    /// <summary>An arbiter that has granted nothing.</summary>
    /// <param name="lease">How long a grant holds.</param>
    /// <param name="random">Its own stream.</param>
    public SimulatedArbiter(TimeSpan lease, SplitMix64 random)
    {
        this.random = random;
        this.lease = Micros.From(lease);
        rate = random.Next(-500, 501);
    }

    /// <summary>Who holds an unexpired grant; -1: nobody.</summary>
    public int Holder(long now) => now < expiresAt ? holder : -1;

    /// <summary>Whether nothing keeps it from answering.</summary>
    public bool IsHealthy => active.Count == 0;

    /// <summary>A fault of the arbiter begins; others are ignored.</summary>
    public void Begin(long now, Fault fault)
    {
        if (fault.Kind == FaultKind.ArbiterLosesDisk) LoseDisk(now);
        else if (fault.Kind is FaultKind.ArbiterDown or FaultKind.ArbiterCut or FaultKind.ArbiterPaused)
            active.Add(fault);
    }

    /// <summary>It ends.</summary>
    public void End(Fault fault) => active.Remove(fault);

    /// <summary>
    /// When a question reaches the register; -1: never. A stopped arbiter hears it when it goes on, even if nobody
    /// waits for the answer any more.
    /// </summary>
    public long ReachedAt(long now, int node)
    {
        long goesOn = now;
        foreach (var fault in active)
        {
            if (fault.Kind == FaultKind.ArbiterDown) return -1;
            if (fault.Kind == FaultKind.ArbiterCut && (fault.Node < 0 || fault.Node == node)) return -1;
            if (fault.Kind == FaultKind.ArbiterPaused) goesOn = Math.Max(goesOn, fault.End);
        }

        return goesOn + random.Next(200, 15_000);
    }

    /// <summary>How long the answer travels.</summary>
    public long AnswerTakes() => random.Next(200, 15_000);

    /// <summary>Carries out a question: what it answers is true from this moment on.</summary>
    public ArbiterAnswered Answer(long now, ArbiterQuestion question)
    {
        var held = Holder(now);
        if (!question.Want)
        {
            if (held == question.Node) expiresAt = now;
            return Say(question, held >= 0 && held != question.Node ? ArbiterGrant.Others : ArbiterGrant.Unknown);
        }

        if (held >= 0 && held != question.Node) return Say(question, ArbiterGrant.Others);
        if (now < grantsFrom) return Say(question, ArbiterGrant.Unknown);
        if (held != question.Node) revision++;
        holder = question.Node;
        // Its own clock is as wrong as any.
        expiresAt = now + lease + (lease * rate / 1_000_000);
        return Say(question, ArbiterGrant.Mine);
    }

    private void LoseDisk(long now)
    {
        epoch++;
        revision = 0;
        holder = -1;
        expiresAt = 0;
        grantsFrom = now + lease + (lease / 500);
    }

    private ArbiterAnswered Say(ArbiterQuestion question, ArbiterGrant grant) => new()
    {
        Number = question.Number, Grant = grant, Epoch = epoch, Revision = revision,
        Lease = grant == ArbiterGrant.Mine ? Micros.Span(lease) : TimeSpan.Zero,
    };
}
