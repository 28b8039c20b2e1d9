using System.Runtime.InteropServices;

namespace Midstream.Linux.Tests;

public sealed class FileTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Write_OverAnExistingFile_ReplacesContentAndMode()
    {
        using var scene = new Scene();
        var path = scene.PathOf("state.json");
        AtomicFile.Write(path, "old and longer"u8, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        using var oldReader = File.OpenRead(path);
        AtomicFile.Write(path, "new"u8, OwnerOnly);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        using var text = new StreamReader(oldReader);
        Assert.Equal("old and longer", text.ReadToEnd()); // Whoever had it open has a whole file still.
        Assert.Single(Directory.GetFileSystemEntries(scene.Folder));
    }

    [Fact]
    public void Write_FolderMissing_SaysWhich()
    {
        using var scene = new Scene();
        var failure = Assert.Throws<LinuxException>(() => AtomicFile.Write(scene.PathOf("no/file"), "x"u8, OwnerOnly));
        Assert.Equal(Errno.ENOENT, failure.Errno);
    }

    [Fact]
    public void Write_OverAFolder_FailsAndLeavesNothing()
    {
        using var scene = new Scene();
        Directory.CreateDirectory(scene.PathOf("folder"));
        Assert.Throws<LinuxException>(() => AtomicFile.Write(scene.PathOf("folder"), "x"u8, OwnerOnly));
        Assert.Equal([scene.PathOf("folder")], Directory.GetFileSystemEntries(scene.Folder));
    }

    [Fact]
    public void Write_BeyondTheFileSizeLimit_KeepsTheOldAndLeavesNothing()
    {
        using var scene = new Scene();
        var path = scene.PathOf("state.json");
        AtomicFile.Write(path, "old"u8, OwnerOnly);
        using (ResourceLimit.OnFileSize(4096))
        {
            var failure = Assert.Throws<LinuxException>(() => AtomicFile.Write(path, new byte[10_000], OwnerOnly));
            Assert.Equal(Errno.EFBIG, failure.Errno);
        }

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(scene.Folder));
    }

    [Fact]
    public void Write_DiskFull_KeepsTheOldAndLeavesNothing()
    {
        using var disk = SmallDisk.TryMount();
        Assert.SkipUnless(disk is not null, "mounting a small disk needs root; the file size limit stands in for it, above");
        var path = Path.Combine(disk.Folder, "state.json");
        AtomicFile.Write(path, "old"u8, OwnerOnly);
        var failure = Assert.Throws<LinuxException>(() => AtomicFile.Write(path, new byte[1 << 20], OwnerOnly));
        Assert.Equal(Errno.ENOSPC, failure.Errno);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(disk.Folder));
        AtomicFile.Write(path, "fits again"u8, OwnerOnly);
    }

    [Fact]
    public async Task RemoveAbandoned_OfAWriterThatWasKilled_RemovesItsFileAndNoOther()
    {
        using var scene = new Scene();
        var path = scene.PathOf("state.json");
        // The name is the writer's own, as it is seen from outside.
        var made = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(scene.Folder) { EnableRaisingEvents = true };
        watcher.Created += (_, created) => made.TrySetResult(created.FullPath);
        AtomicFile.Write(path, "whole"u8, OwnerOnly);
        var temporary = await made.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.NotEqual(path, temporary);
        File.WriteAllText(temporary, "ha");
        File.WriteAllText(scene.PathOf(".mine"), "");

        AtomicFile.RemoveAbandoned(scene.Folder);

        Assert.Equal(
            [scene.PathOf(".mine"), path], Directory.GetFileSystemEntries(scene.Folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Append_SeveralLines_AreReadBack()
    {
        using var scene = new Scene();
        var path = scene.PathOf("ledger.jsonl");
        using (var log = DurableLog.Open(path, OwnerOnly))
        {
            log.Append("one"u8);
            log.Append("two"u8);
        }

        using (var log = DurableLog.Open(path, OwnerOnly))
        {
            Assert.Equal(0, log.TornBytes);
            log.Append("three"u8);
            Assert.Throws<ArgumentException>(() => log.Append("a\nb"u8));
        }

        Assert.Equal(["one", "two", "three"], File.ReadAllLines(path));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("one\ntwo\ntorn", 4)]
    [InlineData("torn", 4)]
    [InlineData("", 0)]
    public void Open_TornLastLine_IsCut(string content, int torn)
    {
        using var scene = new Scene();
        var path = scene.PathOf("log");
        File.WriteAllText(path, content);
        using (var log = DurableLog.Open(path, OwnerOnly))
        {
            Assert.Equal(torn, log.TornBytes);
            log.Append("next"u8);
        }

        Assert.Equal(content[..^torn] + "next\n", File.ReadAllText(path));
    }

    [Fact]
    public void Open_TornLineLongerThanABlock_IsCut()
    {
        using var scene = new Scene();
        var path = scene.PathOf("log");
        File.WriteAllText(path, "kept\n" + new string('x', 20_000));
        using var log = DurableLog.Open(path, OwnerOnly);
        Assert.Equal(20_000, log.TornBytes);
        Assert.Equal("kept\n", File.ReadAllText(path));
    }

    [Fact]
    public void Append_BeyondTheFileSizeLimit_LeavesTheLogAsItWas()
    {
        using var scene = new Scene();
        var path = scene.PathOf("log");
        using var log = DurableLog.Open(path, OwnerOnly);
        log.Append("kept"u8);
        using (ResourceLimit.OnFileSize(4096))
            Assert.Equal(Errno.EFBIG, Assert.Throws<LinuxException>(() => log.Append(new byte[10_000])).Errno);
        Assert.Equal("kept\n", File.ReadAllText(path));
        log.Append("goes on"u8);
        Assert.Equal(["kept", "goes on"], File.ReadAllLines(path));
    }

    [Fact]
    public void TryAcquire_HeldLock_ReturnsNullAndNamesTheHolder()
    {
        using var scene = new Scene();
        var path = scene.PathOf("lock");
        using (var held = FileLock.TryAcquire(path))
        {
            Assert.NotNull(held);
            Assert.Null(FileLock.TryAcquire(path));
            Assert.Equal(Environment.ProcessId, FileLock.HolderOf(path));
            Assert.True(FileLock.IsHeldBy(path, Environment.ProcessId));
            // Who only has the file open does not hold it.
            using var open = File.OpenHandle(scene.PathOf("other"), FileMode.Create, FileAccess.Write);
            Assert.False(FileLock.IsHeldBy(scene.PathOf("other"), Environment.ProcessId));
            Assert.False(FileLock.IsHeldBy(path, 1));
        }

        Assert.False(FileLock.IsHeldBy(path, Environment.ProcessId));

        using var again = FileLock.TryAcquire(path);
        Assert.NotNull(again);
        Assert.Null(FileLock.HolderOf(scene.PathOf("none")));
    }

    [Fact]
    public async Task TryAcquire_HolderKilled_Succeeds()
    {
        using var scene = new Scene();
        var path = scene.PathOf("lock");
        var holder = await scene.StartUntilAsync(
            "waiting", ["/usr/bin/flock", "--no-fork", path, CCompiler.Witness, "wait"]);
        Assert.Null(FileLock.TryAcquire(path));
        holder.SignalGroup(Signal.SIGKILL);
        await holder.Exited.WaitAsync(Scene.Deadline);
        using var taken = FileLock.TryAcquire(path);
        Assert.NotNull(taken);
    }

    [Fact]
    public void Read_SealedMemoryFile_ReturnsItsBytes()
    {
        var content = new byte[100_000];
        Random.Shared.NextBytes(content);
        using var file = MemoryFile.Create("test", content);
        Assert.Equal(content, MemoryFile.Read(file, content.Length));
        Assert.Equal(content, MemoryFile.Read(file, content.Length)); // Reading moves no shared position.
        Assert.True(Descriptors.IsCloseOnExec(file));
        Assert.ThrowsAny<Exception>(() => Descriptors.Write(file, "x"));
        Assert.Throws<InvalidDataException>(() => MemoryFile.Read(file, content.Length - 1));
    }

    [Fact]
    public void Read_WrongKindOfDescriptor_SaysSo()
    {
        using var scene = new Scene();
        using var regular = File.OpenHandle(scene.PathOf("file"), FileMode.Create, FileAccess.ReadWrite);
        var (first, second) = SocketPair.CreateStream();
        using var one = first;
        using var two = second;
        using var unsealed = Descriptors.UnsealedMemoryFile();
        foreach (var wrong in new SafeHandle[] { regular, one, unsealed })
            Assert.Throws<InvalidDataException>(() => MemoryFile.Read(wrong, 100));
    }

    [Fact]
    public void Flush_NoSuchFolder_SaysWhich() =>
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => DirectoryFlush.Flush("/no/such/folder")).Errno);

    /// <summary>A disk of 64 KiB of its own.</summary>
    private sealed class SmallDisk : IDisposable
    {
        internal string Folder { get; } = Directory.CreateTempSubdirectory("midstream-disk-").FullName;

        public void Dispose()
        {
            CCompiler.Run("umount", Folder);
            Directory.Delete(Folder);
        }

        internal static SmallDisk? TryMount()
        {
            if (!Environment.IsPrivilegedProcess)
                return null;
            var disk = new SmallDisk();
            if (CCompiler.Run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk.Folder).Code == 0)
                return disk;
            Directory.Delete(disk.Folder);
            return null;
        }
    }
}
