using System.Collections.Immutable;
using System.Globalization;
using Ha.Core.Contracts;

namespace Ha.Agent.Haproxy;

/// <summary>
/// What operators want of the servers of one HAProxy, kept for whenever it runs anew. Not for several threads at once.
/// </summary>
internal sealed class ServerIntents
{
    private readonly HashSet<string> told = [];
    private ImmutableArray<ServerIntent> applied = [];

    /// <summary>All of them.</summary>
    public ImmutableArray<ServerIntent> Wanted { get; set; } = [];

    /// <summary>The worker is a new one: it is as configured.</summary>
    public void Forget() => applied = [];

    /// <summary>Says all of it to the worker.</summary>
    /// <param name="ask">Sends a command; an empty answer means success.</param>
    /// <returns>What failed, each only when it is said for the first time.</returns>
    public ImmutableArray<string> Apply(Func<string, SocketAnswer> ask)
    {
        var wanted = Wanted;
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var command in applied.SelectMany(old => Undo(old, wanted)).Concat(wanted.SelectMany(Do)))
        {
            var answer = ask(command);
            if (answer.Problem is { } silence) return told.Add(silence) ? [.. problems, silence] : problems.ToImmutable();
            var refusal = answer.Text.Trim();
            if (refusal.Length == 0) continue;
            var sentence = $"'{command}': {refusal.Split('\n')[0]}";
            if (told.Add(sentence)) problems.Add(sentence);
        }

        applied = wanted;
        // What works again, or is no longer wanted, is told again the next time.
        if (problems.Count == 0 && wanted.IsEmpty) told.Clear();
        return problems.ToImmutable();
    }

    private static IEnumerable<string> Do(ServerIntent intent)
    {
        var name = $"{intent.Backend}/{intent.Server}";
        if (intent.State is { } state) yield return $"set server {name} state {Word(state)}";
        if (intent.Weight is { } weight)
            yield return string.Create(CultureInfo.InvariantCulture, $"set server {name} weight {weight}");
    }

    private static IEnumerable<string> Undo(ServerIntent old, ImmutableArray<ServerIntent> wanted)
    {
        var name = $"{old.Backend}/{old.Server}";
        var next = wanted.FirstOrDefault(one => one.Backend == old.Backend && one.Server == old.Server);
        if (old.State is not null && next?.State is null) yield return $"set server {name} state ready";
        if (old.Weight is not null && next?.Weight is null) yield return $"set server {name} weight 100%";
    }

    private static string Word(HaproxyServerAdmin state) => state switch
    {
        HaproxyServerAdmin.Ready => "ready",
        HaproxyServerAdmin.Drain => "drain",
        HaproxyServerAdmin.Maintenance => "maint",
    };
}
