namespace Midstream.Linux.Tests;

public sealed class FdPollerTests
{
    [Fact]
    public async Task WaitReadable_WhenDataArrives_EndsOffThePollersThread()
    {
        using var scene = new Scene();
        var (first, second) = SocketPair.CreateStream();
        using var reader = first;
        using var writer = second;
        var wait = scene.Poller.WaitReadableAsync(reader);
        var continued = wait.ContinueWith(_ => Thread.CurrentThread.Name, TaskScheduler.Default);
        Assert.False(wait.IsCompleted);
        Descriptors.Write(writer, "x");
        await wait.WaitAsync(Scene.Deadline);
        Assert.NotEqual("midstream-poller", await continued);
    }

    [Fact]
    public async Task WaitReadable_WhenThePeerCloses_Ends()
    {
        using var scene = new Scene();
        var (reader, writer) = SocketPair.CreateStream();
        using var closed = reader;
        var wait = scene.Poller.WaitReadableAsync(reader);
        writer.Dispose();
        await wait.WaitAsync(Scene.Deadline);
    }

    [Fact]
    public async Task Wait_ForBothDirectionsOfOneDescriptor_EndsEachByItself()
    {
        using var scene = new Scene();
        var (first, second) = SocketPair.CreateStream();
        using var reader = first;
        using var writer = second;
        var readable = scene.Poller.WaitReadableAsync(reader);
        var alsoReadable = scene.Poller.WaitReadableAsync(reader);
        await scene.Poller.WaitWritableAsync(reader).WaitAsync(Scene.Deadline);
        Assert.False(readable.IsCompleted);
        Descriptors.Write(writer, "x");
        await Task.WhenAll(readable, alsoReadable).WaitAsync(Scene.Deadline);
    }

    [Fact]
    public async Task Cancel_OfAPendingWait_EndsItAndReleasesTheHandle()
    {
        using var scene = new Scene();
        var (reader, writer) = SocketPair.CreateStream();
        using var other = writer;
        using var cancellation = new CancellationTokenSource();
        var wait = scene.Poller.WaitReadableAsync(reader, cancellation.Token);
        var number = reader.Number;
        await cancellation.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Scene.Deadline));
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        reader.Dispose();
        Assert.False(Descriptors.IsOpen(number));
    }

    [Fact]
    public async Task Cancel_InAStorm_LosesNoWakeUpAndNoDescriptor()
    {
        using var scene = new Scene();
        var before = Scene.DescriptorCount();
        await Parallel.ForAsync(0, 2_000, async (i, _) =>
        {
            var (reader, writer) = SocketPair.CreateStream();
            using var first = reader;
            using var second = writer;
            using var cancellation = new CancellationTokenSource();
            var cancelled = scene.Poller.WaitReadableAsync(reader, cancellation.Token);
            var kept = scene.Poller.WaitReadableAsync(reader, CancellationToken.None);
            var cancel = Task.Run(cancellation.Cancel, CancellationToken.None);
            if (i % 2 == 0)
                await cancel;
            Descriptors.Write(writer, "x");
            await kept.WaitAsync(Scene.Deadline, CancellationToken.None);
            await cancel;
            await cancelled.ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
                .WaitAsync(Scene.Deadline, CancellationToken.None);
        });
        Assert.InRange(Scene.DescriptorCount(), 0, before + 5);
    }

    [Fact]
    public async Task Dispose_WithPendingWaits_FailsThemAll()
    {
        using var scene = new Scene();
        var poller = new FdPoller();
        var (first, second) = SocketPair.CreateStream();
        using var one = first;
        using var other = second;
        Task[] waits = [poller.WaitReadableAsync(first), poller.WaitReadableAsync(second), poller.WaitReadableAsync(second)];
        poller.Dispose();
        foreach (var wait in waits)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => wait.WaitAsync(Scene.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => poller.WaitReadableAsync(first));
        poller.Dispose();
    }

    [Fact]
    public async Task Wait_ForARegularFile_SaysThatItCannotBePolled()
    {
        using var scene = new Scene();
        using var file = File.OpenHandle(scene.PathOf("file"), FileMode.Create, FileAccess.ReadWrite);
        var failure = await Assert.ThrowsAsync<LinuxException>(() => scene.Poller.WaitReadableAsync(file));
        Assert.Equal(Errno.EPERM, failure.Errno);
        var (first, second) = SocketPair.CreateStream();
        using var one = first;
        using var other = second;
        await scene.Poller.WaitWritableAsync(one).WaitAsync(Scene.Deadline);
    }

    [Fact]
    public async Task Wait_ForADisposedHandle_Throws()
    {
        using var scene = new Scene();
        var (first, second) = SocketPair.CreateStream();
        second.Dispose();
        first.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => scene.Poller.WaitReadableAsync(first));
    }
}
