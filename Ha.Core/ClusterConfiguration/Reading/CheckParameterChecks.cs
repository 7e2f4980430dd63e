using System.Globalization;
using System.Net;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Configuration;
using Ha.Core.Health;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Parameters of a check outside of a document.</summary>
public static class CheckedParameters
{
    /// <summary>What is wrong with them; empty: nothing.</summary>
    /// <param name="kind">Kind of the check.</param>
    /// <param name="parameters">Names and values.</param>
    public static ImmutableArray<DocumentFinding> Problems(
        CheckKind kind, ImmutableSortedDictionary<string, string> parameters)
    {
        var findings = new DocumentFindings();
        var check = new ConfiguredCheck { Id = "", Type = kind, Parameters = parameters };
        new CheckParameterChecks(findings).Run("", check);
        return findings.ToImmutable();
    }
}

/// <summary>Checks the parameters of health checks: what the kind has, what it needs, and each value.</summary>
internal sealed class CheckParameterChecks(DocumentFindings findings)
{
    private const int LongestUrl = 1024;
    private const int LongestHostName = 253;
    private const int LongestLabel = 63;

    /// <summary>Checks one check.</summary>
    public void Run(string at, ConfiguredCheck check)
    {
        var known = CheckParameters.Of(check.Type);
        var pointer = at + "/parameters";
        var kind = check.Type.ToString().ToLowerInvariant();
        foreach (var (name, value) in check.Parameters)
        {
            var here = Pointer.To(pointer, name);
            if (known.FirstOrDefault(one => one.Name == name) is { } parameter)
                Value(here, parameter, value);
            else
                findings.Error(here, $"a check of type {kind} has no parameter {Quote(name)}",
                    NearestName.Find(name, known.Select(one => one.Name)) is { } near ? $"write `\"{near}\"`"
                        : $"remove it; it has {string.Join(", ", known.Select(one => one.Name))}");
        }

        foreach (var missing in known.Where(one => one.Required && !check.Parameters.ContainsKey(one.Name)))
        {
            findings.Missing(pointer, $"{Quote(missing.Name)} is missing",
                $"add `\"{missing.Name}\"`, for example `\"{missing.Example}\"`");
        }

        if (check.Type == CheckKind.Http) Http(pointer, check.Parameters);
        if (check.Type == CheckKind.Process) Process(pointer, check.Parameters);
        if (check.Type == CheckKind.File) File(pointer, check.Parameters);
        if (check.Type == CheckKind.Dns) Dns(pointer, check.Parameters);
    }

    private void Value(string at, CheckParameter parameter, string value)
    {
        var (good, what) = parameter.Value switch
        {
            CheckValue.Text => (value.Length > 0, "a text"),
            CheckValue.Address => (IsAddress(value), "an IP address in its usual form"),
            CheckValue.Interface => (VipChecks.IsInterface(value), "an interface"),
            CheckValue.Number => (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= parameter.Least && number <= parameter.Most,
                $"a whole number from {parameter.Least} to {parameter.Most}"),
            CheckValue.Path => (value.StartsWith('/') && value.Length > 1, "an absolute path"),
            CheckValue.Word => (parameter.Words.Contains(value), $"one of {string.Join(", ", parameter.Words)}"),
            CheckValue.Duration => (DurationText.TryParse(value) is { Ticks: > 0 }, "a length of time"),
            CheckValue.Url => (TryReadUrl(value, out _), "an http or https URL without user, password and fragment"),
            CheckValue.Status => (StatusRanges.TryParse(value) is not null, "status codes from 100 to 599"),
            CheckValue.HostName => (IsHostName(value), "a host name"),
        };
        if (!good)
            findings.Error(at, $"{Quote(value)} is not {what}", $"write for example `\"{parameter.Example}\"`");
    }

    private void Http(string pointer, ImmutableSortedDictionary<string, string> values)
    {
        if (!values.TryGetValue(CheckParameters.Url, out var text) || !TryReadUrl(text, out var url)) return;
        // A look must not hang because names cannot be resolved; and which server is meant must not change by itself.
        if (!IPAddress.TryParse(url.IdnHost, out _) && !values.ContainsKey(CheckParameters.Address))
        {
            findings.Error(Pointer.To(pointer, CheckParameters.Url),
                $"{Quote(url.IdnHost)} is a name, which a check does not look up",
                "add `\"address\"` with the address of the server; the name is still sent to it and compared with its "
                    + "certificate");
        }

        foreach (var name in (string[])[CheckParameters.Verify, CheckParameters.Authority, CheckParameters.Days])
        {
            if (values.ContainsKey(name) && url.Scheme != Uri.UriSchemeHttps)
                findings.Error(Pointer.To(pointer, name), "without TLS there is no certificate",
                    "write an https URL, or remove it");
        }

        if (values.ContainsKey(CheckParameters.Authority)
            && values.GetValueOrDefault(CheckParameters.Verify) == "false")
            findings.Error(Pointer.To(pointer, CheckParameters.Authority), "the certificate is not verified",
                "remove it, or `verify`");
    }

    private void Process(string pointer, ImmutableSortedDictionary<string, string> values)
    {
        var byName = values.ContainsKey(CheckParameters.Name);
        var byFile = values.ContainsKey(CheckParameters.PidFile);
        if (byName == byFile)
            findings.Missing(pointer, byName ? "it names a process and a file with its number"
                : "it names no process", "write either `name` or `pidFile`");
        else if (byFile && values.ContainsKey(CheckParameters.LeastProcesses))
            findings.Error(Pointer.To(pointer, CheckParameters.LeastProcesses), "a file holds one number",
                "remove it, or write `name` instead of `pidFile`");
    }

    private void File(string pointer, ImmutableSortedDictionary<string, string> values)
    {
        if (values.GetValueOrDefault(CheckParameters.State) != CheckParameters.Absent) return;
        foreach (var name in (string[])[CheckParameters.MaxAge, CheckParameters.Contains])
        {
            if (values.ContainsKey(name))
                findings.Error(Pointer.To(pointer, name), "a file that must not be there has neither age nor content",
                    $"remove it, or `\"{CheckParameters.State}\"`");
        }
    }

    private void Dns(string pointer, ImmutableSortedDictionary<string, string> values)
    {
        if (!values.TryGetValue(CheckParameters.Answer, out var answer) || !IsAddress(answer)) return;
        var record = values.GetValueOrDefault(CheckParameters.Record, "a");
        if (record != (answer.Contains(':', StringComparison.Ordinal) ? "aaaa" : "a"))
            findings.Error(Pointer.To(pointer, CheckParameters.Answer), $"a record of type {record} is no such address",
                "correct the address, or `record`; of other types than a and aaaa any answer is good");
    }

    private static bool IsAddress(string text) =>
        IpText.TryParseV4(text, out var v4) ? v4 != 0 && text == IpText.ShowV4(v4)
            : IpText.CanonicalV6(text) == text && text != "::";

    private static bool TryReadUrl(string text, out Uri url)
    {
        url = null!;
        if (text.Length > LongestUrl || text.Any(c => c is <= ' ' or >= '\u007f' or '"' or '\\')
            || !Uri.TryCreate(text, UriKind.Absolute, out var parsed)
            || (parsed.Scheme != Uri.UriSchemeHttp && parsed.Scheme != Uri.UriSchemeHttps)
            || parsed.IdnHost.Length == 0 || parsed.UserInfo.Length > 0 || parsed.Fragment.Length > 0) return false;
        url = parsed;
        return true;
    }

    private static bool IsHostName(string text)
    {
        var name = text.EndsWith('.') ? text[..^1] : text;
        return name.Length is > 0 and <= LongestHostName && name.Split('.').All(label =>
            label.Length is > 0 and <= LongestLabel
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }
}
