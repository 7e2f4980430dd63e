using Ha.Api.Agent;
using Ha.Api.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ha.Api.Cluster;

internal static class ClusterEndpoints
{
    public static void MapCluster(this RouteGroupBuilder api)
    {
        api.MapGet("/cluster", Cluster).WithName("getCluster").WithTags("Cluster")
            .WithSummary("The whole cluster as this node sees it")
            .WithDescription(
                "Nodes with their links, groups with their resources, the running transition and operations. When " +
                "the agent does not run, the last state known, marked by the header X-State-Stale; X-State-Age-Ms " +
                "tells its age.")
            .WithProblems(ProblemType.NoState);
        api.MapGet("/vips", Vips).WithName("listVips").WithTags("Cluster")
            .WithSummary("Virtual IPs and who holds them")
            .WithDescription(
                "More than one holder is a conflict that is being resolved; none means that nobody answers for it.")
            .WithProblems(ProblemType.NoState);
    }

    private static Results<Ok<ClusterSnapshot>, ProblemResult> Cluster(AgentClient agent) =>
        agent.State.Snapshot is { } snapshot ? TypedResults.Ok(snapshot) : StateReading.NoState;

    private static Results<Ok<Page<VipStatus>>, ProblemResult> Vips(AgentClient agent)
    {
        if (agent.State.Snapshot is not { } snapshot) return StateReading.NoState;
        var vips = ImmutableArray.CreateBuilder<VipStatus>();
        foreach (var owner in snapshot.Groups)
        {
            foreach (var resource in owner.Resources)
                if (resource.Vip is { } vip) vips.Add(ToStatus(owner, resource, vip));
        }
        return TypedResults.Ok(new Page<VipStatus>(vips.ToImmutable(), null));
    }

    private static VipStatus ToStatus(GroupSnapshot owner, ResourceSnapshot resource, VipSnapshot vip) => new()
    {
        Address = vip.Address,
        PrefixLength = vip.PrefixLength,
        Group = owner.Id,
        Resource = resource.Id,
        Holders =
        [
            .. resource.Nodes.Where(on => on.State is ResourceState.Started or ResourceState.Stopping)
                .Select(on => on.Node),
        ],
        Interface = vip.Interface,
        Label = vip.Label,
        Since = owner.Since,
    };
}
