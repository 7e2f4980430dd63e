using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <content>Programs, devices and ping nodes: checked as Heartbeat does, not acted on yet.</content>
internal sealed partial class HaCfDraft
{
    private static readonly ImmutableArray<int> BaudRates = [9600, 19200, 38400, 57600, 115200, 230400, 460800];

    // What `stonith -L` of cluster-glue lists, apart from the external/ and rhcs/ families.
    private static readonly ImmutableArray<string> StonithTypes =
    [
        "apcmaster", "apcmastersnmp", "apcsmart", "baytech", "bladehpi", "cyclades", "drac3", "ibmhmc", "ipmilan",
        "meatware", "null", "nw_rpc100s", "rcd_serial", "rps10", "ssh", "suicide", "vacm", "wti_mpc", "wti_nps",
    ];

    public void CheckSerial(DirectiveValue value)
    {
        if (!value.Text.StartsWith('/'))
            Error(value, $"{Quote(value.Text)} is not an absolute path",
                "write the device's path, for example /dev/ttyS0");
        else if (!host.IsCharacterDevice(value.Text))
            Error(value, $"there is no serial port {Quote(value.Text)}",
                "write the path of a serial device that exists, for example /dev/ttyS0");
    }

    public void CheckBaud(DirectiveValue value)
    {
        if (int.TryParse(value.Text, out var rate) && BaudRates.Contains(rate)) return;
        Error(value, $"{Quote(value.Text)} is not a serial speed",
            $"write one of {string.Join(", ", BaudRates)}");
    }

    public void CheckPing(DirectiveValue value, bool ipv6)
    {
        var found = ipv6
            ? IpText.CanonicalV6(value.Text) is not null
                || (IsHostName(value.Text) && host.ResolveIPv6(value.Text) is not null)
            : IpText.TryParseV4(value.Text, out _)
                || (IsHostName(value.Text) && host.ResolveIPv4(value.Text) is not null);
        if (!found)
        {
            Error(value, $"the host {Quote(value.Text)} is unknown",
                "write the address of something that always answers, for example the gateway's");
        }
    }

    public void CheckPingGroup(DirectiveValue value)
    {
        var words = value.Text.Split([' ', '\t', ',', '\r', '\f'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
            Error(value, "it needs a name and at least one address", "write `ping_group NAME ADDRESS ...`");
        foreach (var address in words.Skip(1)) CheckPing(value with { Text = address }, ipv6: false);
    }

    public void CheckWatchdog(DirectiveValue value)
    {
        if (AbsolutePath(value) is null || host.IsCharacterDevice(value.Text)) return;
        findings.Warning(value.Line, value.Name,
            $"there is no watchdog device {Quote(value.Text)} on this host",
            "load its driver (`modprobe softdog`) or correct the path; /dev/watchdog is usual");
    }

    public void CheckStonith(DirectiveValue value)
    {
        var words = value.Words();
        if (words.Length < 2)
            Error(value, "it needs a type and a configuration file", "write `stonith TYPE FILE`");
        if (words.Length > 0) CheckStonithType(value, words[0]);
    }

    public void CheckStonithHost(DirectiveValue value)
    {
        var words = value.Words();
        if (words.Length < 2)
            Error(value, "it needs a host and a type",
                "write `stonith_host HOST TYPE PARAMETERS`, with `*` for every host");
        else
            CheckStonithType(value, words[1]);
    }

    public void CheckRespawn(DirectiveValue value)
    {
        var words = value.Words();
        if (words.Length >= 2 && words[1].Split('/')[^1] == "ipfail")
        {
            WarnOnce(value.Line, value.Name,
                "ipfail is built in here: no program is started; moves by connectivity come with a later release",
                "leave the line in, or remove it; neither the program nor its user is needed");
            return;
        }

        WarnOnce(value.Line, value.Name, "programs are not started from ha.cf yet",
            "run the program as a systemd unit until then");
        CheckChildProgram(value);
    }

    public void CheckChildProgram(DirectiveValue value)
    {
        var words = value.Words();
        if (words.Length < 2)
        {
            Error(value, "it needs a user and a command", $"write `{value.Name} USER /PATH/TO/PROGRAM ARGUMENTS`");
            return;
        }

        if (!host.UserExists(words[0]))
            Error(value, $"this host has no user {Quote(words[0])}",
                "write a user that exists, or create it (`adduser --system`)");
        if (!words[1].StartsWith('/'))
            Error(value, $"the command {Quote(words[1])} is not an absolute path",
                "write the program's path from the root");
        else if (!host.IsExecutableFile(words[1]))
            Error(value, $"the command {Quote(words[1])} is not an executable file",
                "correct the path, or make it executable (`chmod +x`)");
    }

    public void CheckApiAuth(DirectiveValue value)
    {
        var lists = value.Words().Skip(1).ToArray();
        if (lists.Length > 0 && lists.All(l => l.Length > 4 && l[..4] is "uid=" or "gid=")) return;
        Error(value, "it names no users or groups",
            "write `apiauth CLIENT uid=USER,USER gid=GROUP`, or remove the line");
    }

    public void CheckEnvironment(DirectiveValue value)
    {
        if (value.Text.IndexOf('=', StringComparison.Ordinal) > 0) return;
        Error(value, $"{Quote(value.Text)} is not an assignment", "write `env NAME=VALUE`");
    }

    public void CheckAppHbd(DirectiveValue value)
    {
        if (Boolean(value) == true)
            WarnOnce(value.Line, value.Name, "there is no apphbd here to register with",
                "write `use_apphbd off`, or remove the line");
    }

    private void CheckStonithType(DirectiveValue value, string type)
    {
        var family = type.Split('/');
        if (StonithTypes.Contains(type) || (family is ["external" or "rhcs", { Length: > 0 }])) return;
        Error(value, $"there is no stonith type {Quote(type)}",
            "write one that `stonith -L` lists, for example `external/ipmi`, or remove the line");
    }
}
