using System.Collections.Concurrent;
using System.Text;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>
/// Whether a file is there (or not), young enough, and contains a text. A file system that hangs holds the thread that
/// asks, and no kernel call ends that: so each look has a thread of its own, and a check whose last thread still hangs
/// fails without another.
/// </summary>
/// <param name="time">Judges the age.</param>
internal sealed class FileCheck(TimeProvider time) : ICheckKind
{
    private const int LongestContent = 64 * 1024;

    private readonly ConcurrentDictionary<string, Thread> hanging = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public CheckFinding Look(CheckLook look)
    {
        var path = look.Parameter(CheckParameters.Path);
        if (hanging.TryGetValue(look.Check.Id, out var last))
        {
            if (last.IsAlive) return Hangs(path);
            hanging.TryRemove(look.Check.Id, out _);
        }

        CheckFinding? found = null;
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                found = Judge(look, path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                thrown = e;
            }
        }) { IsBackground = true, Name = $"check {look.Check.Id}" };
        thread.Start();
        if (!thread.Join(look.Left))
        {
            hanging[look.Check.Id] = thread;
            return Hangs(path);
        }

        return found ?? CheckFinding.Bad(thrown!.Message);
    }

    private static CheckFinding Hangs(string path) =>
        CheckFinding.Bad($"{path} cannot be looked at: its file system hangs");

    private CheckFinding Judge(CheckLook look, string path)
    {
        var file = new FileInfo(path);
        if (look.Parameter(CheckParameters.State) == CheckParameters.Absent)
            return file.Exists || Directory.Exists(path) ? CheckFinding.Bad($"{path} is there")
                : CheckFinding.Good($"{path} is not there");
        if (!file.Exists)
            return Directory.Exists(path) && !look.Check.Parameters.ContainsKey(CheckParameters.Contains)
                ? CheckFinding.Good($"{path} is there") : CheckFinding.Bad($"{path} is not there");
        if (look.Parameter(CheckParameters.MaxAge) is { Length: > 0 } age)
        {
            var most = DurationText.TryParse(age)!.Value;
            if (time.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc > most)
                return CheckFinding.Bad($"{path} was written last at {file.LastWriteTimeUtc:yyyy-MM-dd HH:mm:ss} UTC, "
                    + $"longer than {age} ago");
        }

        return look.Parameter(CheckParameters.Contains) is { Length: > 0 } wanted ? Search(path, wanted)
            : CheckFinding.Good($"{path} is there");
    }

    private static CheckFinding Search(string path, string wanted)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[LongestContent];
        var length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return content.AsSpan(0, length).IndexOf(Encoding.UTF8.GetBytes(wanted)) >= 0
            ? CheckFinding.Good($"{path} contains the text")
            : CheckFinding.Bad($"{path} does not contain '{wanted}'");
    }
}
