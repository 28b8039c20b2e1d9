using System.Runtime.CompilerServices;

namespace Midstream.Releases.Tests;

// A store and a source beside each other, the way every test of the store begins.

public abstract class StoreFixture : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    protected StoreFixture()
    {
        Source = _temporary.Folder("source");
        StoreDirectory = _temporary.At("store");
        Store = ReleaseStore.Open(StoreDirectory);
    }

    internal TemporaryFolder Temporary => _temporary;

    protected string Source { get; }

    protected string StoreDirectory { get; }

    protected ReleaseStore Store { get; }

    protected Task<StoredRelease> AddSourceAsync() => Store.AddAsync(Source, CancellationToken.None);

    /// <summary>Everything the store's directory holds, apart from the lock file that stays.</summary>
    protected IReadOnlyList<string> NamesInStore() =>
        [.. Directory.EnumerateFileSystemEntries(StoreDirectory).Select(path => Path.GetFileName(path)!)
            .Where(name => name != ".lock").Order(StringComparer.Ordinal)];

    protected static async Task<ReleaseStoreException> RefusedAsync(
        ReleaseStoreFailure expected, Func<Task> action, [CallerArgumentExpression(nameof(action))] string what = "")
    {
        var error = await Assert.ThrowsAsync<ReleaseStoreException>(action);
        Assert.True(expected == error.Failure, $"{what}: {error.Failure} instead of {expected}: {error.Message}");
        return error;
    }

    public void Dispose()
    {
        _temporary.Dispose();
        GC.SuppressFinalize(this);
    }
}
