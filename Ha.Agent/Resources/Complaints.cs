using Ha.Agent.Loop;
using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>
/// Tells the same trouble about the same subject once in ten seconds, with a count of those in between.
/// </summary>
/// <param name="outlets">Whom it tells.</param>
internal sealed class Complaints(KeeperOutlets outlets)
{
    private const int MostSubjects = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(EventKind Kind, string Subject), (MonotonicTime Next, int Unsaid)> told = [];

    /// <summary>Tells it, unless it was told just now.</summary>
    public void Tell(EventKind kind, EventSeverity severity, string subject, string sentence)
    {
        var now = LoopClocks.Monotonic;
        if (told.Count > MostSubjects) told.Clear();
        var (next, unsaid) = told.GetValueOrDefault((kind, subject));
        if (now < next)
        {
            told[(kind, subject)] = (next, unsaid + 1);
            return;
        }

        told[(kind, subject)] = (now + Pause, 0);
        var more = unsaid == 0 ? "" : $" ({unsaid} more since the last report)";
        outlets.Report(kind, severity, subject, sentence + more);
    }
}
