using System.Text;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>
/// The first steps of one life, to be taken again by a second engine: the same inputs at the same times must have the
/// same effects, byte for byte (S15). What an engine takes from anywhere but its inputs shows here.
/// </summary>
public sealed class StepRecorder
{
    /// <summary>How many steps are kept.</summary>
    public const int Limit = 1000;

    private readonly EngineOptions options;
    private readonly List<(ClusterTime At, ClusterInput Input, ulong Effects)> steps = new(Limit);

    /// <summary>Begins with the options of a life.</summary>
    public StepRecorder(EngineOptions options) => this.options = options;

    /// <summary>Whether enough steps are recorded.</summary>
    public bool IsFull => steps.Count == Limit;

    /// <summary>Notes a step.</summary>
    public void Add(ClusterTime at, ClusterInput input, EffectList effects)
    {
        // The driver uses one packet input for all packets.
        if (input is PacketReceived packet)
            input = new PacketReceived { Medium = packet.Medium, Datagram = packet.Datagram.ToArray() };
        steps.Add((at, input, HashOf(effects)));
    }

    /// <summary>Takes the steps again.</summary>
    /// <returns>The first difference; null when there is none.</returns>
    public string? FindDifference()
    {
        var engine = new ClusterEngine(options);
        var effects = new EffectList();
        for (var number = 0; number < steps.Count; number++)
        {
            var (at, input, expected) = steps[number];
            effects.Clear();
            engine.Step(at, input, effects);
            if (HashOf(effects) != expected)
                return $"step {number + 1} ({input.GetType().Name} at {at.Monotonic}) has other effects when repeated";
        }

        return null;
    }

    private static ulong HashOf(EffectList effects)
    {
        var hash = 14695981039346656037;
        foreach (var effect in effects.Items)
        {
            if (effect is SendDatagram send) hash = Mix(hash, send.Datagram.Span);
            else hash = Mix(hash, Encoding.UTF8.GetBytes(TextOf(effect)));
        }

        return hash;
    }

    private static string TextOf(ClusterEffect effect) => effect switch
    {
        RunOperation run => $"run {run.Number} {run.Kind} {run.Resource.Id} {run.Timeout} {run.Urgent} {run.Depth}",
        FenceNode fence => $"fence {fence.Number} {fence.Target} {fence.Device.Id} {fence.Action} {fence.Timeout}",
        AskArbiter ask => $"ask {ask.Number} {ask.Want} {ask.Timeout}",
        RenewAuthority renew => $"renew {renew.Until}",
        AppendEvent append => $"event {append.Event.Id} {append.Event.Kind} {append.Event.Subject} "
            + append.Event.Sentence,
        AnswerCommand answer => $"answer {answer.Ticket} {answer.Answer}",
        Halt halt => $"halt {halt.Clean} {halt.Detail}",
        _ => effect.GetType().Name,
    };

    private static ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) hash = (hash ^ value) * 1099511628211;
        return hash * 31;
    }
}
