using System.Security.Cryptography;
using System.Text;

namespace Ha.Agent.State;

/// <summary>
/// This node's UUID: 16 raw bytes, created once and kept, as Heartbeat's <c>hb_uuid</c> (PROTOCOL.md 5.1).
/// </summary>
/// <param name="path">Path of the file.</param>
internal sealed class UuidFile(string path)
{
    private const int Length = 16;
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What was wrong with the file, for the log; null when nothing.</summary>
    public string? Warning { get; private set; }

    /// <summary>
    /// Reads it, or creates it. A damaged file is put aside and replaced: peers note the change and accept it, while a
    /// node that refuses to start would be worth less.
    /// </summary>
    /// <exception cref="StateException">It cannot be read or written.</exception>
    public Guid ReadOrCreate()
    {
        var content = DurableFile.Read(path, Length);
        if (content is { Length: Length } && content.AsSpan().ContainsAnyExcept((byte)0))
            return new Guid(content, bigEndian: true);
        var created = Guid.NewGuid();
        if (content is not null)
        {
            DurableFile.Replace(path + ".damaged", content, Mode);
            Warning = $"{path} held no UUID (16 bytes); it is kept as {path}.damaged, and this node is {created} "
                + "from now on.";
        }

        DurableFile.Replace(path, created.ToByteArray(bigEndian: true), Mode);
        return created;
    }

    /// <summary>
    /// The UUID of <c>uuidfrom nodename</c>: the same for a name on every machine (RFC 9562 version 8).
    /// </summary>
    /// <param name="node">Node name, lower case.</param>
    public static Guid FromNodeName(string node)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes("ha-appliance node " + node), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..Length], bigEndian: true);
    }
}
