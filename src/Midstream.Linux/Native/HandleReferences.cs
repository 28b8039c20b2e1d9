// Keeps the descriptors of several handles open while a call uses their bare numbers.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal sealed class HandleReferences : IDisposable
{
    private readonly List<SafeHandle> _referenced = [];

    internal HandleReferences(IReadOnlyList<SafeHandle> handles)
    {
        try
        {
            foreach (var handle in handles)
            {
                var referenced = false;
                handle.DangerousAddRef(ref referenced);
                _referenced.Add(handle);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _referenced.ForEach(handle => handle.DangerousRelease());
        _referenced.Clear();
    }
}
