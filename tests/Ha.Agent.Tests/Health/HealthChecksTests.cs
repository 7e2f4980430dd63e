using System.Collections.Concurrent;
using System.Net.Sockets;
using Ha.Agent.Health;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Engine;
using Ha.Core.Health;
using static Ha.Agent.Tests.Health.Looking;

namespace Ha.Agent.Tests.Health;

/// <summary>Looks side by side: never too many at once, each completed once, whatever they find.</summary>
public sealed class HealthChecksTests
{
    [Fact]
    public void ManyLooks_FourAtOnce_EachIsCompletedOnce()
    {
        using var release = new ManualResetEventSlim();
        var kind = new Scripted(_ =>
        {
            release.Wait(Patience);
            return CheckFinding.Good("fine");
        });
        var ended = new ConcurrentBag<CheckCompleted>();
        using var checks = new HealthChecks(_ => kind, ended.Add);
        for (var number = 1; number <= 20; number++) checks.Run(Asked(number));

        Wait.Until(() => kind.Now == HealthChecks.MaxLooks, "four look");
        Assert.Empty(ended);
        release.Set();
        Wait.Until(() => ended.Count == 20, "all have ended");

        Assert.Equal(HealthChecks.MaxLooks, kind.Most);
        Assert.Equal(Enumerable.Range(1, 20), ended.Select(one => (int)one.Number).Order());
        Assert.All(ended, one => Assert.True(one.IsGood));
    }

    [Theory]
    [InlineData("timeout", "no answer within 60s")]
    [InlineData("socket", "Connection refused")]
    [InlineData("file", "disk gone")]
    [InlineData("denied", "not yours")]
    public void WhatIsRefused_IsWhatWasFound(string what, string expected)
    {
        Exception thrown = what switch
        {
            "timeout" => new TimeoutException(),
            "socket" => new SocketException((int)SocketError.ConnectionRefused),
            "file" => new IOException("disk gone"),
            _ => new UnauthorizedAccessException("not yours"),
        };

        Bad(expected, Once(new Scripted(_ => throw thrown), At(CheckKind.Tcp)));
    }

    [Fact]
    public void AfterTheEnd_NothingIsTaken()
    {
        var checks = new HealthChecks(_ => new Scripted(_ => CheckFinding.Good("")), static _ => { });
        checks.Run(Asked(1));
        checks.Dispose();
        checks.Dispose();

        Assert.Throws<ObjectDisposedException>(() => checks.Run(Asked(2)));
    }

    private static RunCheck Asked(int number) => new() { Number = number, Check = Check(CheckKind.Tcp, Patience) };

    private sealed class Scripted(Func<CheckLook, CheckFinding> look) : ICheckKind
    {
        private int now;
        private int most;

        public int Now => Volatile.Read(ref now);

        public int Most => Volatile.Read(ref most);

        public CheckFinding Look(CheckLook asked)
        {
            var running = Interlocked.Increment(ref now);
            for (var seen = Most; running > seen; seen = Most) Interlocked.CompareExchange(ref most, running, seen);
            try
            {
                return look(asked);
            }
            finally
            {
                Interlocked.Decrement(ref now);
            }
        }
    }
}
