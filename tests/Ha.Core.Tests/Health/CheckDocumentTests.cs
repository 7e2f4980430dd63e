using System.Text.Json;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Health;
using Ha.Core.Tests.ClusterConfiguration;

namespace Ha.Core.Tests.Health;

/// <summary>Health checks in the cluster configuration: what they mean, and every mistake with its place.</summary>
public class CheckDocumentTests
{
    [Fact]
    public void ShortestCheck_HasTheDocumentedDefaults()
    {
        var check = Assert.Single(Compile("""{"id":"gw","type":"ping","parameters":{"address":"192.168.1.2"}}"""));

        Assert.Equal(("gw", CheckKind.Ping, "192.168.1.2"), (check.Id, check.Kind, check.Target));
        Assert.Equal((5000, 2000), ((int)check.Interval.TotalMilliseconds, (int)check.Timeout.TotalMilliseconds));
        Assert.Equal((2, 3, CheckStart.Unknown), (check.Rise, check.Fall, check.StartAs));
        Assert.Equal((30, CheckPlace.Everywhere), ((int)check.HoldDown.TotalSeconds, check.Where));
        Assert.True(check.IsFor("s1") && check.IsFor("s2"));
        Assert.Null(check.Group);
        Assert.Null(check.Attribute);
    }

    [Fact]
    public void FullCheck_CompilesToWhatItSays()
    {
        var checks = Documents.Read(Documents.Full).Active!.Checks;

        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), 1, 5),
            (checks[0].Interval, checks[0].Timeout, checks[0].Rise, checks[0].Fall));
        Assert.Equal((CheckStart.Healthy, TimeSpan.FromMinutes(1), CheckPlace.Active, "vip"),
            (checks[0].StartAs, checks[0].HoldDown, checks[0].Where, checks[0].Group));
        Assert.Equal(new CheckAttribute("disk", "yes", "no"), checks[1].Attribute);
        Assert.Equal("-w", Assert.Single(checks[1].Arguments));
        Assert.NotEqual(checks[0].Digest, checks[1].Digest);
    }

    [Fact]
    public void ShortInterval_MakesTheTimeoutShort() => Assert.Equal(TimeSpan.FromMilliseconds(500), Assert.Single(
        Compile("""{"id":"x","type":"systemd","parameters":{"unit":"x"},"interval":"500ms"}""")).Timeout);

    [Fact]
    public void OtherDefinition_HasAnotherDigest_AndTheSameHasTheSame()
    {
        const string Text = """{"id":"x","type":"file","parameters":{"path":"/run/x"}}""";
        Assert.Equal(Compile(Text)[0].Digest, Compile(Text)[0].Digest);
        var other = Text.Replace("/run/x", "/run/y", StringComparison.Ordinal);
        Assert.NotEqual(Compile(Text)[0].Digest, Compile(other)[0].Digest);
    }

    [Fact]
    public void ChangedCheck_IsToldMemberByMember()
    {
        const string Text = """{"checks":[{"id":"x","type":"file","parameters":{"path":"/x"},"interval":"5s"}]}""";
        var old = Documents.Good(Text);
        var young = Documents.Good(Text.Replace("5s", "7s", StringComparison.Ordinal));

        var change = Assert.Single(ConfigurationDiff.Between(old, young));
        Assert.Equal("/checks/0/interval: \"5s\" -> \"7s\"", change.ToString());
    }

    [Fact]
    public void EveryParameterOfEveryKind_IsTakenWithItsOwnExample()
    {
        foreach (var kind in Enum.GetValues<CheckKind>())
        {
            foreach (var parameter in CheckParameters.Of(kind))
            {
                var needed = CheckParameters.Of(kind).Where(one => one.Required && one != parameter).Append(parameter)
                    .ToDictionary(one => one.Name, one => one.Example);
                if (kind == CheckKind.Process) needed.TryAdd("name", "haproxy");
                if (kind == CheckKind.Process && parameter.Name == "pidFile") needed.Remove("name");
                if (parameter.Name is "ca" or "days" or "verify") needed["url"] = "https://127.0.0.1/";
                var check = "{\"id\":\"x\",\"type\":\"" + JsonNamingPolicy.CamelCase.ConvertName(kind.ToString())
                    + "\",\"parameters\":" + JsonSerializer.Serialize(needed) + "}";

                Assert.Single(Compile(check));
            }
        }
    }

    [Fact]
    public void ExamplesOfTheDocumentation_AreGood()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "health.md"));
        var examples = text.Split("```json\n").Skip(1).Select(part => part.Split("\n```")[0]).ToList();

        Assert.True(examples.Count >= 2);
        foreach (var example in examples) Assert.Empty(Documents.Read(example).Findings);
    }

    [Fact]
    public void EveryParameter_IsInTheDocumentation()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "health.md"));
        foreach (var parameter in Enum.GetValues<CheckKind>().SelectMany(kind => CheckParameters.Of(kind)))
            Assert.Contains($"`{parameter.Name}`", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ping", "{}",
        "/checks/0/parameters: [address] is missing; add `\"address\"`, for example `\"192.168.1.2\"`")]
    [InlineData("ping", "{\"adress\":\"1.2.3.4\",\"address\":\"1.2.3.4\"}",
        "/checks/0/parameters/adress: a check of type ping has no parameter [adress]; write `\"address\"`")]
    [InlineData("ping", "{\"address\":\"gateway\"}", "[gateway] is not an IP address in its usual form")]
    [InlineData("ping", "{\"address\":\"0.0.0.0\"}", "[0.0.0.0] is not an IP address in its usual form")]
    [InlineData("ping", "{\"address\":\"FE80::1\"}", "[FE80::1] is not an IP address in its usual form")]
    [InlineData("tcp", "{\"address\":\"1.2.3.4\",\"port\":\"0\"}", "[0] is not a whole number from 1 to 65535")]
    [InlineData("tcp", "{\"address\":\"1.2.3.4\",\"port\":\"22\",\"interface\":\"a/b\"}", "[a/b] is not an interface")]
    [InlineData("http", "{\"url\":\"ftp://1.2.3.4/\"}",
        "is not an http or https URL without user, password and fragment")]
    [InlineData("http", "{\"url\":\"http://u:p@1.2.3.4/\"}",
        "is not an http or https URL without user, password and fragment")]
    [InlineData("http", "{\"url\":\"http://1.2.3.4/a b\"}",
        "is not an http or https URL without user, password and fragment")]
    [InlineData("http", "{\"url\":\"http://1.2.3.4/\\r\\nX: y\"}", "/checks/0/parameters/url: ")]
    [InlineData("http", "{\"url\":\"http://www.example.org/\"}",
        "[www.example.org] is a name, which a check does not look up; add `\"address\"`")]
    [InlineData("http", "{\"url\":\"http://1.2.3.4/\",\"status\":\"200-\"}",
        "[200-] is not status codes from 100 to 599")]
    [InlineData("http", "{\"url\":\"http://1.2.3.4/\",\"status\":\"399-200\"}",
        "[399-200] is not status codes from 100 to 599")]
    [InlineData("http", "{\"url\":\"http://1.2.3.4/\",\"days\":\"7\"}",
        "/checks/0/parameters/days: without TLS there is no certificate")]
    [InlineData("http", "{\"url\":\"https://1.2.3.4/\",\"verify\":\"no\"}", "[no] is not one of true, false")]
    [InlineData("http", "{\"url\":\"https://1.2.3.4/\",\"verify\":\"false\",\"ca\":\"/ca.pem\"}",
        "/checks/0/parameters/ca: the certificate is not verified")]
    [InlineData("dns", "{\"server\":\"1.2.3.4\",\"name\":\"a..b\"}", "[a..b] is not a host name")]
    [InlineData("dns", "{\"server\":\"1.2.3.4\",\"name\":\"a\",\"record\":\"any\"}", "[any] is not one of a, aaaa")]
    [InlineData("dns", "{\"server\":\"1.2.3.4\",\"name\":\"a\",\"answer\":\"::1\"}",
        "a record of type a is no such address")]
    [InlineData("process", "{}", "it names no process; write either `name` or `pidFile`")]
    [InlineData("process", "{\"name\":\"a\",\"pidFile\":\"/a\"}", "it names a process and a file with its number")]
    [InlineData("process", "{\"pidFile\":\"/a\",\"least\":\"2\"}",
        "/checks/0/parameters/least: a file holds one number")]
    [InlineData("systemd", "{}", "[unit] is missing")]
    [InlineData("file", "{\"path\":\"relative\"}", "[relative] is not an absolute path")]
    [InlineData("file", "{\"path\":\"/a\",\"maxAge\":\"5\"}",
        "[5] is not a length of time; write for example `\"5min\"`")]
    [InlineData("file", "{\"path\":\"/a\",\"state\":\"absent\",\"maxAge\":\"5s\"}",
        "a file that must not be there has neither age nor content")]
    [InlineData("exec", "{\"path\":\"look\"}", "[look] is not an absolute path")]
    public void OneMistakeInParameters_IsTold(string type, string parameters, string expected) =>
        Assert.Contains(expected,
        Documents.Finding($$$"""{"checks":[{"id":"x","type":"{{{type}}}","parameters":{{{parameters}}}}]}"""),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("\"type\":\"pong\"", "/checks/0/type: \"pong\" is not one of the words known here; write `\"ping\"`")]
    [InlineData("\"type\":\"file\",\"rise\":0", "/checks/0/rise")]
    [InlineData("\"type\":\"file\",\"interval\":\"100ms\"", "write a time from 200ms to 24h")]
    [InlineData("\"type\":\"file\",\"interval\":\"2s\",\"timeout\":\"3s\"",
        "/checks/0/timeout: a look may take 3s, but the next one is due after 2s; write at most `\"2s\"`")]
    [InlineData("\"type\":\"file\",\"timeout\":\"6s\"",
        "/checks/0/timeout: a look may take 6s, but the next one is due after 5s")]
    [InlineData("\"type\":\"file\",\"arguments\":[\"a\"]",
        "/checks/0/arguments: only a check of type exec runs a program")]
    [InlineData("\"type\":\"file\",\"nodes\":[\"s3\"]", "/checks/0/nodes/0: [s3] is not a node of ha.cf")]
    [InlineData("\"type\":\"file\",\"nodes\":[\"s1\",\"s1\"]", "/checks/0/nodes/1: [s1] stands here twice")]
    [InlineData("\"type\":\"file\",\"effect\":{}", "/checks/0/effect: it names neither an attribute nor a group")]
    [InlineData("\"type\":\"file\",\"effect\":{\"group\":\"a\",\"attribute\":\"b\"}",
        "/checks/0/effect: it names an attribute and a group")]
    [InlineData("\"type\":\"file\",\"effect\":{\"group\":\"ghost\"}",
        "/checks/0/effect/group: there is no resource, group or clone [ghost]")]
    [InlineData("\"type\":\"file\",\"effect\":{\"group\":\"b\"}",
        "/checks/0/effect/group: [b] is a part of [g]; write `\"g\"`")]
    [InlineData("\"type\":\"file\",\"effect\":{\"group\":\"c\"}",
        "/checks/0/effect/group: [c] is a part of [cc]; write `\"cc\"`")]
    [InlineData("\"type\":\"file\",\"effect\":{\"group\":\"a\",\"healthy\":\"1\"}",
        "/checks/0/effect: values without an attribute mean nothing")]
    [InlineData("\"type\":\"file\",\"effect\":{\"attribute\":\"standby\"}",
        "/checks/0/effect/attribute: [standby] is an attribute that the cluster itself sets")]
    [InlineData("\"type\":\"file\",\"effect\":{\"attribute\":\"x\",\"healthy\":\"0\"}",
        "the attribute has the same value healthy and unhealthy")]
    [InlineData("\"type\":\"file\",\"where\":\"active\"", "/checks/0/where: no group says where it is active")]
    [InlineData("\"type\":\"file\",\"where\":\"active\",\"effect\":{\"group\":\"a\"},\"holdDown\":\"0s\"",
        "/checks/0/holdDown: a group that left a node because of this check would be let back at once")]
    public void OneMistakeAroundACheck_IsTold(string members, string expected) => Assert.Contains(expected,
        Documents.Finding("""
            {"resources":[{"id":"a","type":"systemd:a"},{"id":"b","type":"systemd:b"},{"id":"c","type":"systemd:c"}],
            "groups":[{"id":"g","members":["b"]}],"clones":[{"id":"cc","resource":"c"}],
            "checks":[{"id":"x","parameters":{"path":"/run/x"},
            """ + members + "}]}"), StringComparison.Ordinal);

    [Fact]
    public void TwoChecksOfOneId_OrOneAttribute_AreTold()
    {
        const string One = """{"id":"x","type":"file","parameters":{"path":"/x"},"effect":{"attribute":"x"}}""";
        var findings = Documents.Read($$"""{"checks":[{{One}},{{One}}]}""").Findings
            .Select(one => one.ToString()).ToList();

        Assert.Equal(2, findings.Count);
        Assert.StartsWith("/checks/1/id: [x] is the id of another check, at /checks/0", findings[0],
            StringComparison.Ordinal);
        Assert.StartsWith("/checks/1/effect/attribute: [x] is set by another check, at /checks/0", findings[1],
            StringComparison.Ordinal);
    }

    [Fact]
    public void MoreLooksThanANodeHasAtOnce_AreAWarning()
    {
        var checks = string.Join(",", Enumerable.Range(0, 6).Select(i =>
            $$$"""{"id":"c{{{i}}}","type":"file","parameters":{"path":"/x"},"interval":"1s","timeout":"1s"}"""));
        var finding = Documents.Finding($$"""{"checks":[{{checks}}]}""");

        Assert.Contains("if all of them hang until their timeouts, 6 looks are under way at once, and a node has 4 at "
            + "most", finding, StringComparison.Ordinal);
    }

    [Fact]
    public void HttpsInTooShortATime_IsAWarning() => Assert.Contains(
        "/checks/0/timeout: an https look begins with the start of a process", Documents.Finding("""
            {"checks":[{"id":"x","type":"http","parameters":{"url":"https://127.0.0.1/"},"timeout":"1s"}]}
            """), StringComparison.Ordinal);

    [Fact]
    public void NumberOfChecks_IsBounded()
    {
        var checks = string.Join(",", Enumerable.Range(0, 65).Select(i =>
            $$$"""{"id":"c{{{i}}}","type":"file","parameters":{"path":"/x"}}"""));

        Assert.Contains("the list has 65 items; write at most 64", Documents.Finding($$"""{"checks":[{{checks}}]}"""),
            StringComparison.Ordinal);
    }

    private static System.Collections.Immutable.ImmutableArray<CheckDefinition> Compile(string check)
    {
        var reading = Documents.Read("{\"checks\":[" + check + "]}");
        Assert.True(reading.Findings.IsEmpty, $"{check}: {string.Join("\n", reading.Findings)}");
        return reading.Active!.Checks;
    }
}
