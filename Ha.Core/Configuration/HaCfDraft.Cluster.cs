using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <content>How resources are managed: failback, and what belongs to Pacemaker.</content>
internal sealed partial class HaCfDraft
{
    private AutoFailback? autoFailback;
    private int resourceManagerLine;

    public void SetAutoFailback(DirectiveValue value)
    {
        if (value.Text.Equals("legacy", StringComparison.OrdinalIgnoreCase))
        {
            autoFailback = AutoFailback.Legacy;
            return;
        }

        switch (value.Text.ToLowerInvariant())
        {
            case "true" or "on" or "yes" or "y" or "1":
                autoFailback = AutoFailback.On;
                break;
            case "false" or "off" or "no" or "n" or "0":
                autoFailback = AutoFailback.Off;
                break;
            default:
                Error(value, $"{Quote(value.Text)} is not on, off or legacy",
                    "write `auto_failback on` if groups shall return to the node they prefer, else `off`");
                break;
        }
    }

    public void RefuseNiceFailback(DirectiveValue value)
    {
        if (Boolean(value) is not { } nice) return;
        Error(value, "it is obsolete, and Heartbeat's reading of it depends on the lines before",
            $"remove it and write `auto_failback {(nice ? "off" : "on")}`");
    }

    public void CheckAutojoin(DirectiveValue value)
    {
        switch (value.Text)
        {
            case "none":
                break;
            case "other" or "any":
                Error(value, "nodes cannot join by themselves while haresources names the node of each group",
                    "write `autojoin none` or remove the line, and list every node with `node`");
                break;
            default:
                Error(value, $"{Quote(value.Text)} is not one of its values",
                    "write `autojoin none`, or remove the line");
                break;
        }
    }

    public void CheckResourceManager(DirectiveValue value)
    {
        if (resourceManagerLine > 0)
        {
            Error(value, $"crm and pacemaker are the same directive, given first in line {resourceManagerLine}",
                "remove both");
            return;
        }

        resourceManagerLine = value.Line;
        switch (value.Text.ToLowerInvariant())
        {
            case "false" or "off" or "no" or "n" or "0":
                break;
            case "true" or "on" or "yes" or "y" or "1"
                or "respawn" or "manual" or "minimal" or "ccm-only" or "valgrind":
                Error(value, "Pacemaker's resource manager is not run here, and its CIB is not read",
                    $"write `{value.Name} off` or remove the line, and describe the groups in haresources");
                break;
            default:
                Error(value, $"{Quote(value.Text)} is not one of its values",
                    $"write `{value.Name} off`, or remove the line");
                break;
        }
    }

    private void FinishAutoFailback()
    {
        if (autoFailback is AutoFailback.On or AutoFailback.Off || Failed("auto_failback", "nice_failback")) return;
        var problem = autoFailback is null
            ? "it is not given: `legacy`, Heartbeat's old default, is used, and groups return to the node they prefer"
            : "`legacy` is deprecated; groups return to the node they prefer, as with `on`";
        findings.Warning(LineOf("auto_failback"), "auto_failback", problem,
            "write `auto_failback on`, or `off` if groups shall stay where they are");
    }
}
