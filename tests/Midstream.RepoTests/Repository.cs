// The repository as the rules see it: the files a person wrote, by their paths from the root.

namespace Midstream.RepoTests;

internal static class Repository
{
    private const string Marker = "Midstream.slnx";
    private static readonly HashSet<string> s_notWritten =
        ["bin", "obj", "artifacts", "node_modules", "TestResults", ".git", ".dotnet", ".vs", ".vscode", ".idea"];

    private static readonly string s_root = FindRoot();

    public static IReadOnlyList<RepoFile> Files { get; } = [.. Read(new DirectoryInfo(s_root))];

    public static bool Exists(string path) => Path.Exists(Path.Combine(s_root, path));

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, Marker)))
                return directory.FullName;
        }

        throw new InvalidOperationException($"No directory above {AppContext.BaseDirectory} holds {Marker}.");
    }

    private static IEnumerable<RepoFile> Read(DirectoryInfo directory) =>
        directory.EnumerateFiles().Where(RepoFile.IsText).Select(file => RepoFile.Load(s_root, file))
            .Concat(directory.EnumerateDirectories().Where(child => !s_notWritten.Contains(child.Name)).SelectMany(Read));
}
