namespace Ha.Agent.State;

/// <summary>State that must survive a restart cannot be read or written: which file, why, and what to do.</summary>
internal sealed class StateException : Exception
{
    public StateException()
    {
    }

    public StateException(string message) : base(message)
    {
    }

    public StateException(string message, Exception inner) : base(message, inner)
    {
    }
}
