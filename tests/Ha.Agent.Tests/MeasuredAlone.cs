namespace Ha.Agent.Tests;

/// <summary>
/// Tests that count allocated bytes run while no other test does: a garbage collection that another thread causes takes
/// back the unused rest of this thread's allocation buffer, and that counts as allocated.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}
