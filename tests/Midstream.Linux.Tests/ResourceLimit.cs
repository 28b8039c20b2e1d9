// Shortens a resource of this process for a moment (setrlimit(2)), which needs no privilege.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Tests;

internal sealed unsafe partial class ResourceLimit : IDisposable
{
    private const int RLIMIT_FSIZE = 1;
    private const int RLIMIT_NOFILE = 7;
    private const int SIGXFSZ = 25;
    private const nint SIG_IGN = 1;

    private readonly int _resource;
    private readonly nint _action;
    private readonly long _soft;
    private readonly long _hard;

    private ResourceLimit(int resource, long value)
    {
        _resource = resource;
        _action = signal(SIGXFSZ, SIG_IGN); // Else a limited file's size would end this process.
        var limits = stackalloc long[2];
        Assert.Equal(0, getrlimit(resource, limits));
        (_soft, _hard) = (limits[0], limits[1]);
        limits[0] = value;
        Assert.Equal(0, setrlimit(resource, limits));
    }

    public void Dispose()
    {
        var limits = stackalloc long[] { _soft, _hard };
        Assert.Equal(0, setrlimit(_resource, limits));
        signal(SIGXFSZ, _action);
    }

    internal static ResourceLimit OnFileSize(long bytes) => new(RLIMIT_FSIZE, bytes);

    /// <summary>Lets no descriptor be opened, since 0 to 3 are; those that are open stay.</summary>
    internal static ResourceLimit OnNewDescriptors() => new(RLIMIT_NOFILE, 4);

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, long* limits);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, long* limits);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint action);
}
