namespace Midstream.TestKit;

/// <summary>Where things are in this repository: the built program, and the applications that tests deploy.</summary>
public static class Repository
{
    /// <summary>Gets the repository's root, the folder with the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Gets the program under test, which eng/build.sh leaves there.</summary>
    public static string Program => Existing(Path.Combine(Root, "artifacts", "midstream", "midstream"));

    /// <summary>Gets the published folder of an application.</summary>
    /// <param name="project">The project's folder below the root, as <c>tests/TestApps/Echo</c>.</param>
    /// <returns>The folder, which eng/build.sh leaves under artifacts/apps; not to be written to.</returns>
    public static string Published(string project) =>
        Existing(Path.Combine(Root, "artifacts", "apps", project.Replace('/', '-')));

    private static string Existing(string path) => File.Exists(path) || Directory.Exists(path)
        ? path
        : throw new InvalidOperationException($"{path} is missing: run eng/build.sh first.");

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Midstream.slnx")))
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        return folder;
    }
}
