using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>The word that a script gets for an operation.</summary>
internal static class ScriptVerb
{
    /// <summary><c>start</c>, <c>stop</c> or <c>status</c>, as in init.d and resource.d.</summary>
    public static string Of(OperationKind kind) => Of(kind, "status");

    /// <summary><c>start</c>, <c>stop</c> or the given word for the question whether it runs.</summary>
    public static string Of(OperationKind kind, string question) => kind switch
    {
        OperationKind.Probe or OperationKind.Monitor => question,
        OperationKind.Start => "start",
        OperationKind.Stop => "stop",
        OperationKind.Announce or OperationKind.Cancel or OperationKind.Fence =>
            throw new ArgumentOutOfRangeException(nameof(kind), $"a program has no verb for {kind}"),
    };
}
