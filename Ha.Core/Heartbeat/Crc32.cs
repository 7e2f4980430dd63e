namespace Ha.Core.Heartbeat;

/// <summary>
/// The CRC-32 of Heartbeat's <c>crc</c> method: polynomial 04C11DB7, most significant bit first, initial value 0,
/// complemented at the end. It is POSIX <c>cksum</c> without the appended length.
/// </summary>
internal static class Crc32
{
    private static readonly uint[] Table = CreateTable();

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = 0u;
        foreach (var value in data) crc = (crc << 8) ^ Table[(byte)(crc >> 24) ^ value];
        return ~crc;
    }

    private static uint[] CreateTable()
    {
        var table = new uint[256];
        for (var index = 0u; index < table.Length; index++)
        {
            var entry = index << 24;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry & 0x80000000) == 0 ? entry << 1 : (entry << 1) ^ 0x04C11DB7;
            table[index] = entry;
        }

        return table;
    }
}
