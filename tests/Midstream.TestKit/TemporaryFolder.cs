namespace Midstream.TestKit;

/// <summary>A folder of a test's own, removed with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    // What a link leads to is not the test's own.
    private static readonly EnumerationOptions s_own =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Makes the folder.</summary>
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    /// <summary>Gets the folder's path.</summary>
    public string Path { get; }

    /// <summary>Gets a path in the folder.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The path; nothing is made there.</returns>
    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a release of its own of a published application: the same program, another content.</summary>
    /// <param name="published">The published folder.</param>
    /// <param name="marker">What makes it different.</param>
    /// <param name="files">More files, by name.</param>
    /// <returns>The release's folder.</returns>
    public string MakeRelease(string published, string marker, params (string Name, string Content)[] files)
    {
        var folder = In($"{System.IO.Path.GetFileName(published)}-{marker}");
        foreach (var source in Directory.EnumerateFiles(published, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(folder, System.IO.Path.GetRelativePath(published, source));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(source, target);
        }

        File.WriteAllText(System.IO.Path.Combine(folder, "release.txt"), marker);
        foreach (var (name, content) in files)
            File.WriteAllText(System.IO.Path.Combine(folder, name), content);
        return folder;
    }

    /// <summary>Removes the folder and what is in it, read-only releases included.</summary>
    public void Dispose()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path, "*", s_own))
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(Path, recursive: true);
    }
}
