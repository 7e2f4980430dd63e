using System.Collections.Immutable;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Fencing;
using Ha.Core.Time;

namespace Ha.Core.Tests.Fencing;

/// <summary>
/// One fencer on s1 in virtual time, with devices that do as they are told; what happens is told line by line:
/// <c>seconds what</c>.
/// </summary>
internal sealed class FenceStory
{
    private readonly EffectList effects = new();
    private readonly List<(long At, FenceNode Call, FenceOutcome Outcome, long Took)> answers = [];
    private readonly Dictionary<string, PeerLiveness> peers = [];
    private long micros;

    public FenceStory(SafetySettings safety, FenceAction action = FenceAction.Reboot, params string[] nodes)
    {
        Fencer = new Fencer("s1", 7, nodes.Length == 0 ? ["s1", "s2"] : [.. nodes],
            node => peers.GetValueOrDefault(node, new PeerLiveness(0, false, false)));
        Fencer.Configure(safety, action);
    }

    public Fencer Fencer { get; }

    /// <summary>Calls and their ends, and every note but progress.</summary>
    public List<string> Told { get; } = [];

    /// <summary>Answers by device and action: seconds until the answer, and what it is. Default: 3 s,
    /// succeeded.</summary>
    public Dictionary<string, (double Seconds, FenceOutcome Outcome)> Answers { get; } = [];

    public ClusterTime Now => new(new MonotonicTime(1_000_000_000 + micros), 1_700_000_000_000 + (micros / 1000));

    public static FenceDevice Device(string id, params string[] plugs) => new()
    {
        Id = id, Agent = "fence_" + id, Plugs = plugs.ToImmutableSortedDictionary(node => node, node => node + "-plug"),
    };

    public void Is(string node, uint generation, bool heard, bool healthy) =>
        peers[node] = new PeerLiveness(generation, heard, healthy);

    /// <summary>s2 in generation 5 has fallen silent.</summary>
    public FenceStory Lost(string node = "s2", uint generation = 5)
    {
        Is(node, generation, heard: false, healthy: false);
        return this;
    }

    public FenceAnswer Request(FenceReason reason = FenceReason.Silent, string node = "s2", uint generation = 5,
        double extraDelay = 0)
    {
        effects.Clear();
        var answer = Fencer.Request(node, generation, reason, Seconds(extraDelay), Now, effects);
        Take();
        return answer;
    }

    /// <summary>A status came in; nothing proves more than that it was not on the way for too long.</summary>
    public void Hear(string node = "s2", uint generation = 5) =>
        HearOf(Now.Monotonic - Fencer.InFlight, node, generation);

    /// <summary>A status came in that proves when its life ran.</summary>
    public void HearOf(MonotonicTime ranAt, string node = "s2", uint generation = 5)
    {
        Fencer.Hear(node, generation, ranAt);
        Take();
    }

    public void CallOff(string why = "it is a healthy member again")
    {
        Fencer.CallOff("s2", why);
        Take();
    }

    /// <summary>An answer of a call that is given by hand.</summary>
    public void Answer(long number, FenceOutcome outcome)
    {
        effects.Clear();
        Fencer.Complete(new FenceCompleted
        {
            Number = number, Outcome = outcome, Output = "", Duration = TimeSpan.Zero,
        }, Now, effects);
        Take();
    }

    /// <summary>Lets time pass: devices answer and deadlines come when they are due.</summary>
    public void Pass(double seconds)
    {
        var end = micros + (long)(seconds * 1_000_000);
        while (true)
        {
            var answer = answers.Count == 0 ? long.MaxValue : answers.Min(one => one.At);
            var due = Fencer.NextDeadline == MonotonicTime.Never
                ? long.MaxValue : Math.Max(micros, Fencer.NextDeadline.Microseconds - 1_000_000_000);
            if (Math.Min(answer, due) > end) break;
            micros = Math.Min(answer, due);
            effects.Clear();
            if (answer <= due) Give(answers.First(one => one.At == answer));
            else Fencer.AdvanceTime(Now, effects);
            Take();
        }

        micros = end;
    }

    private void Give((long At, FenceNode Call, FenceOutcome Outcome, long Took) answer)
    {
        answers.Remove(answer);
        Tell($"{answer.Call.Device.Id} {answer.Outcome}");
        Fencer.Complete(new FenceCompleted
        {
            Number = answer.Call.Number, Outcome = answer.Outcome, Output = "",
            Duration = TimeSpan.FromMicroseconds(answer.Took),
        }, Now, effects);
    }

    private void Take()
    {
        while (Fencer.TryTakeNote(out var note))
        {
            if (note.Kind != FenceNoteKind.Progress) Tell($"{note.Kind} {note.Target}");
            Sentences.Add(note.Sentence);
        }

        foreach (var effect in effects.Items)
        {
            var call = (FenceNode)effect;
            Tell($"{call.Device.Id} {call.Action} {call.Target}");
            var (seconds, outcome) = Answers.GetValueOrDefault($"{call.Device.Id} {call.Action}",
                Answers.GetValueOrDefault(call.Device.Id, (3, FenceOutcome.Succeeded)));
            var took = (long)(seconds * 1_000_000);
            if (took >= 0) answers.Add((micros + took, call, outcome, took));
        }

        effects.Clear();
    }

    public List<string> Sentences { get; } = [];

    private void Tell(string what) => Told.Add($"{micros / 1_000_000m:0.###} {what}");

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromMicroseconds((long)(seconds * 1_000_000));
}
