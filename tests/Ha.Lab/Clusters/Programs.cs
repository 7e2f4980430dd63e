namespace Ha.Lab.Clusters;

/// <summary>Where the published programs of this project are.</summary>
public static class Programs
{
    /// <summary>Top folder of the repository.</summary>
    public static string RepositoryRoot { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>Each program with its folder; a node shows the folder as <c>/run/lab/NAME</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">It has not been published yet.</exception>
    public static IReadOnlyDictionary<string, string> Published { get; } = new SortedDictionary<string, string>
    {
        ["ha-agent"] = Folder("ha-agent"),
        ["ha-api"] = Folder("ha-api"),
        ["ha-web"] = Folder("ha-web"),
    };

    private static string Folder(string name)
    {
        var folder = Path.Combine(RepositoryRoot, "artifacts", "programs", name);
        return Directory.Exists(folder)
            ? folder
            : throw new DirectoryNotFoundException(
                $"{folder} is missing: ./test.sh and ./run.sh publish the programs there");
    }

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "HaAppliance.sln"))
            ? folder
            : FindRoot(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder))
                ?? throw new DirectoryNotFoundException("HaAppliance.sln is in no folder above the program"));
}
