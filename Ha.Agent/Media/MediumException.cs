namespace Ha.Agent.Media;

/// <summary>A medium cannot be opened: which, why, and what to do.</summary>
internal sealed class MediumException : Exception
{
    public MediumException()
    {
    }

    public MediumException(string message) : base(message)
    {
    }

    public MediumException(string message, Exception inner) : base(message, inner)
    {
    }

    public MediumException(string message, int errno) : base(message) => ErrorNumber = errno;

    /// <summary>What the system said; 0 when it said nothing.</summary>
    public int ErrorNumber { get; }
}
