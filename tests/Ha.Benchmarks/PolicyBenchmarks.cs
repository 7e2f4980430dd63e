using BenchmarkDotNet.Attributes;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;

namespace Ha.Benchmarks;

/// <summary>What one run of the policy engine costs, for clusters of different sizes.</summary>
[MemoryDiagnoser, Config(typeof(CpuTime))]
public class PolicyBenchmarks
{
    private const string NoParameters = "f2317cad3d54cec5d7d7aa7d0bf35cf8";
    private const string OnlyTimeout = "4811cef7f7f94e3a35a70be7916cb2fd";

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private ClusterModel model = null!;

    /// <summary>Nodes and primitives; two constraints for every five primitives.</summary>
    [Params("2x3", "2x10", "16x50", "16x100", "16x200", "16x500", "16x1000")]
    public string Size { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var split = Size.Split('x');
        model = Build(int.Parse(split[0]), int.Parse(split[1]));
    }

    [Benchmark(Description = "a node is lost: plan with fencing and recovery")]
    public int Plan() => ClusterPlanner.Plan(model).Steps.Length;

    // Groups of five (as far as there are as many) spread over the nodes; the last node is lost.
    private static ClusterModel Build(int nodes, int primitives)
    {
        var resources = new List<ResourceModel> { Primitive("fence", "stonith") };
        var history = new List<ResourceHistory>();
        for (var i = 0; i < primitives; i += 5)
        {
            var members = Enumerable.Range(i, Math.Min(5, primitives - i))
                .Select(number => Primitive($"r{number}", "ocf")).ToImmutableArray();
            resources.Add(new ResourceModel { Id = $"g{i / 5}", Kind = ResourceKind.Group, Members = members });
        }

        foreach (var (resource, index) in resources.Select((one, index) => (one, index)))
        {
            foreach (var primitive in resource.Members.IsEmpty ? [resource] : resource.Members)
            {
                for (var node = 0; node < nodes; node++)
                    history.Add(History($"n{node}", primitive, runs: node == (index == 0 ? 0 : index % nodes)));
            }
        }

        var groups = resources.Count - 1;
        return new ClusterModel
        {
            Now = Now, Options = new ClusterOptions(), Resources = [.. resources], History = [.. history],
            Nodes = [.. Enumerable.Range(0, nodes).Select(node => Node($"n{node}", lost: node == nodes - 1))],
            Locations = [.. Enumerable.Range(0, groups).Select(i => new LocationConstraint
                { Id = $"l{i}", Resource = $"g{i}", Node = $"n{i % nodes}", Score = 100 })],
            Orders = [.. Enumerable.Range(0, groups / 2).Select(i => new OrderConstraint
                { Id = $"o{i}", First = [$"g{i}"], Then = $"g{groups - 1 - i}" })],
            Colocations = [.. Enumerable.Range(0, groups / 2).Select(i => new ColocationConstraint
                { Id = $"t{i}", Dependent = $"g{groups - 1 - i}", Primary = $"g{i}", Score = i % 2 == 0 ? 50 : -50 })],
        };
    }

    private static ResourceModel Primitive(string id, string agentClass) => new()
    {
        Id = id, Kind = ResourceKind.Primitive, Agent = new AgentName(agentClass, "test", "Dummy"),
        Operations = [new OperationModel { Id = id + "-m", Name = "monitor", IntervalMs = 10_000 }],
    };

    private static NodeModel Node(string name, bool lost) => new()
    {
        Id = name, Name = name, Seen = true, InMembership = !lost, AgentOnline = !lost, Join = NodeJoin.Member,
        Expected = true,
    };

    private static ResourceHistory History(string node, ResourceModel primitive, bool runs)
    {
        ImmutableArray<OperationRecord> records = runs
            ? [Record("start", 0, 0, NoParameters), Record("monitor", 10_000, 0, OnlyTimeout)]
            : [Record("monitor", 0, 7, NoParameters)];
        return new ResourceHistory { NodeId = node, Resource = primitive.Id, Operations = records };
    }

    private static OperationRecord Record(string name, long interval, int code, string digest) => new()
    {
        Name = name, IntervalMs = interval, Status = OperationStatus.Done, ExitCode = code, ExpectedExitCode = code,
        CallId = 1, LastChange = Now.AddMinutes(-10), Digest = digest,
    };
}
