namespace Midstream.Bench.Processes;

/// <summary>Removes the folders of peers that have ended.</summary>
internal static class TemporaryFolders
{
    /// <summary>Deletes a folder with all that is in it: a store's releases are read-only, their folders included.</summary>
    /// <param name="folder">The folder.</param>
    public static void Delete(string folder)
    {
        foreach (var directory in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).ToList())
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(folder, recursive: true);
    }
}
