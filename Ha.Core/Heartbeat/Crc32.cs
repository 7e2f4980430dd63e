using System.Buffers.Binary;

namespace Ha.Core.Heartbeat;

/// <summary>
/// The CRC-32 of Heartbeat's <c>crc</c> method: polynomial 04C11DB7, most significant bit first, initial value 0,
/// complemented at the end. It is POSIX <c>cksum</c> without the appended length. Eight bytes at a time, because
/// simulated clusters sign with it.
/// </summary>
internal static class Crc32
{
    private const int Stride = 8;

    // Row n: what a byte becomes when n more bytes follow it.
    private static readonly uint[][] Tables = CreateTables();

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var tables = Tables;
        var crc = 0u;
        for (; data.Length >= Stride; data = data[Stride..])
        {
            var high = crc ^ BinaryPrimitives.ReadUInt32BigEndian(data);
            var low = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
            crc = tables[7][high >> 24] ^ tables[6][(byte)(high >> 16)]
                ^ tables[5][(byte)(high >> 8)] ^ tables[4][(byte)high]
                ^ tables[3][low >> 24] ^ tables[2][(byte)(low >> 16)]
                ^ tables[1][(byte)(low >> 8)] ^ tables[0][(byte)low];
        }

        foreach (var value in data) crc = (crc << 8) ^ tables[0][(byte)(crc >> 24) ^ value];
        return ~crc;
    }

    private static uint[][] CreateTables()
    {
        var tables = new uint[Stride][];
        for (var row = 0; row < Stride; row++) tables[row] = new uint[256];
        for (var index = 0u; index < 256; index++)
        {
            var entry = index << 24;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry & 0x80000000) == 0 ? entry << 1 : (entry << 1) ^ 0x04C11DB7;
            tables[0][index] = entry;
        }

        for (var row = 1; row < Stride; row++)
        {
            for (var index = 0; index < 256; index++)
            {
                var before = tables[row - 1][index];
                tables[row][index] = (before << 8) ^ tables[0][before >> 24];
            }
        }

        return tables;
    }
}
