using System.Globalization;
using Ha.Core.Tests.Policy.Random;
using Ha.Policy.Tests;

const string Help =
    """
    Plans random clusters with Pacemaker's scheduler (crm_simulate) and with the policy engine, and compares.

      --cases N --from SEED   compare N clusters, the first with this seed (1)
      --show SEED             one cluster, both plans side by side, and the reasons
      --plain                 without what few clusters have
      --cib SEED              the cluster of a seed as a CIB, for crm_simulate by hand

    Exit codes: 0 all equal (--cases: 99 of 100), 1 they differ, 2 the command line is wrong.
    """;

ulong? Value(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length
        && ulong.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number : null;
}

var wide = !args.Contains("--plain");
if (Value("--cib") is { } written)
{
    Console.Out.WriteLine(RandomCib.Text(written, wide));
    return 0;
}

if (Value("--show") is { } shown)
{
    var one = PolicyCase.Run(shown, wide);
    Console.Out.WriteLine(one.Cib);
    Console.Out.WriteLine(Report.SideBySide(one));
    return one.HasEqualActions ? 0 : 1;
}

if (Value("--cases") is { } count and > 0 and <= 10_000_000)
{
    var cases = PolicyCase.RunAll(Value("--from") ?? 1, (int)count, wide);
    Console.Out.WriteLine(Report.Summary(cases, most: 500));
    return cases.Count(one => one.HasEqualActions) >= cases.Length * 99L / 100 ? 0 : 1;
}

Console.Error.WriteLine(Help);
return 2;
