using System.Diagnostics;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>One operation, as an agent class is asked to carry it out.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Kind">What to do; never <see cref="OperationKind.Announce"/>, which means nothing to programs.</param>
/// <param name="Limit">After this everything that the operation started is killed.</param>
/// <param name="Depth">How thoroughly a monitor looks.</param>
/// <param name="Started">Called with the running program, so that it can be killed from elsewhere.</param>
internal sealed record AgentCall(
    ResourceDefinition Resource, OperationKind Kind, TimeSpan Limit, int Depth, Action<ChildProcess> Started)
{
    private readonly long began = Stopwatch.GetTimestamp();

    /// <summary>How much of the limit is left, for an operation that runs several programs.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = Limit - Stopwatch.GetElapsedTime(began);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>How the last program of it ended; null when it has run none.</summary>
    public ProgramEnd? Program { get; private set; }

    /// <summary>True when the question is whether the resource runs.</summary>
    public bool Asks => Kind is OperationKind.Probe or OperationKind.Monitor;

    /// <summary>A program of it has ended.</summary>
    public ProgramEnd Ran(ProgramEnd end)
    {
        Program = end;
        return end;
    }
}

/// <summary>A way to control resources: what the word before the first colon of a type means.</summary>
internal interface IAgentClass
{
    /// <summary>Carries out one operation; waits for its end, so not for the loop thread.</summary>
    OperationResult Run(AgentCall call);
}
