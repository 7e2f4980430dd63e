using System.Globalization;
using Ha.Core.Resources;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks the parameters of <c>builtin:haproxy</c>, and that no two of them share a file.</summary>
internal sealed class HaproxyChecks(DocumentFindings findings)
{
    private readonly Dictionary<string, string> firstUse = new(StringComparer.Ordinal);

    public void Check(string pointer, ImmutableSortedDictionary<string, string> values)
    {
        foreach (var name in values.Keys.Where(static name => !HaproxyParameters.Names.Contains(name)))
        {
            findings.Error(Pointer.To(pointer, name), $"builtin:haproxy has no parameter {Quote(name)}",
                NearestName.Find(name, HaproxyParameters.Names) is { } near ? $"write `\"{near}\"`"
                    : $"remove it; it has {string.Join(", ", HaproxyParameters.Names)}");
        }

        CheckPath(pointer, values, HaproxyParameters.Config, HaproxyParameters.DefaultConfig);
        CheckPath(pointer, values, HaproxyParameters.Binary, HaproxyParameters.DefaultBinary);
        CheckPath(pointer, values, HaproxyParameters.Socket, "/run/haproxy-master.sock");
        CheckOnce(pointer, values, HaproxyParameters.Config, HaproxyParameters.DefaultConfig);
        CheckOnce(pointer, values, HaproxyParameters.Socket, null);
        if (values.TryGetValue(HaproxyParameters.Socket, out var socket)
            && socket.Length > HaproxyParameters.LongestSocket)
        {
            findings.Error(Pointer.To(pointer, HaproxyParameters.Socket),
                $"the path has more than {HaproxyParameters.LongestSocket} characters", "write a shorter one");
        }

        if (values.TryGetValue(HaproxyParameters.CheckUrl, out var url) && HaproxyParameters.ReadUrl(url) is null)
        {
            findings.Error(Pointer.To(pointer, HaproxyParameters.CheckUrl),
                $"{Quote(url)} is not a URL with an address in digits",
                "write for example `\"http://127.0.0.1:80/health\"`; https is not asked");
        }

        CheckNumbers(pointer, values);
    }

    private void CheckPath(
        string pointer, ImmutableSortedDictionary<string, string> values, string name, string example)
    {
        if (!values.TryGetValue(name, out var text) || HaproxyParameters.IsPath(text)) return;
        findings.Error(Pointer.To(pointer, name), $"{Quote(text)} is not an absolute path",
            $"write for example `\"{example}\"`");
    }

    // Two of one configuration would listen on the same ports, each with half of the clients.
    private void CheckOnce(
        string pointer, ImmutableSortedDictionary<string, string> values, string name, string? preset)
    {
        if (values.GetValueOrDefault(name, preset!) is not { } text) return;
        var at = Pointer.To(pointer, name);
        if (!firstUse.TryAdd($"{name} {text}", at))
            findings.Error(at, $"{Quote(text)} is used before, at {firstUse[$"{name} {text}"]}", "give each its own");
    }

    private void CheckNumbers(string pointer, ImmutableSortedDictionary<string, string> values)
    {
        foreach (var number in HaproxyParameters.Numbers)
        {
            if (!values.TryGetValue(number.Name, out var text)) continue;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value >= number.Least && value <= number.Most) continue;
            findings.Error(Pointer.To(pointer, number.Name),
                $"{Quote(text)} is not a whole number of {number.Unit} from {number.Least} to {number.Most}",
                $"write for example `\"{number.Preset}\"`");
        }
    }
}
