using System.Globalization;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation;

/// <summary>What the effects of one step must look like, whatever happens.</summary>
public sealed partial class SafetyChecker
{
    /// <summary>
    /// More events than this in a minute of one life, for each node of the cluster, fill disks instead of telling a
    /// story. What operations, transitions and groups tell is not among them: no packet causes it.
    /// </summary>
    public const int EventsPerMinuteLimit = 120;

    /// <summary>The most of all kinds: resources that fail as fast as they can be restarted are told one by one.</summary>
    public const int AllEventsPerMinuteLimit = 2 * EventsPerMinuteLimit;

    private const int WireCheckEvery = 64;
    private readonly WireCheck wire;
    private readonly WireCheck otherWire;
    private long datagramsSeen;

    /// <summary>The agent was asked to stop: from now on a halt is expected.</summary>
    public void ShutdownAsked(int node) => nodes[node].ShutdownAsked = nodes[node].GivesUp = true;

    /// <summary>One step is done; its effects are looked at before they are carried out.</summary>
    /// <param name="now">World time.</param>
    /// <param name="node">Whose step.</param>
    /// <param name="input">What the step was given.</param>
    /// <param name="effects">What it asked for.</param>
    /// <param name="replayed">True when the input was an intruder's packet of an older life of its sender.</param>
    public void StepDone(long now, int node, ClusterInput input, EffectList effects, bool replayed)
    {
        if (effects.Count == 0 && input is not OperatorCommanded) return;
        var answers = 0;
        var events = 0;
        var datagrams = 0;
        foreach (var effect in effects.Items)
        {
            if (nodes[node].HaltSeen) Fail("halt is last", now, $"{Name(node)} has effects after its halt");
            switch (effect)
            {
                case AnswerCommand answer:
                    answers++;
                    CheckAnswer(now, node, input, answer);
                    break;
                case Halt halt:
                    nodes[node].HaltSeen = true;
                    CheckHalt(now, node, halt);
                    break;
                case AppendEvent append:
                    events++;
                    CheckEvent(now, node, append.Event);
                    break;
                case SendDatagram send:
                    datagrams++;
                    CheckDatagram(now, node, send);
                    break;
                case RunOperation run when replayed:
                    Fail("S6 replay", now,
                        $"{Name(node)} runs {run.Kind} of {run.Resource.Id} because of a replayed packet");
                    break;
            }
        }

        // Its own event about the replay goes to the peers' journals; nothing else may follow from it.
        if (replayed && datagrams > events)
            Fail("S6 replay", now, $"{Name(node)} answers a replayed packet of an older life");
        var expected = input is OperatorCommanded ? 1 : 0;
        if (answers != expected)
            Fail("answers", now, $"{Name(node)} gave {answers} answers to {input.GetType().Name}, expected {expected}");
    }

    private void CheckAnswer(long now, int node, ClusterInput input, AnswerCommand answer)
    {
        if (input is OperatorCommanded commanded && commanded.Ticket != answer.Ticket)
            Fail("answers", now, $"{Name(node)} answers ticket {answer.Ticket}, asked was {commanded.Ticket}");
        if ((answer.Answer.OperationId is null) == (answer.Answer.Rejection is null))
            Fail("answers", now, $"{Name(node)}'s answer is neither or both of accepted and refused");
        if (answer.Answer.Rejection is { Detail.Length: 0 } refused)
            Fail("answers", now, $"{Name(node)} refuses with {refused.Code} without saying what to do");
        if (input is OperatorCommanded { Command.Document: { } document } && answer.Answer.OperationId is not null
            && !contents.Contains(ContentOf(ConfigurationText.Read(document.Span))))
            Fail("S5 mistaken document", now, $"{Name(node)} accepts a configuration with mistakes");
        if (input is OperatorCommanded { Command: var command } && answer.Answer.OperationId is not null
            && !OperatorModel.IsWellFormed(command, profile))
        {
            Fail("answers", now, $"{Name(node)} accepts a malformed {command.Kind} command");
        }
    }

    private void CheckHalt(long now, int node, Halt halt)
    {
        var books = nodes[node];
        if (!books.ShutdownAsked)
            Fail("halt unasked", now, $"{Name(node)} halts though nobody asked it to: {halt.Detail}");

        coverage.Reach(halt.Clean ? CoverageMark.HolderLeftCleanly : CoverageMark.LeftUnclean);
        if (!halt.Clean) return;
        for (var resource = 0; resource < places.Length; resource++)
        {
            if (books.UnderWay[resource] is { } kind and (OperationKind.Start or OperationKind.Stop))
                Fail("halt clean", now, $"{Name(node)} halts during {kind} of {places[resource].Id}");
            if (!books.MayBeActive[resource] || profile.Lies || IsLeftAlone(places[resource].Group)) continue;
            Fail("halt clean", now,
                $"{Name(node)} says it left cleanly, but {places[resource].Id} may be active there");
        }
    }

    private void CheckEvent(long now, int node, ClusterEvent happened)
    {
        var books = nodes[node];
        if (happened.Sentence.Length == 0 || happened.Subject.Length == 0)
            Fail("events", now, $"{Name(node)}: event {happened.Kind} without sentence or subject");
        // What its peers tell it is their volume.
        if (happened.Node != Name(node)) return;
        coverage.Saw(happened.Kind);
        CheckEventNumber(now, node, happened);
        if (happened.Kind == EventKind.AuthorityLost) books.GivesUp = true;
        if (happened.Kind == EventKind.ConfigurationConflict) lastConflictAlarm = now;
        if (happened.Kind == EventKind.FencingNeedsAttention) NoteAttention(now, node, happened);
        CountEvent(now, node, happened.Kind);
    }

    private void CountEvent(long now, int node, EventKind kind)
    {
        var books = nodes[node];
        var minute = now / Micros.Minute;
        if (minute != books.MinuteOfEvents)
            (books.MinuteOfEvents, books.EventsInMinute, books.AllEventsInMinute) = (minute, 0, 0);
        books.AllEventsInMinute++;
        if (!(kind is >= EventKind.TransitionStarted and <= EventKind.ResourceProbed)) books.EventsInMinute++;
        if (books.EventsInMinute <= EventsPerMinuteLimit * nodes.Length
            && books.AllEventsInMinute <= AllEventsPerMinuteLimit * nodes.Length) return;
        Fail("S13 event volume", now,
            $"{Name(node)} wrote {books.AllEventsInMinute} events in a minute, {books.EventsInMinute} of them not of "
            + $"its operations, last {kind}");
    }

    private void CheckEventNumber(long now, int node, ClusterEvent happened)
    {
        var slash = happened.Id.LastIndexOf('/');
        var own = $"{Name(node)}/{nodes[node].Generation}";
        if (slash < 0 || !happened.Id.AsSpan(0, slash).SequenceEqual(own)
            || !long.TryParse(
                happened.Id.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw Broken("events", now, $"event id {happened.Id} is not {own}/number");
        }

        if (number <= nodes[node].LastEventNumber)
            Fail("events", now, $"event {happened.Id} after number {nodes[node].LastEventNumber}");
        nodes[node].LastEventNumber = number;
    }

    private void CheckDatagram(long now, int node, SendDatagram send)
    {
        var bytes = send.Datagram.Span;
        if (send.MediaMask == 0 || send.MediaMask >= 1UL << profile.Media)
            Fail("datagram", now, $"{Name(node)} sends over media {send.MediaMask:x}, there are {profile.Media}");
        if (bytes.Length is 0 or > 65_507) Fail("datagram", now, $"{Name(node)} sends {bytes.Length} bytes");
        // Taking every packet apart once more would cost more than the engine's own work.
        if (++datagramsSeen % WireCheckEvery == 0 && wire.FindFault(bytes) is { } fault
            && otherWire.FindFault(bytes) is not null)
        {
            Fail("datagram", now, $"{Name(node)} sends {bytes.Length} bytes: {fault}");
        }

        var at = bytes.IndexOf("(0)hg="u8);
        if (at < 0) return;
        var text = bytes[(at + 6)..];
        var comma = text.IndexOf((byte)',');
        if (comma < 0 || !uint.TryParse(text[..comma], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hg)
            || hg != nodes[node].Generation)
        {
            Fail("S6 generation", now, $"{Name(node)} sends a generation that is not {nodes[node].Generation:x}");
        }
    }
}
