using System.Text.Json;
using Ha.Core.Cib;
using Ha.Core.Policy;
using Ha.Core.Policy.Actions;

namespace Ha.Agent.Commands;

/// <summary>
/// <c>ha-agent simulate --cib FILE</c>: what the policy engine would do with a Pacemaker CIB, as JSON (docs/policy.md).
/// </summary>
internal static class SimulateCib
{
    public static int Run(string file, DateTimeOffset now, TextWriter output, TextWriter errors)
    {
        string text;
        try
        {
            if (new FileInfo(file).Length > CibReader.MaxCharacters)
            {
                errors.WriteLine(
                    $"ha-agent: {file} is larger than {CibReader.MaxCharacters >> 20} MiB; nothing was read");
                return ExitCode.Failed;
            }

            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"ha-agent: {file} cannot be read: {e.Message}");
            return ExitCode.Failed;
        }

        var reading = CibReader.Read(text, now);
        foreach (var finding in reading.Findings)
            errors.WriteLine($"ha-agent: {file}: {finding.Where} {finding.Message}");
        if (reading.Model is null) return ExitCode.Failed;
        Write(ClusterPlanner.Plan(reading.Model), output);
        return ExitCode.Done;
    }

    private static void Write(ClusterPlan plan, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            WriteActions(plan, json);
            WriteFencing(plan, json);
            WriteReloads(plan, json);
            json.WriteStartObject("placement");
            foreach (var place in plan.EndState)
            {
                json.WriteStartArray(place.Resource);
                foreach (var node in place.Nodes) json.WriteStringValue(node);
                json.WriteEndArray();
            }

            json.WriteEndObject();
            WriteReasons(plan, json);
            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void WriteActions(ClusterPlan plan, Utf8JsonWriter json)
    {
        json.WriteStartArray("actions");
        foreach (var step in plan.Steps)
        {
            if (step.Kind is ActionKind.Fence or ActionKind.Unfence or ActionKind.Reload) continue;
            json.WriteStartObject();
            json.WriteString("resource", step.Resource);
            json.WriteString("operation", Operation(step.Kind));
            json.WriteString("node", step.Node);
            json.WriteNumber("intervalMs", step.IntervalMs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFencing(ClusterPlan plan, Utf8JsonWriter json)
    {
        json.WriteStartArray("fencing");
        foreach (var step in plan.Steps.Where(step => step.Kind is ActionKind.Fence or ActionKind.Unfence))
        {
            json.WriteStartObject();
            json.WriteString("node", step.Node);
            json.WriteString("action", step.Kind == ActionKind.Fence ? "reboot" : "on");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteReloads(ClusterPlan plan, Utf8JsonWriter json)
    {
        json.WriteStartArray("reloads");
        foreach (var step in plan.Steps.Where(step => step.Kind == ActionKind.Reload))
        {
            json.WriteStartObject();
            json.WriteString("resource", step.Resource);
            json.WriteString("node", step.Node);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteReasons(ClusterPlan plan, Utf8JsonWriter json)
    {
        json.WriteStartArray("reasons");
        foreach (var placement in plan.Placements)
        {
            json.WriteStartObject();
            json.WriteString("resource", placement.Group);
            json.WriteString("node", placement.Node);
            json.WriteString("why", placement.Reason);
            json.WriteStartObject("candidates");
            foreach (var candidate in placement.Candidates)
                json.WriteString(candidate.Node, $"{candidate.Score}: {string.Join("; ", candidate.Reasons)}");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("remarks");
        foreach (var remark in plan.Remarks) json.WriteStringValue(remark);
        json.WriteEndArray();
    }

    private static string Operation(ActionKind kind) => kind switch
    {
        ActionKind.Probe or ActionKind.Monitor => "monitor",
        ActionKind.Start => "start",
        ActionKind.Stop => "stop",
        ActionKind.Cancel => "cancel",
        ActionKind.Delete => "delete",
        ActionKind.Reload or ActionKind.Fence or ActionKind.Unfence or ActionKind.Milestone =>
            throw new InvalidOperationException($"{kind} is no operation of a resource."),
    };
}
