using System.Text;
using Ha.Core.Heartbeat;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>A datagram that a real Heartbeat 3.0.6 sent, with what another decoder read from it.</summary>
public sealed class Vector
{
    public static IReadOnlyList<Vector> All { get; } = Read();

    public static TheoryData<string> Names => new(All.Select(vector => vector.Name));

    public required string Name { get; init; }

    public required AuthenticationKey Key { get; init; }

    public required List<(FieldType Type, string Name, byte[] Value)> Fields { get; init; }

    public string? Inner { get; set; }

    public string Outer { get; set; } = "";

    public byte[] Datagram { get; set; } = [];

    public AuthenticationKeys Keys => new(Key.Id, [Key]);

    public static Vector Named(string name) => All.Single(vector => vector.Name == name);

    /// <summary>Writes the fields into an encoder, each by the method for its kind.</summary>
    public void Encode(MessageEncoder encoder)
    {
        encoder.Begin();
        foreach (var (type, name, value) in Fields)
        {
            if (type == FieldType.Text) encoder.Add(Encoding.ASCII.GetBytes(name), value);
            else encoder.AddUuid(Encoding.ASCII.GetBytes(name), new Guid(value, bigEndian: true));
        }
    }

    public override string ToString() => Name;

    private static List<Vector> Read()
    {
        var vectors = new List<Vector>();
        using var stream = typeof(Vector).Assembly.GetManifestResourceStream("Ha.Core.Tests.Heartbeat.vectors.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var (word, rest) = (line[..line.IndexOf(' ')], line[(line.IndexOf(' ') + 1)..]);
            if (word == "vector") vectors.Add(Begin(rest.Split(' ')));
            else ReadLine(vectors[^1], word, rest);
        }

        return vectors;
    }

    private static Vector Begin(string[] words) => new()
    {
        Name = words[0],
        Key = new AuthenticationKey(
            int.Parse(words[1]),
            Enum.Parse<AuthenticationMethod>(words[2], ignoreCase: true),
            Encoding.ASCII.GetBytes(words.Length > 3 ? words[3] : "")),
        Fields = [],
    };

    private static void ReadLine(Vector vector, string word, string rest)
    {
        var equals = rest.IndexOf('=');
        switch (word)
        {
            case "text":
                vector.Fields.Add((FieldType.Text, rest[..equals], Encoding.ASCII.GetBytes(rest[(equals + 2)..^1])));
                break;
            case "uuid":
                vector.Fields.Add((FieldType.Binary, rest[..equals], Convert.FromHexString(rest[(equals + 1)..])));
                break;
            case "inner":
                vector.Inner = rest.Replace("\\n", "\n");
                break;
            case "outer":
                vector.Outer = rest;
                break;
            case "hex":
                vector.Datagram = [.. vector.Datagram, .. Convert.FromHexString(rest)];
                break;
            default:
                throw new FormatException($"vectors.txt: {word}");
        }
    }
}
