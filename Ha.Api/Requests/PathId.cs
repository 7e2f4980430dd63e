namespace Ha.Api.Requests;

/// <summary>
/// Ids with slashes in a path: clients percent-encode them, and the server leaves exactly the slash encoded, so that
/// <c>192.168.1.100%2F24%2Feth0%3A0</c> arrives as <c>192.168.1.100%2F24%2Feth0:0</c>.
/// </summary>
internal static class PathId
{
    public static string Decode(string routeValue) =>
        routeValue.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    public static string Encode(string id) => Uri.EscapeDataString(id);
}
