namespace Midstream.TestKit;

/// <summary>
/// A disk of a few bytes under a folder, for those who enter it: a tmpfs in a mount namespace of its own, which the test reaches
/// through /proc. It is there for as long as this object, whoever comes and goes in it.
/// </summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly RunningProgram _keeper;

    private SmallDisk(RunningProgram keeper) => _keeper = keeper;

    private static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>Gets the command, and its arguments, that starts the program named after them with the disk in its
    /// place.</summary>
    public IReadOnlyList<string> Enter => IsRoot
        ? ["nsenter", "--target", $"{_keeper.Pid}", "--mount"]
        : ["nsenter", "--target", $"{_keeper.Pid}", "--mount", "--user", "--preserve-credentials"];

    /// <summary>Mounts a disk.</summary>
    /// <param name="folder">The folder, which is made.</param>
    /// <param name="sizeBytes">Its size, in bytes.</param>
    /// <returns>The disk.</returns>
    public static async Task<SmallDisk> MountAsync(string folder, long sizeBytes)
    {
        Directory.CreateDirectory(folder);
        // Without root the user namespace gives the right to mount.
        string[] unshare = IsRoot ? ["--mount"] : ["--mount", "--user", "--map-root-user"];
        var mount = $"mount -t tmpfs -o size={sizeBytes} small \"$0\" && echo mounted && exec sleep 1000000";
        var keeper = RunningProgram.Start("unshare", [.. unshare, "sh", "-c", mount, folder]);
        await keeper.WaitForTextAsync("mounted");
        return new SmallDisk(keeper);
    }

    /// <summary>Says how the test reaches a path that those inside have.</summary>
    /// <param name="path">The path inside.</param>
    /// <returns>The path outside.</returns>
    public string Outside(string path) => $"/proc/{_keeper.Pid}/root{path}";

    /// <summary>Lets the disk go; it is gone when nobody is inside any more.</summary>
    /// <returns>A task that ends when it is done.</returns>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();
}
