using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ha.Agent.Commands;
using Ha.Agent.Control;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests;

/// <summary><c>ha-agent run</c> as a process of its own, on the loopback interface, with no group to serve.</summary>
public sealed class AgentRunTests
{
    [Fact]
    public void ConfigurationIsWrong_Exit6_EveryMistakeIsNamed_AndNothingIsTouched()
    {
        using var node = new LonelyNode();
        File.WriteAllText(Path.Combine(node.ConfigDirectory, "ha.cf"), "keepalive soon\nfrobnicate yes\n");
        File.SetUnixFileMode(Path.Combine(node.ConfigDirectory, "authkeys"), (UnixFileMode)0b110_100_100);
        var agent = node.Start();
        var error = agent.StandardError.ReadToEnd();
        Assert.True(agent.WaitForExit(60_000), "the agent runs");

        Assert.Equal(6, agent.ExitCode);
        Assert.Contains("ha.cf:1: keepalive", error, StringComparison.Ordinal);
        Assert.Contains("ha.cf:2: frobnicate", error, StringComparison.Ordinal);
        Assert.Contains("authkeys", error, StringComparison.Ordinal);
        Assert.Equal(["etc"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void SecondAgentWithTheSameDirectories_IsRefusedAndNamesTheFirst()
    {
        using var node = new LonelyNode();
        var first = node.Start();
        node.WaitUntilItAnswers(first);
        var second = node.Start();
        var error = second.StandardError.ReadToEnd();
        Assert.True(second.WaitForExit(60_000), "two agents run");

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"process {first.Id}", error, StringComparison.Ordinal);
        node.WaitUntilItAnswers(first);
        Assert.Equal(0, LonelyNode.Terminate(first));
    }

    [Fact]
    public void AgentIsKilledAndStartedAgain_ItReplacesTheSocketAndItsGenerationHasGrown()
    {
        using var node = new LonelyNode();
        var first = node.Start();
        node.WaitUntilItAnswers(first);
        first.Kill();
        first.WaitForExit();

        var before = File.ReadAllText(Path.Combine(node.StateDirectory, "generation"));
        var second = node.Start();
        var snapshot = node.WaitUntilItAnswers(second);

        Assert.Equal(long.Parse(before.Trim(), CultureInfo.InvariantCulture) + 1, snapshot.Generation);
        Assert.Equal(0, LonelyNode.Terminate(second));
        Assert.False(File.Exists(Path.Combine(node.RuntimeDirectory, ControlProtocol.SocketName)));
    }

    [Fact]
    public void Started_SystemdIsToldWhenTheLoopRunsAndWhenItEnds()
    {
        using var node = new LonelyNode();
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var path = Path.Combine(node.Root, "notify");
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        systemd.ReceiveTimeout = 60_000;
        var agent = node.Start(("NOTIFY_SOCKET", path));
        var message = new byte[64];

        Assert.Equal("READY=1", System.Text.Encoding.ASCII.GetString(message, 0, systemd.Receive(message)));
        node.WaitUntilItAnswers(agent);
        Assert.Equal(0, LonelyNode.Terminate(agent));
        Assert.Equal("STOPPING=1", System.Text.Encoding.ASCII.GetString(message, 0, systemd.Receive(message)));
    }

    [Fact]
    public void AgentIsStoppedAndContinued_ItReportsItsOwnPause()
    {
        using var node = new LonelyNode();
        var agent = node.Start();
        node.WaitUntilItAnswers(agent);
        Signal(agent, "STOP");
        // The pause itself is what is tested: nothing in a stopped process can be waited for.
        Thread.Sleep(1500);
        Signal(agent, "CONT");

        node.WaitForEvent(EventKind.LoopStalled);
        Assert.Equal(0, LonelyNode.Terminate(agent));
    }

    [Fact]
    public void HookInTheConfigurationDirectory_IsCalled_AndItsOutcomeIsAnEvent()
    {
        using var node = new LonelyNode();
        var hook = Path.Combine(node.ConfigDirectory, "hooks.d/agentStarted/tell");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.WriteAllText(hook, $"#!/bin/sh\necho $HA_CURHOST $1 > {node.Root}/told\n");
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var agent = node.Start();
        node.WaitUntilItAnswers(agent);

        node.WaitForEvent(EventKind.HooksDone);
        Assert.Equal("one agentStarted\n", File.ReadAllText(Path.Combine(node.Root, "told")));
        Assert.Equal(0, LonelyNode.Terminate(agent));
    }

    [Fact]
    public void HangUp_IsLoggedWithWhatToDo_AndChangesNothing()
    {
        using var node = new LonelyNode();
        var agent = node.Start();
        node.WaitUntilItAnswers(agent);
        Signal(agent, "HUP");
        node.WaitForLog("SIGHUP: the configuration is read at the start only");
        node.WaitUntilItAnswers(agent);
        Assert.Equal(0, LonelyNode.Terminate(agent));
        node.WaitForLog("one has left the cluster");
    }

    [Fact]
    public void StateDirectoryCannotBeWritten_TheStartIsRefusedBeforeAnyPacket()
    {
        using var node = new LonelyNode();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        node.WriteHaCf($"ucast lo 127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port);
        File.WriteAllText(node.StateDirectory, "a file where a directory should be");
        var agent = node.Start();
        var error = agent.StandardError.ReadToEnd();
        Assert.True(agent.WaitForExit(60_000), "the agent runs");

        Assert.Equal(1, agent.ExitCode);
        Assert.Contains("not started", error, StringComparison.Ordinal);
        Assert.Equal(0, listener.Available);
    }

    private static void Signal(Process process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    [Fact]
    public void ConfigurationIsChangedByVerbs_SurvivesARestart_AndDamageRefusesTheStart()
    {
        using var node = new LonelyNode();
        var agent = node.Start();
        node.WaitUntilItAnswers(agent);
        node.WaitForEvent(EventKind.ViewInstalled);
        var (shown, document, _) = node.Ask("config", "show");
        Assert.Equal(0, shown);
        var file = Path.Combine(node.Root, "new.json");
        File.WriteAllText(file, document.Replace(
            "\"options\": {", "\"options\": {\n    \"batchLimit\": 7,", StringComparison.Ordinal));
        Assert.Equal(0, node.Ask("config", "check", file).Code);
        Assert.Equal(0, node.Ask("config", "set", file, "--reason", "less at once", "--wait").Code);

        var history = node.Ask("config", "history").Output.TrimEnd().Split('\n');
        Assert.Equal(2, history.Length);
        Assert.Contains("less at once", history[0], StringComparison.Ordinal);
        Assert.Equal("/options/batchLimit: nothing -> 7\n", node.Ask("config", "diff", "1.0").Output);
        var late = node.Ask("config", "set", file);
        Assert.Equal(4, late.Code);
        Assert.Contains("versionConflict", late.Error, StringComparison.Ordinal);
        File.WriteAllText(file, """{"version":{"epoch":2,"update":0},"resources":[{"id":"a","type":"nonsense"}]}""");
        Assert.All(["check", "set"], verb =>
        {
            var (code, output, error) = node.Ask("config", verb, file);
            Assert.Equal(6, code);
            Assert.Contains("/resources/0/type: ", output + error, StringComparison.Ordinal);
        });
        Assert.Equal(0, node.Ask("config", "rollback", "1.0", "--wait").Code);
        Assert.Equal(0, node.Ask("maintenance", "on", "--wait").Code);
        Assert.Equal(0, LonelyNode.Terminate(agent));

        agent = node.Start();
        var again = node.WaitUntilItAnswers(agent);
        Assert.Equal("3.0", again.ConfigurationVersion);
        Assert.True(again.Maintenance);
        Assert.Equal(0, LonelyNode.Terminate(agent));
        File.WriteAllText(Path.Combine(node.StateDirectory, "cluster.json"), "{\"version\":");
        agent = node.Start();
        var refusal = agent.StandardError.ReadToEnd();
        Assert.True(agent.WaitForExit(60_000), "the agent runs");
        Assert.Equal(6, agent.ExitCode);
        Assert.Contains("cluster.json: document: it is not JSON", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void HealthCheckIsConfigured_TheAgentLooks_AndShowsWhatItFinds()
    {
        using var node = new LonelyNode();
        var agent = node.Start();
        node.WaitUntilItAnswers(agent);
        node.WaitForEvent(EventKind.ViewInstalled);
        Assert.Contains("No health checks are configured", node.Ask("checks").Output, StringComparison.Ordinal);
        var file = Path.Combine(node.Root, "new.json");
        var ready = Path.Combine(node.Root, "ready");
        File.WriteAllText(file, node.Ask("config", "show").Output.Replace("\"options\": {",
            "\"checks\": [ { \"id\": \"ready\", \"type\": \"file\", \"parameters\": { \"path\": \"" + ready + "\" }, "
                + "\"interval\": \"2s\", \"fall\": 1, \"rise\": 1 } ],\n  \"options\": {", StringComparison.Ordinal));
        Assert.Equal(0, node.Ask("config", "set", file, "--wait").Code);

        node.WaitForEvent(EventKind.CheckFailed);
        Assert.Contains("\n  one  UNHEALTHY", node.Ask("checks").Output, StringComparison.Ordinal);
        File.WriteAllText(ready, "");
        node.WaitForEvent(EventKind.CheckRecovered);
        Assert.Contains("\"state\":\"healthy\"", node.Ask("checks", "--json").Output, StringComparison.Ordinal);
        Assert.Equal(0, node.Ask("config", "rollback", "1.0", "--wait").Code);
        Assert.Contains("No health checks are configured", node.Ask("checks").Output, StringComparison.Ordinal);
        Assert.Equal(0, LonelyNode.Terminate(agent));
    }

    /// <summary>A node on the loopback interface with directories of its own, which hears only itself.</summary>
    private sealed class LonelyNode : IDisposable
    {
        private readonly List<Process> started = [];

        public LonelyNode()
        {
            Directory.CreateDirectory(ConfigDirectory);
            WriteHaCf("ucast lo 127.0.0.1", LoopbackPort.Free());
            var keys = Path.Combine(ConfigDirectory, "authkeys");
            File.WriteAllText(keys, "auth 1\n1 sha256 a-key-for-tests-only\n");
            File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllText(Path.Combine(ConfigDirectory, "haresources"), "");
        }

        public string Root { get; } = Directory.CreateTempSubdirectory("hl-agent-").FullName;

        public string ConfigDirectory => Path.Combine(Root, "etc");

        public string StateDirectory => Path.Combine(Root, "state");

        public string RuntimeDirectory => Path.Combine(Root, "run");

        public static int Terminate(Process agent)
        {
            Signal(agent, "TERM");
            Assert.True(agent.WaitForExit(60_000), "the agent does not end on SIGTERM");
            return agent.ExitCode;
        }

        public void WriteHaCf(string medium, int port) => File.WriteAllText(Path.Combine(ConfigDirectory, "ha.cf"),
            $"keepalive 100ms\ndeadtime 800ms\nwarntime 400ms\ninitdead 1\nudpport {port}\n{medium}\n" +
            $"auto_failback on\nnode one\nnode two\nlogfile {Root}/ha-log\n");

        public Process Start(params (string Name, string Value)[] environment)
        {
            var start = new ProcessStartInfo(AgentProgram.Path,
            [
                "run", "--node", "one", "--config-dir", ConfigDirectory, "--state-dir", StateDirectory,
                "--runtime-dir", RuntimeDirectory,
            ])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            foreach (var (name, value) in environment) start.Environment[name] = value;
            var process = Process.Start(start)!;
            started.Add(process);
            return process;
        }

        /// <summary>Runs a verb against this node's agent.</summary>
        public (int Code, string Output, string Error) Ask(params string[] arguments)
        {
            using var process = AgentProgram.Start(AgentProgram.Path,
            [
                .. arguments, "--node", "one", "--config-dir", ConfigDirectory, "--state-dir", StateDirectory,
                "--runtime-dir", RuntimeDirectory,
            ]);
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(60_000), "the verb hangs");
            return (process.ExitCode, output, error.Result);
        }

        public ClusterSnapshot WaitUntilItAnswers(Process agent)
        {
            var clock = Stopwatch.StartNew();
            while (true)
            {
                Assert.False(agent.HasExited, agent.HasExited ? agent.StandardError.ReadToEnd() : "");
                try
                {
                    using var client = ControlClient.Connect(RuntimeDirectory);
                    return ReportCommands.Snapshot(client);
                }
                catch (Exception e) when (e is NotRunningException or RequestFailedException)
                {
                    if (clock.Elapsed > TimeSpan.FromSeconds(60)) throw;
                    Thread.Sleep(20);
                }
            }
        }

        public void WaitForLog(string text)
        {
            var clock = Stopwatch.StartNew();
            while (!File.ReadAllText(Path.Combine(Root, "ha-log")).Contains(text, StringComparison.Ordinal))
            {
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"not logged: {text}");
                Thread.Sleep(20);
            }
        }

        public void WaitForEvent(EventKind kind)
        {
            using var client = ControlClient.Connect(RuntimeDirectory);
            client.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Subscribe, After = 0 });
            var clock = Stopwatch.StartNew();
            while (client.Next(TimeSpan.FromSeconds(15))?.Entry?.Event.Kind != kind)
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"no event {kind}");
        }

        public void Dispose()
        {
            foreach (var process in started)
            {
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }

            Directory.Delete(Root, recursive: true);
        }
    }
}
