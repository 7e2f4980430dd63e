using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Who must be with another is not started when the other cannot be, even though both have a place.</summary>
internal static class ColocationBlocks
{
    public static void AddAll(ActionSet actions)
    {
        foreach (var dependent in actions.Cluster.Primitives)
        {
            foreach (var colocation in dependent.ThisWith)
            {
                if (colocation.Score < Score.Infinity || colocation.Primary.Kind == ResourceKind.Clone) continue;
                var starts = colocation.Primary.Primitives.SelectMany(one => actions.Of(one, ActionKind.Start));
                foreach (var first in starts)
                {
                    foreach (var then in actions.Of(dependent, ActionKind.Start))
                        actions.Order(first, then, OrderEffect.Together);
                }
            }
        }
    }
}
