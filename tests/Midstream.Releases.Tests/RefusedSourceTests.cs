using System.Diagnostics;
using System.Net.Sockets;

namespace Midstream.Releases.Tests;

public sealed class RefusedSourceTests : StoreFixture
{
    [Fact]
    public async Task Add_NoSuchFolder_SaysSourceNotFound()
    {
        await RefusedAsync(
            ReleaseStoreFailure.SourceNotFound, () => Store.AddAsync(Temporary.At("nowhere"), CancellationToken.None));
        await RefusedAsync(
            ReleaseStoreFailure.SourceNotFound,
            () => Store.AddAsync(Temporary.File("a-file"), CancellationToken.None));
    }

    [Fact]
    public async Task Add_FolderWithoutAnyFile_SaysSourceEmpty()
    {
        await RefusedAsync(ReleaseStoreFailure.SourceEmpty, AddSourceAsync);
        Temporary.Folder("source/only/folders");
        await RefusedAsync(ReleaseStoreFailure.SourceEmpty, AddSourceAsync);
    }

    [Fact]
    public async Task Add_StoreInsideSourceOrSourceInsideStore_IsRefused()
    {
        Temporary.File("source/app");
        var inside = ReleaseStore.Open(Temporary.At("source/store"));
        Temporary.File("store/mine/app");
        Temporary.Link("way-in", "store/mine");

        await RefusedAsync(ReleaseStoreFailure.SourceRefused, () => inside.AddAsync(Source, CancellationToken.None));
        await RefusedAsync(
            ReleaseStoreFailure.SourceRefused, () => Store.AddAsync(Temporary.At("way-in"), CancellationToken.None));
        await RefusedAsync(ReleaseStoreFailure.SourceRefused, () => Store.AddAsync(StoreDirectory, CancellationToken.None));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/hostname")]
    [InlineData("folder/../../outside")]
    [InlineData("../source/app")] // Leaves and comes back: it would not in the store.
    [InlineData("up/../outside")] // By the letters it stays inside; 'up' leads to the root of the source.
    [InlineData("self")]
    public async Task Add_LinkThatDoesNotStayInside_IsRefusedByName(string target)
    {
        Temporary.File("outside");
        Temporary.File("source/app");
        Temporary.Folder("source/folder");
        Temporary.Link("source/up", "folder/..");
        Temporary.Link("source/self", target);

        await AssertRefusedAsync("'self'");
    }

    [Theory]
    [InlineData("app")]
    [InlineData("../app")]
    [InlineData("./../deep/../app")]
    [InlineData("to/nothing")]
    public async Task Add_LinkThatStaysInside_IsKept(string target)
    {
        Temporary.File("source/app");
        Temporary.File("source/deep/app");
        Temporary.Link("source/deep/link", target);

        var release = await AddSourceAsync();

        Assert.Equal(target, new FileInfo(Path.Combine(release.Folder, "deep/link")).LinkTarget);
    }

    [Fact]
    public async Task Add_Fifo_IsRefusedByNameWithoutWaitingForAWriter()
    {
        Temporary.File("source/app");
        await RunAsync("mkfifo", Temporary.Folder("source/run") + "/queue");

        await AssertRefusedAsync("'run/queue'", "a fifo").WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Add_Socket_IsRefusedByName()
    {
        Temporary.File("source/app");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Temporary.At("source/app.sock")));

        await AssertRefusedAsync("'app.sock'", "a socket");
    }

    [Fact]
    public async Task Add_Device_IsRefusedByName()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may make a device.");
        Temporary.File("source/app");
        await RunAsync("mknod", Temporary.At("source/null"), "c", "1", "3");

        await AssertRefusedAsync("'null'", "a device");
    }

    [Fact]
    public async Task Add_NameWithLineBreak_IsRefusedByName()
    {
        Temporary.File("source/two\nlines");

        await AssertRefusedAsync(@"'two\nlines'");
    }

    [Fact]
    public async Task Add_NameThatIsNotUtf8_IsRefusedByName()
    {
        Temporary.File("source/app");
        await RunAsync("sh", "-c", "printf x > \"$1/$(printf 'caf\\351')\"", "sh", Source);

        await AssertRefusedAsync("'caf\uFFFD'");

        await RunAsync("rm", "-r", Source); // The base library cannot: it does not see the file's true name.
    }

    [Fact]
    public async Task Add_FileThatMayNotBeRead_IsRefusedByName()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root may read every file.");
        File.SetUnixFileMode(Temporary.File("source/secret"), UnixFileMode.None);

        await AssertRefusedAsync("'secret'");
    }

    private async Task AssertRefusedAsync(params string[] said)
    {
        var error = await RefusedAsync(ReleaseStoreFailure.SourceRefused, AddSourceAsync);
        Assert.All(said, words => Assert.Contains(words, error.Message, StringComparison.Ordinal));
        Assert.Empty(NamesInStore());
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
