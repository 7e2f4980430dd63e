using System.Security.Cryptography;

namespace Ha.Web.Components;

/// <summary>
/// Addresses of the files in wwwroot, each with a word that changes with its content: an update is seen at once.
/// </summary>
internal static class PageFiles
{
    public static string Style { get; } = Versioned("app.css");

    public static string Script { get; } = Versioned("app.js");

    public static string Theme { get; } = Versioned("theme.js");

    public static string Icon { get; } = Versioned("icon.svg");

    private static string Versioned(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "wwwroot", "assets", file);
        return $"assets/{file}?v={Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))[..12]}";
    }
}
