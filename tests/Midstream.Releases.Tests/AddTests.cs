using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;

namespace Midstream.Releases.Tests;

public sealed class AddTests : StoreFixture
{
    private const UnixFileMode ReadByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode ExecuteByAll = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    [Fact]
    public async Task Add_FilesFoldersAndLinks_KeepsThemReadOnlyWithTheirExecutableBits()
    {
        Temporary.File("source/app.dll", "code");
        Temporary.File("source/bin/run", "#!/bin/sh\n", executable: true);
        Temporary.Folder("source/uploads");
        Temporary.Link("source/bin/data", "../uploads");

        var release = await AddSourceAsync();

        string At(string path) => Path.Combine(release.Folder, path);
        Assert.Equal("code", File.ReadAllText(At("app.dll")));
        Assert.Equal(ReadByAll, File.GetUnixFileMode(At("app.dll")));
        Assert.Equal(ReadByAll | ExecuteByAll, File.GetUnixFileMode(At("bin/run")));
        Assert.Equal(ReadByAll | ExecuteByAll | UnixFileMode.UserWrite, File.GetUnixFileMode(At("uploads")));
        Assert.Equal(ReadByAll | ExecuteByAll | UnixFileMode.UserWrite, File.GetUnixFileMode(release.Folder));
        Assert.Empty(Directory.EnumerateFileSystemEntries(At("uploads")));
        Assert.Equal("../uploads", new FileInfo(At("bin/data")).LinkTarget);
        Assert.Null(Store.FindDamage(release.Id));
    }

    [Fact]
    public async Task Add_Release_DescribesIt()
    {
        Temporary.File("source/a", "12345");
        Temporary.File("source/b/c", "678");
        var before = DateTimeOffset.UtcNow;

        var release = await AddSourceAsync();

        Assert.Equal(Path.Combine(StoreDirectory, release.Id), release.Folder);
        Assert.Equal(Source, release.Source);
        Assert.InRange(release.AddedAt, before, DateTimeOffset.UtcNow);
        Assert.Equal((8, 2, false), (release.SizeBytes, release.Files, release.AlreadyStored));
        Assert.Equal([release.Id, release.Id + ".json"], NamesInStore());
    }

    [Fact]
    public async Task Add_SameContentAgain_WritesNothingAndSaysSo()
    {
        Temporary.File("source/a", "12345");
        var first = await AddSourceAsync();
        var written = Directory.GetLastWriteTimeUtc(StoreDirectory);

        var second = await AddSourceAsync();

        Assert.Equal(first with { AlreadyStored = true }, second);
        Assert.Equal(written, Directory.GetLastWriteTimeUtc(StoreDirectory)); // No name came or went, not even for a moment.
    }

    [Fact]
    public async Task Add_SameContentAgainButStoredOneDamaged_IsRefused()
    {
        Temporary.File("source/a", "12345");
        var release = await AddSourceAsync();
        TemporaryFolder.MakeWritable(Path.Combine(release.Folder, "a"));
        File.WriteAllText(Path.Combine(release.Folder, "a"), "54321");

        var error = await RefusedAsync(ReleaseStoreFailure.Damaged, AddSourceAsync);

        Assert.Contains("'a' differs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_FileLargerThanManyBuffers_IsCopiedByteForByte()
    {
        var bytes = RandomNumberGenerator.GetBytes((5 << 20) + 17);
        File.WriteAllBytes(Temporary.At("source/large"), bytes);

        var release = await AddSourceAsync();

        Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(release.Folder, "large")));
    }

    [Fact]
    public async Task Add_SourceThroughALink_StoresWhatItLeadsTo()
    {
        Temporary.File("source/a", "1");
        Temporary.Link("current", "source");

        var release = await Store.AddAsync(Temporary.At("current"), CancellationToken.None);

        Assert.Equal((await AddSourceAsync()).Id, release.Id);
    }

    // The writer never rests, so most copies meet a change. Each must be refused or be whole under its own id; one that was
    // stored under the id of other bytes would be damaged from the start.
    [Fact]
    public async Task Add_FileBeingRewritten_IsRefusedOrWholeUnderItsId()
    {
        var path = Temporary.File("source/changing", new string('a', 4 << 20));
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() => RewriteUntilStopped(path, stop.Token));
        var refused = 0;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                Assert.Null(Store.FindDamage((await AddSourceAsync()).Id));
            }
            catch (ReleaseStoreException error)
            {
                Assert.Equal(ReleaseStoreFailure.SourceRefused, error.Failure);
                Assert.Contains("'changing'", error.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        await stop.CancelAsync();
        await writer;

        Assert.True(refused > 0, "No copy met a change.");
        Assert.DoesNotContain(NamesInStore(), name => name.StartsWith(".incoming-", StringComparison.Ordinal));
    }

    // Writing through a memory map leaves the time of the last write alone, so nothing tells that the file changed. What is
    // hashed must then be what was copied: hashing the source would give the copy another's id.
    [Fact]
    public async Task Add_FileChangingWithoutATrace_IsWholeUnderItsId()
    {
        var path = Temporary.File("source/changing", new string('a', 4 << 20));
        using var stop = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        var writer = Task.Run(() => RewriteInMemoryUntilStopped(path, started, stop.Token));
        await started.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var ids = new HashSet<string>();
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var release = await AddSourceAsync();
            Assert.Null(Store.FindDamage(release.Id));
            ids.Add(release.Id);
        }
        await stop.CancelAsync();
        await writer;

        Assert.True(ids.Count > 1, "No copy met a change.");
    }

    [Fact]
    public async Task Add_CancelledInTheMiddle_LeavesNothing()
    {
        for (var file = 0; file < 200; file++)
            Temporary.File($"source/{file}", new string('x', 1 << 16));
        using var cancel = new CancellationTokenSource();
        using var watcher = new FileSystemWatcher(StoreDirectory) { EnableRaisingEvents = true };
        var copying = new TaskCompletionSource();
        watcher.Created += (_, made) =>
        {
            if (made.Name!.StartsWith(".incoming-", StringComparison.Ordinal))
                copying.TrySetResult();
        };

        var adding = Store.AddAsync(Source, cancel.Token);
        await copying.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => adding);
        Assert.Empty(NamesInStore());
    }

    [Fact]
    public async Task Add_ManyAtOnce_StoresEachContentOnce()
    {
        for (var release = 0; release < 3; release++)
            Temporary.File($"sources/{release}/app", $"release {release}");

        var added = await Task.WhenAll(Enumerable.Range(0, 24).Select(
            at => ReleaseStore.Open(StoreDirectory).AddAsync(Temporary.At($"sources/{at % 3}"), CancellationToken.None)));

        Assert.Equal(3, added.Count(release => !release.AlreadyStored));
        Assert.Equal(3, Store.List().Count);
        Assert.Equal(6, NamesInStore().Count);
        Assert.All(Store.List(), release => Assert.Null(Store.FindDamage(release.Id)));
    }

    private static void RewriteUntilStopped(string path, CancellationToken stop)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var bytes = new byte[4 << 20];
        for (byte value = 0; !stop.IsCancellationRequested; value++)
        {
            Array.Fill(bytes, value);
            RandomAccess.Write(file, bytes, 0);
        }
    }

    private static void RewriteInMemoryUntilStopped(string path, TaskCompletionSource started, CancellationToken stop)
    {
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using var view = file.CreateViewAccessor();
        var bytes = new byte[4 << 20];
        for (byte value = 0; !stop.IsCancellationRequested; value++)
        {
            Array.Fill(bytes, value);
            view.WriteArray(0, bytes, 0, bytes.Length);
            started.TrySetResult();
        }
    }
}
