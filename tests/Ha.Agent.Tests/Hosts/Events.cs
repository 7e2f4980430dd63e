using System.Collections.Immutable;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests.Hosts;

/// <summary>Events for tests.</summary>
internal static class Events
{
    public static ClusterEvent Of(
        long number, EventSeverity severity = EventSeverity.Info, EventKind kind = EventKind.NodeHeard,
        string subject = "s2", string? sentence = null, params (string Name, string Value)[] data) => new()
        {
            Id = $"s1/7/{number}",
            Node = "s1",
            At = new DateTimeOffset(2026, 11, 2, 9, 5, 3, 123, TimeSpan.Zero),
            MonotonicMicroseconds = number,
            Kind = kind,
            Severity = severity,
            Subject = subject,
            Sentence = sentence ?? $"sentence {number}",
            Data = data.ToImmutableSortedDictionary(pair => pair.Name, pair => pair.Value),
        };
}
