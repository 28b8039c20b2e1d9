namespace Midstream.Releases.Tests;

// A folder of its own for every test, with short ways to put things into it.

internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("midstream-releases-").FullName;

    public string Path { get; }

    public string At(string relative) => System.IO.Path.Combine(Path, relative);

    public string Folder(string relative) => Directory.CreateDirectory(At(relative)).FullName;

    public string File(string relative, string content = "content", bool executable = false)
    {
        var path = At(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        if (executable)
            MakeExecutable(path);
        return path;
    }

    public void Link(string relative, string target)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(relative))!);
        System.IO.File.CreateSymbolicLink(At(relative), target);
    }

    public static void MakeExecutable(string path) =>
        System.IO.File.SetUnixFileMode(path, System.IO.File.GetUnixFileMode(path) | UnixFileMode.UserExecute);

    public static void MakeWritable(string path) =>
        System.IO.File.SetUnixFileMode(path, System.IO.File.GetUnixFileMode(path) | UnixFileMode.UserWrite);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
