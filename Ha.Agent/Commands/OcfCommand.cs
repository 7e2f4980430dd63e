using Ha.Agent.Ocf;
using Ha.Agent.Resources;
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
        if (words is not ["vip" or "haproxy", var action, ..])
        {
            errors.WriteLine("usage: ha-agent ocf {vip|haproxy} {start|stop|monitor|reload|validate-all|meta-data}");
            return words.Count < 2 ? OcfStatus.InvalidParameters : OcfStatus.NotInstalled;
        }

        var isVip = words[0] == "vip";
        switch (action)
        {
            case "meta-data":
                output.WriteLine(isVip ? VipAgent.MetaData : HaproxyAgent.MetaData);
                return OcfStatus.Success;
            case "start" or "stop" or "monitor" or "validate-all":
            case "reload" when !isVip:
                return Answer(isVip ? Vip(action) : HaproxyAgent.Run(Variable, action), errors);
            default:
                errors.WriteLine($"ocf-exit-reason:this agent does not know the action '{action}'");
                return OcfStatus.NotImplemented;
        }
    }

    private static OperationResult Vip(string action) => VipAgent.Run(static name => Variable("OCF_RESKEY_" + name),
        action switch
        {
            "start" => OperationKind.Start,
            "stop" => OperationKind.Stop,
            "monitor" => OperationKind.Monitor,
            _ => null,
        });

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name)?.Trim() ?? "";

    private static int Answer(OperationResult result, TextWriter errors)
    {
        if (result.Outcome is not (OperationOutcome.Succeeded or OperationOutcome.NotRunning))
            errors.WriteLine($"ocf-exit-reason:{result.Output}");
        return OcfStatus.Of(result.Outcome);
    }
}
