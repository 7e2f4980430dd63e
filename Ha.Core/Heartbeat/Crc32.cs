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

    private const int Row = 256;

    // Row n: what a byte becomes when n more bytes follow it. All rows in one array of constant length: no bounds are
    // checked and no row is looked up within the loop.
    private static readonly uint[] Table = CreateTable();

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var table = Table;
        var crc = 0u;
        for (; data.Length >= Stride; data = data[Stride..])
        {
            // What does not wait for the last round comes first.
            var late = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
            var ready = table[(3 * Row) + (byte)(late >> 24)] ^ table[(2 * Row) + (byte)(late >> 16)]
                ^ table[Row + (byte)(late >> 8)] ^ table[(byte)late];
            var next = BinaryPrimitives.ReadUInt32BigEndian(data) ^ crc;
            crc = (ready ^ table[(7 * Row) + (byte)(next >> 24)] ^ table[(6 * Row) + (byte)(next >> 16)])
                ^ (table[(5 * Row) + (byte)(next >> 8)] ^ table[(4 * Row) + (byte)next]);
        }

        foreach (var value in data) crc = (crc << 8) ^ table[(byte)(crc >> 24) ^ value];
        return ~crc;
    }

    private static uint[] CreateTable()
    {
        var table = new uint[Stride * Row];
        for (var index = 0u; index < Row; index++)
        {
            var entry = index << 24;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry & 0x80000000) == 0 ? entry << 1 : (entry << 1) ^ 0x04C11DB7;
            table[index] = entry;
        }

        for (var index = Row; index < table.Length; index++)
        {
            var before = table[index - Row];
            table[index] = (before << 8) ^ table[before >> 24];
        }

        return table;
    }
}
