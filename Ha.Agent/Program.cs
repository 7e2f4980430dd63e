using Ha.Agent.Commands;

// The name it was called by decides: Heartbeat's commands are links to this program.
var calledAs = Path.GetFileName(File.ReadAllText("/proc/self/cmdline").Split('\0')[0]);
return HeartbeatNames.Run(calledAs, args, AgentPaths.Default) ?? CommandLine.Run(args);
