using Ha.Core.Engine;
using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Simulation.Tests;

/// <summary>What repeats itself and what does not, on the wire and in the engine.</summary>
public sealed class StepRecorderTests
{
    private static readonly SimulationProfile Profile = new();

    [Fact]
    public void SameInputs_HaveTheSameEffects() => Assert.Null(Record(recordedGeneration: 7).FindDifference());

    [Fact]
    public void EngineThatDoesSomethingElse_IsFound() =>
        Assert.Contains("step 1 ", Record(recordedGeneration: 8).FindDifference(), StringComparison.Ordinal);

    [Fact]
    public void PacketAsItWasSent_IsWrittenTheSameAgain()
    {
        var keys = Profile.Keys(other: false);
        var encoder = new MessageEncoder(keys, innerAuth: true);
        encoder.Add("t"u8, "status");
        encoder.AddHex("seq"u8, 17);

        Assert.Null(new WireCheck(keys, innerAuth: true).FindFault(encoder.Finish()));
    }

    [Fact]
    public void PacketThatWouldBeWrittenDifferently_IsFound()
    {
        var keys = Profile.Keys(other: false);
        var encoder = new MessageEncoder(keys, innerAuth: false);
        encoder.Add("t"u8, "status");
        var check = new WireCheck(keys, innerAuth: false);

        Assert.Contains("written again", check.FindFault(encoder.FinishClassic()), StringComparison.Ordinal);
        Assert.Contains("cannot be read", check.FindFault("###\nnothing"u8), StringComparison.Ordinal);
    }

    // Two seconds of a lonely node, noted under the options of a life that may be another one.
    private static StepRecorder Record(uint recordedGeneration)
    {
        var recorder = new StepRecorder(Profile.Options(0, Profile.Kept(), recordedGeneration, seed: 3));
        var engine = new ClusterEngine(Profile.Options(0, Profile.Kept(), 7, seed: 3));
        var effects = new EffectList();
        for (var step = 0; step < 20; step++)
        {
            var at = new ClusterTime(new MonotonicTime(1_000_000 + (step * 100_000)), 1_790_000_000_000 + (step * 100));
            effects.Clear();
            engine.Step(at, TimeAdvanced.Instance, effects);
            recorder.Add(at, TimeAdvanced.Instance, effects);
        }

        return recorder;
    }
}
