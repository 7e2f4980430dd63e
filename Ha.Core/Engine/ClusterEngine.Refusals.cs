using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// Refused commands are in the journal as well: who asked for what, and why not. A client that asks again and again
/// fills neither journal nor network: beyond a few a minute they are only counted.
/// </summary>
public sealed partial class ClusterEngine
{
    private const int MostRefusalsToldAtOnce = 10;
    private const int LongestPart = 256;
    private static readonly TimeSpan RefusalPeriod = TimeSpan.FromMinutes(1);

    private MonotonicTime refusalsCountedSince;
    private int refusalsTold;
    private int refusalsLeftOut;

    private void TellRefusal(OperatorCommand command, CommandRejection rejection)
    {
        if (refusalsTold == 0 || now.Monotonic - refusalsCountedSince >= RefusalPeriod)
        {
            refusalsCountedSince = now.Monotonic;
            refusalsTold = 0;
        }

        if (refusalsTold == MostRefusalsToldAtOnce)
        {
            refusalsLeftOut++;
            return;
        }

        refusalsTold++;
        // Nothing of a refused command has been checked: its words may be of any length and hold anything.
        var what = rejection.Code == RejectionCode.Malformed || command is { Kind: CommandKind.SetServer, Server: null }
            ? command.Kind.ToString() : Title(command);
        var reason = command.Reason.Length > 0 ? $" ({Plain(command.Reason)})" : "";
        var others = refusalsLeftOut == 0 ? "" : $"; {refusalsLeftOut} more were refused before this one";
        refusalsLeftOut = 0;
        var subject = Plain(command.Group ?? command.Node ?? options.LocalNode);
        Emit(EventKind.CommandRefused, EventSeverity.Warning, subject,
            $"{Plain(command.Actor)} asked: {Plain(what)}{reason}; refused: "
            + $"{Plain(rejection.Detail)}{others}");
    }

    private static string Plain(string text)
    {
        var clean = string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
        return clean.Length <= LongestPart ? clean : string.Concat(clean.AsSpan(0, LongestPart), " ...");
    }
}
