using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Transitions;
using Ha.Core.WhatIf;

namespace Ha.Agent.Commands;

/// <summary>A simulated walk as JSON for programs (docs/commands.md).</summary>
internal static class SimulationJson
{
    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(ActiveConfiguration configuration, SimulatedWalk walk, IReadOnlyList<string> suppositions,
        ClusterSituation from, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Layout))
        {
            json.WriteStartObject();
            json.WriteStartObject("from");
            json.WriteString("node", from.Node);
            json.WriteString("coordinator", from.Coordinator);
            json.WriteString("at", from.State.At);
            json.WriteEndObject();
            Names(json, "suppositions", suppositions);
            json.WriteStartArray("groups");
            foreach (var group in walk.Groups) WriteGroup(json, configuration, walk.Transitions[0], group);
            json.WriteEndArray();
            json.WriteStartArray("transitions");
            foreach (var transition in walk.Transitions) WriteTransition(json, transition);
            json.WriteEndArray();
            json.WriteStartObject("endState");
            foreach (var resource in configuration.Groups.SelectMany(static group => group.Resources))
                Names(json, resource.Id, StartedOn(walk.End, resource.Id));
            json.WriteEndObject();
            WriteScores(json, walk.Transitions[0].Decided.Plan);
            Names(json, "remarks", walk.Transitions[0].Decided.Plan.Remarks);
            json.WriteBoolean("settles", walk.Settles);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void WriteGroup(Utf8JsonWriter json, ActiveConfiguration configuration, SimulatedTransition first,
        SimulatedGroup group)
    {
        var placement = first.Placements.First(one => one.Group == group.Group);
        json.WriteStartObject();
        json.WriteString("group", group.Group);
        json.WriteString("service", Words.Of(group.Effect));
        Names(json, "before", group.Before);
        Names(json, "after", group.After);
        Names(json, "chosen", placement.Nodes);
        json.WriteBoolean("blocked", placement.Blocked);
        json.WriteString("why", placement.Reason);
        json.WriteStartArray("nodes");
        foreach (var verdict in NodeVerdict.Of(configuration.Groups.First(one => one.Id == group.Group),
            first.Decided.Plan))
        {
            json.WriteStartObject();
            json.WriteString("node", verdict.Node);
            json.WriteBoolean("canRun", verdict.CanRun);
            Names(json, "reasons", verdict.Reasons);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTransition(Utf8JsonWriter json, SimulatedTransition transition)
    {
        json.WriteStartArray();
        foreach (var action in transition.Decided.Graph.Actions)
        {
            json.WriteStartObject();
            json.WriteNumber("number", action.Number);
            json.WriteString("operation", Words.Of(action.Kind));
            json.WriteString("resource", action.Resource);
            json.WriteString("node", action.Node);
            json.WriteNumber("intervalMs", action.IntervalMs);
            json.WriteStartArray("after");
            foreach (var number in action.After) json.WriteNumberValue(number);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteScores(Utf8JsonWriter json, ClusterPlan plan)
    {
        json.WriteStartArray("scores");
        foreach (var placement in plan.Placements)
        {
            foreach (var candidate in placement.Candidates)
            {
                json.WriteStartObject();
                json.WriteString("resource", placement.Group);
                json.WriteString("node", candidate.Node);
                json.WriteNumber("score", candidate.Score);
                Names(json, "reasons", candidate.Reasons);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static ImmutableArray<string> StartedOn(ClusterState state, string resource) =>
        [.. state.Nodes.Where(node => node.Presence == NodePresence.Member
            && state.Find(node.Name, resource)?.State == ResourceState.Started).Select(static node => node.Name)];

    private static void Names(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (var name in names) json.WriteStringValue(name);
        json.WriteEndArray();
    }
}
