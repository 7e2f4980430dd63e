namespace Ha.Core.Engine;

/// <summary>
/// A safety invariant does not hold. The node must not go on: its death is a fault that the cluster survives, a wrong
/// decision is not. Whoever drives the engine logs it and ends the process.
/// </summary>
public sealed class InvariantBrokenException : Exception
{
    /// <summary>Says what does not hold.</summary>
    public InvariantBrokenException(string message)
        : base(message)
    {
    }

    /// <summary>Without a message.</summary>
    public InvariantBrokenException()
    {
    }

    /// <summary>With the exception behind it.</summary>
    public InvariantBrokenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
