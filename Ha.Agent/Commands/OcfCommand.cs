using Ha.Agent.Ocf;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>
/// The verb <c>ocf TYPE ACTION</c>: this program as an OCF resource agent of the API 1.1 (provider <c>haappliance</c>),
/// called by the scripts of packaging/ocf. Parameters come in <c>OCF_RESKEY_*</c>, the answer is the exit code.
/// </summary>
internal static class OcfCommand
{
    /// <summary>Carries out one action.</summary>
    /// <param name="words">Type and action; more are ignored, as the API has it.</param>
    /// <param name="output">Gets the meta-data.</param>
    /// <param name="errors">Gets the reason of a failure.</param>
    /// <returns>An OCF exit code.</returns>
    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter errors)
    {
        if (words is not ["vip", var action, ..])
        {
            errors.WriteLine("usage: ha-agent ocf vip {start|stop|monitor|validate-all|meta-data}");
            return words.Count < 2 ? OcfStatus.InvalidParameters : OcfStatus.NotInstalled;
        }

        switch (action)
        {
            case "meta-data":
                output.WriteLine(VipAgent.MetaData);
                return OcfStatus.Success;
            case "start":
                return Answer(OperationKind.Start, errors);
            case "stop":
                return Answer(OperationKind.Stop, errors);
            case "monitor":
                return Answer(OperationKind.Monitor, errors);
            case "validate-all":
                return Answer(kind: null, errors);
            default:
                errors.WriteLine($"ocf-exit-reason:this agent does not know the action '{action}'");
                return OcfStatus.NotImplemented;
        }
    }

    private static int Answer(OperationKind? kind, TextWriter errors)
    {
        var result = VipAgent.Run(
            static name => Environment.GetEnvironmentVariable("OCF_RESKEY_" + name)?.Trim() ?? "", kind);
        if (result.Outcome is not (OperationOutcome.Succeeded or OperationOutcome.NotRunning))
            errors.WriteLine($"ocf-exit-reason:{result.Output}");
        return OcfStatus.Of(result.Outcome);
    }
}
