// Lets descriptors through the next execve(2), and no others, for as short a time as can be.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Clears close-on-exec; disposing sets it again.</summary>
internal sealed class PassedOverExec : IDisposable
{
    private readonly List<FileDescriptor> _passed = [];

    internal PassedOverExec(IReadOnlyList<FileDescriptor> descriptors)
    {
        try
        {
            foreach (var descriptor in descriptors)
            {
                Calls.Check(Libc.fcntl(descriptor, Abi.F_SETFD, 0), "fcntl(F_SETFD)", $"Cannot keep {descriptor}");
                _passed.Add(descriptor);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => _passed.ForEach(descriptor => Libc.fcntl(descriptor, Abi.F_SETFD, Abi.FD_CLOEXEC));
}
