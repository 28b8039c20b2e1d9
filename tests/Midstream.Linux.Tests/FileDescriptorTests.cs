namespace Midstream.Linux.Tests;

public sealed class FileDescriptorTests
{
    [Fact]
    public void Duplicate_OfADescriptor_IsAnotherNumberWithCloseOnExec()
    {
        var (first, second) = SocketPair.CreateStream();
        using (first)
        using (second)
        using (var duplicate = first.Duplicate())
        {
            Assert.NotEqual(first.Number, duplicate.Number);
            Assert.True(Descriptors.IsCloseOnExec(first));
            Assert.True(Descriptors.IsCloseOnExec(duplicate));
        }
    }

    [Fact]
    public void Dispose_OfOneOfTwo_LeavesTheConnectionOpen()
    {
        var (first, second) = SocketPair.CreateStream();
        using (second)
        {
            using var duplicate = first.Duplicate();
            first.Dispose();
            Descriptors.Write(duplicate, "still here");
            Assert.Equal("still here", Descriptors.ReadText(second));
        }
    }

    [Fact]
    public void Take_OfALeakableDescriptor_SetsCloseOnExecAndOwnsIt()
    {
        var (first, second) = SocketPair.CreateStream();
        Descriptors.Leak(first);
        var number = first.Number;
        first.SetHandleAsInvalid();
        using (var taken = FileDescriptor.Take(number))
            Assert.True(Descriptors.IsCloseOnExec(taken));
        Assert.Equal("", Descriptors.ReadText(second));
        second.Dispose();
    }

    [Fact]
    public void Take_OfNoDescriptor_SaysWhatIsWrong()
    {
        var failure = Assert.Throws<LinuxException>(() => FileDescriptor.Take(1_000_000));
        Assert.Equal(Errno.EBADF, failure.Errno);
        Assert.Equal("Cannot take descriptor 1000000: fcntl(F_SETFD) failed with EBADF (Bad file descriptor).", failure.Message);
    }

    [Fact]
    public void SetNonBlocking_OnAndOff_ChangesTheOpenFile()
    {
        var (first, second) = SocketPair.CreateStream();
        using (first)
        using (second)
        {
            first.SetNonBlocking();
            Assert.True(Descriptors.IsNonBlocking(first));
            first.SetNonBlocking(false);
            Assert.False(Descriptors.IsNonBlocking(first));
        }
    }

    [Fact]
    public void Number_AfterDispose_Throws()
    {
        var (first, second) = SocketPair.CreateStream();
        second.Dispose();
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Number);
        Assert.Throws<ObjectDisposedException>(first.Duplicate);
    }

    [Fact]
    public void Hold_MoreThanThereAre_ThrowsAndHoldsNone()
    {
        var before = Scene.DescriptorCount();
        using (ResourceLimit.OnNewDescriptors())
            Assert.Equal(Errno.EMFILE, Assert.Throws<LinuxException>(() => DescriptorReserve.Hold(1)).Errno);
        Assert.Equal(before, Scene.DescriptorCount());
        using (DescriptorReserve.Hold(7))
            Assert.Equal(before + 7, Scene.DescriptorCount());
        Assert.Equal(before, Scene.DescriptorCount());
    }
}
