using Ha.Core.Time;

namespace Ha.Core.Tests.Policy.Random;

/// <summary>
/// Draws what few clusters have, from a sequence of its own: without it a seed gives the plain cluster that it always
/// gave, with it the same cluster with something rare in it.
/// </summary>
/// <param name="random">Null: nothing rare happens.</param>
internal sealed class Rare(SplitMix64? random)
{
    public bool Chance(int percent) => random is not null && random.Chance(percent, 100);

    public T Pick<T>(params IReadOnlyList<T> values) => values[random!.Next(0, values.Count)];

    public int Next(int low, int high) => random!.Next(low, high);
}
