namespace Ha.Core.Heartbeat;

/// <summary>Signature methods of authkeys. Stronger methods have greater values.</summary>
public enum AuthenticationMethod
{
    /// <summary>CRC-32, no secret: notices accidents, not attackers.</summary>
    Crc = 0,

    /// <summary>HMAC-MD5.</summary>
    Md5 = 1,

    /// <summary>HMAC-SHA1.</summary>
    Sha1 = 2,

    /// <summary>HMAC-SHA256: our own addition, the default of new clusters. Heartbeat does not know it.</summary>
    Sha256 = 3,
}

/// <summary>One key of authkeys. The secret never appears in text.</summary>
/// <param name="id">Key id, 0 to 15.</param>
/// <param name="method">Signature method.</param>
/// <param name="secret">Secret; empty for crc.</param>
public sealed class AuthenticationKey(int id, AuthenticationMethod method, ReadOnlyMemory<byte> secret)
{
    /// <summary>Key id, 0 to 15.</summary>
    public int Id { get; } = id;

    /// <summary>Signature method.</summary>
    public AuthenticationMethod Method { get; } = method;

    /// <summary>Secret; empty for crc.</summary>
    internal ReadOnlyMemory<byte> Secret { get; } = secret;

    /// <summary>Id and method, never the secret.</summary>
    public override string ToString() => $"key {Id} ({Method})";
}

/// <summary>
/// The keys a node signs with and accepts. A packet names its key id; it is accepted only when that key is no weaker
/// than the active one (the floor): a left-over <c>crc</c> line does not switch authentication off.
/// </summary>
public sealed class AuthenticationKeys
{
    private readonly AuthenticationKey?[] byId = new AuthenticationKey?[16];

    /// <summary>Takes the keys of one authkeys file.</summary>
    /// <param name="activeId">The id that <c>auth</c> names.</param>
    /// <param name="keys">All keys; a later one of the same id replaces an earlier one.</param>
    /// <exception cref="ArgumentException">The active id is not among the keys, or an id is out of range.</exception>
    public AuthenticationKeys(int activeId, IEnumerable<AuthenticationKey> keys)
    {
        foreach (var key in keys)
        {
            if (key.Id is < 0 or > 15) throw new ArgumentException($"key id {key.Id} is not in 0..15", nameof(keys));
            byId[key.Id] = key;
        }

        Active = activeId is >= 0 and <= 15 && byId[activeId] is { } active
            ? active
            : throw new ArgumentException($"no key has the active id {activeId}", nameof(activeId));
    }

    /// <summary>The key that outgoing packets are signed with.</summary>
    public AuthenticationKey Active { get; }

    /// <summary>Whether there is a key of this id, strong enough or not.</summary>
    public bool Knows(int id) => id is >= 0 and <= 15 && byId[id] is not null;

    /// <summary>The key of an id that may be accepted; null when there is none or it is too weak.</summary>
    public AuthenticationKey? Acceptable(int id) =>
        id is >= 0 and <= 15 && byId[id] is { } key && key.Method >= Active.Method ? key : null;
}
