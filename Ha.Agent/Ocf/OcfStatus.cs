using Ha.Core.Contracts;

namespace Ha.Agent.Ocf;

/// <summary>Exit codes of the OCF resource agent API 1.1, as this program answers when it is an agent itself.</summary>
internal static class OcfStatus
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int InvalidParameters = 2;
    public const int NotImplemented = 3;
    public const int NotPermitted = 4;
    public const int NotInstalled = 5;
    public const int NotConfigured = 6;
    public const int NotRunning = 7;

    /// <summary>The code of an outcome.</summary>
    public static int Of(OperationOutcome outcome) => outcome switch
    {
        OperationOutcome.Succeeded => Success,
        OperationOutcome.InvalidParameters => InvalidParameters,
        OperationOutcome.NotImplemented => NotImplemented,
        OperationOutcome.NotPermitted => NotPermitted,
        OperationOutcome.NotInstalled => NotInstalled,
        OperationOutcome.NotConfigured => NotConfigured,
        OperationOutcome.NotRunning => NotRunning,
        OperationOutcome.Failed or OperationOutcome.TimedOut or OperationOutcome.Cancelled => Failed,
    };
}
