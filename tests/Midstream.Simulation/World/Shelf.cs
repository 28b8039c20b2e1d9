// The store of releases of a simulated world.

using Midstream.Releases;
using Midstream.Simulation.Scheduling;

namespace Midstream.Simulation.World;

internal sealed class Shelf(Machine machine)
{
    private readonly List<StoredRelease> _stored = [];

    internal IReadOnlyList<StoredRelease> Stored => _stored;

    internal StoredRelease Add(string folder)
    {
        var id = folder[(folder.LastIndexOf('/') + 1)..];
        if (machine.FindRelease(id) is null)
            throw new ReleaseStoreException(ReleaseStoreFailure.SourceNotFound, $"{folder} does not exist.");
        if (_stored.Find(known => known.Id == id) is { } there)
            return there with { AlreadyStored = true };
        if (machine.Disk.IsFull)
            throw new ReleaseStoreException(ReleaseStoreFailure.DiskFull, "There is no room left.");
        var added = new StoredRelease(id, folder, folder, DateTimeOffset.UnixEpoch, 1, 1);
        _stored.Insert(0, added);
        return added;
    }

    internal void Remove(StoredRelease release) => _stored.Remove(release);
}

/// <summary>The store as one supervisor reaches it.</summary>
internal sealed class ShelfOf(Era era, Machine machine) : IReleaseStore
{
    public async Task<StoredRelease> AddAsync(string sourceFolder, CancellationToken cancellationToken)
    {
        await Task.Delay(machine.Latency(TimeSpan.FromMilliseconds(50)), era.Time, cancellationToken);
        StoredRelease? added = null;
        return era.TryAffect(() => added = machine.Shelf.Add(sourceFolder)) ? added! : throw new OperationCanceledException();
    }

    public IReadOnlyList<StoredRelease> List() => machine.Shelf.Stored;

    public StoredRelease Find(string idOrPrefix) => machine.Shelf.Stored.FirstOrDefault(known => known.Id == idOrPrefix)
        ?? throw new ReleaseStoreException(ReleaseStoreFailure.NotFound, $"There is no release {idOrPrefix}.");

    public string? FindDamage(string id) => null;

    public IReadOnlyList<string> Prune(int keep, IReadOnlySet<string> inUse)
    {
        var removed = machine.Shelf.Stored.Skip(keep).Where(known => !inUse.Contains(known.Id)).ToList();
        era.TryAffect(() => removed.ForEach(machine.Shelf.Remove));
        return removed.ConvertAll(known => known.Id);
    }
}
