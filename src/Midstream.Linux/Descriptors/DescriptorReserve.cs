// Descriptors that are held so that they can be had: what must not stop half-way for want of one asks before it begins.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Holds descriptors for a later moment, in which they are let go of and opened again as what is needed.</summary>
public sealed class DescriptorReserve : IDisposable
{
    private readonly List<FileDescriptor> _held = [];

    private DescriptorReserve()
    {
    }

    /// <summary>Takes descriptors.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The reserve.</returns>
    /// <exception cref="LinuxException">There are not so many left, in this process (EMFILE) or at all (ENFILE); none is
    /// held.</exception>
    public static DescriptorReserve Hold(int count)
    {
        var reserve = new DescriptorReserve();
        try
        {
            while (reserve._held.Count < count)
                reserve._held.Add(FileDescriptor.Owning(
                    Libc.open("/dev/null", Abi.O_RDONLY | Abi.O_CLOEXEC, 0), "open", $"{count} more descriptors cannot be had"));
            return reserve;
        }
        catch
        {
            reserve.Dispose();
            throw;
        }
    }

    /// <summary>Lets go of them, for others to be opened in their place.</summary>
    public void Dispose() => _held.ForEach(descriptor => descriptor.Dispose());
}
