using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks resources: agents, parameters, operations.</summary>
internal static class ResourceChecks
{
    private static readonly ImmutableArray<string> Classes =
        ["builtin", "heartbeat", "lsb", "ocf", "systemd", "exec"];

    private static readonly ImmutableArray<string> Builtin = ["vip", "haproxy"];

    public static void Run(ConfigurationDocument document, DocumentNames names)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        var vips = new VipChecks(names.Findings);
        var haproxies = new HaproxyChecks(names.Findings);
        for (var i = 0; i < document.Resources.Length && !names.Findings.IsFull; i++)
        {
            var resource = document.Resources[i];
            var at = Pointer.To("/resources", i);
            if (resource.Id.Length > 0 && !first.TryAdd(resource.Id, i))
            {
                names.Findings.Error(at + "/id",
                    $"{Quote(resource.Id)} is the id of another resource, at /resources/{first[resource.Id]}",
                    "give each resource an id of its own");
            }

            Agent(at, resource, names.Findings);
            if (resource.Type == VipParameters.Type) vips.Check(at + "/parameters", resource.Parameters);
            if (resource.Type == HaproxyParameters.Type) haproxies.Check(at + "/parameters", resource.Parameters);
            MetaChecks.Run(at + "/meta", resource.Meta, names);
            Operations(at + "/operations", resource, names);
            FailureTimeout(at, resource, document.OperationDefaults, names.Findings);
        }
    }

    private static void Agent(string at, ConfiguredResource resource, DocumentFindings findings)
    {
        if (resource.Type.Length == 0) return;
        var agent = ResourceCompiler.Agent(resource.Type);
        var type = at + "/type";
        switch (agent.Class)
        {
            case "builtin" when !Builtin.Contains(agent.Type):
                findings.Error(type, $"there is no builtin agent {Quote(agent.Type)}",
                    NearestName.Find(agent.Type, Builtin) is { } near ? $"write `\"builtin:{near}\"`"
                        : "write `\"builtin:vip\"` or `\"builtin:haproxy\"`, or name the class of another agent");
                break;
            case "builtin":
                Refuse(at, resource, findings, takesParameters: true, takesArguments: false);
                break;
            case "ocf" when agent.Provider.Length == 0 || !IsName(agent.Provider) || !IsName(agent.Type):
                findings.Error(type, $"{Quote(resource.Type)} is not an OCF agent with its provider",
                    "write `ocf:provider:type`, for example `\"ocf:heartbeat:Filesystem\"`");
                break;
            case "ocf":
                Refuse(at, resource, findings, takesParameters: true, takesArguments: false);
                break;
            case "heartbeat" or "lsb" when !IsName(agent.Type):
                findings.Error(type, $"{Quote(agent.Type)} cannot be the name of a script",
                    "write the name of a file in resource.d or init.d: letters, digits, `_`, `-`, `.`, `+` and `@`");
                break;
            case "heartbeat":
                Refuse(at, resource, findings, takesParameters: false, takesArguments: true);
                break;
            case "exec" when !IsPath(agent.Type):
                findings.Error(type, $"{Quote(agent.Type)} is not the path of a program",
                    "write the absolute path, for example `\"exec:/usr/local/sbin/feed\"`");
                break;
            case "exec":
                Refuse(at, resource, findings, takesParameters: true, takesArguments: true);
                break;
            case "systemd" when !agent.Type.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '_' or '.' or '@'
                or '\\' or '-'):
                findings.Error(type, $"{Quote(agent.Type)} cannot be the name of a unit",
                    "write for example `\"systemd:postgresql\"`");
                break;
            case "lsb" or "systemd":
                Refuse(at, resource, findings, takesParameters: false, takesArguments: false);
                break;
            case "stonith":
                findings.Error(type, "fence devices are not resources", "write them at /fencing/devices");
                break;
            default:
                findings.Error(type, $"there is no agent class {Quote(agent.Class)}",
                    NearestName.Find(agent.Class, Classes) is { } nearest
                        ? $"write `\"{nearest}:{Printable(agent.Type)}\"`"
                        : $"write one of {string.Join(", ", Classes)} before the colon");
                break;
        }
    }

    private static void Refuse(string at, ConfiguredResource resource, DocumentFindings findings,
        bool takesParameters, bool takesArguments)
    {
        if (!takesParameters && !resource.Parameters.IsEmpty)
        {
            findings.Error(at + "/parameters", $"an agent of type {Quote(resource.Type)} takes no parameters",
                takesArguments ? "write what it needs as `arguments`" : "remove them");
        }

        if (!takesArguments && !resource.Arguments.IsEmpty)
        {
            findings.Error(at + "/arguments", $"an agent of type {Quote(resource.Type)} takes no arguments",
                takesParameters ? "write what it needs as `parameters`" : "remove them");
        }
    }

    private static void Operations(string pointer, ConfiguredResource resource, DocumentNames names)
    {
        var first = new Dictionary<(OperationName, TimeSpan), int>();
        for (var i = 0; i < resource.Operations.Length; i++)
        {
            var operation = resource.Operations[i];
            var at = Pointer.To(pointer, i);
            // The policy engine knows a monitor by its interval.
            var key = (operation.Name, operation.Name == OperationName.Monitor
                ? operation.Interval ?? ResourceCompiler.DefaultInterval : TimeSpan.Zero);
            if (!first.TryAdd(key, i))
            {
                names.Findings.Error(at, "the same operation stands before, at " + Pointer.To(pointer, first[key]),
                    operation.Name == OperationName.Monitor ? "give monitors different intervals"
                        : "leave one of them");
            }

            if (operation.Name != OperationName.Monitor) OnlyForMonitors(at, operation, names.Findings);
            Failure(at + "/onFail", operation, names);
        }
    }

    private static void OnlyForMonitors(string at, ConfiguredOperation operation, DocumentFindings findings)
    {
        var word = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(operation.Name.ToString());
        if (operation.Interval is not null)
        {
            findings.Error(at + "/interval", $"{word} is not repeated",
                "remove it; what is repeated is called `\"monitor\"`");
        }

        if (operation.Enabled is not null)
            findings.Error(at + "/enabled", $"{word} cannot be switched off", "remove it");
        if (operation.Role is not null) findings.Error(at + "/role", $"{word} has no role", "remove it");
        if (operation.Depth is not null) findings.Error(at + "/depth", $"{word} has no depth", "remove it");
    }

    private static void Failure(string at, ConfiguredOperation operation, DocumentNames names)
    {
        if (operation.OnFail == FailurePolicy.Fence && !names.FencingEnabled)
        {
            names.Findings.Error(at, "a failure is to fence the node, but fencing is off",
                "configure /fencing with a device, or write `\"block\"`");
        }

        if (operation.Name == OperationName.Stop
            && operation.OnFail is FailurePolicy.Restart or FailurePolicy.Stop or FailurePolicy.Standby)
        {
            names.Findings.Error(at, "what cannot be stopped may run on: nothing but fencing helps",
                "write `\"fence\"`, `\"block\"` or `\"ignore\"`");
        }
    }

    private static void FailureTimeout(
        string at, ConfiguredResource resource, OperationDefaults? defaults, DocumentFindings findings)
    {
        if (resource.Meta?.FailureTimeout is not { } forgotten || forgotten == TimeSpan.Zero) return;
        var longest = resource.Operations.Select(one => one.Timeout).Append(defaults?.Timeout)
            .Max() ?? TimeSpan.FromSeconds(60);
        if (forgotten > longest) return;
        findings.Warning(at + "/meta/failureTimeout",
            $"failures are forgotten after {DurationText.Show(forgotten)}, but an operation may take "
                + $"{DurationText.Show(longest)}: its failure may be forgotten before it counts",
            $"write more than `\"{DurationText.Show(longest)}\"`");
    }

    // The name becomes part of a path that is run as root.
    private static bool IsName(string text) => text.Length > 0 && text[0] is not '.' and not '-'
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '+' or '@');

    private static bool IsPath(string text) => text.Length > 1 && text[0] == '/' && text[^1] != '/'
        && text.Split('/').Skip(1).All(part => part.Length > 0 && part is not "." and not "..");
}
