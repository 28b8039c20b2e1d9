namespace Midstream.Releases;

// A copy being made. It owns its names until it is published: whatever ends the making, a kill apart, removes them. After a
// kill the kernel lets go of the owner's lock, which is how the next to open the store knows that nobody will finish it.

internal sealed class Incoming : IDisposable
{
    private readonly FileStream _owner;

    private Incoming(string folder, FileStream owner)
    {
        Folder = folder;
        _owner = owner;
    }

    public string Folder { get; }

    public string Manifest => Folder + ".json";

    /// <summary>Creates the empty folder. The store's lock keeps a repair from meeting it half made.</summary>
    public static Incoming Begin(StoreLayout layout)
    {
        using var held = StoreLock.Acquire(layout);
        var folder = layout.NewIncoming();
        var owner = StoreLock.TryHold(folder + StoreLayout.OwnerSuffix)
            ?? throw new IOException($"'{folder}{StoreLayout.OwnerSuffix}' is locked by another process.");
        var incoming = new Incoming(folder, owner);
        try
        {
            Directory.CreateDirectory(folder);
            return incoming;
        }
        catch
        {
            incoming.Dispose();
            throw;
        }
    }

    /// <summary>Removes the copies whose makers were killed. The caller holds the store's lock.</summary>
    public static void RemoveAbandoned_NeedsLock(StoreLayout layout)
    {
        foreach (var folder in FoldersOfAll(layout))
        {
            if (StoreLock.TryHold(folder + StoreLayout.OwnerSuffix) is { } owner)
                Remove(new Incoming(folder, owner));
        }
    }

    // A leftover that cannot be removed takes room but harms nobody, and must not keep the store from opening.
    private static void Remove(Incoming abandoned)
    {
        using var owner = abandoned._owner;
        try
        {
            abandoned.Dispose();
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            // The next opening tries again.
        }
    }

    // Of a copy's three names any may be left: ".incoming-x", ".incoming-x.json", ".incoming-x.lock".
    private static List<string> FoldersOfAll(StoreLayout layout) =>
        [.. Directory.EnumerateFileSystemEntries(layout.Directory, StoreLayout.IncomingPrefix + "*")
            .Select(path => Path.Combine(layout.Directory, "." + Path.GetFileName(path).Split('.')[1]))
            .Distinct()];

    /// <summary>Removes what was not published. The lock goes last, so that no name is ever left without an owner.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
        File.Delete(Manifest);
        File.Delete(Folder + StoreLayout.OwnerSuffix);
        _owner.Dispose();
    }
}
