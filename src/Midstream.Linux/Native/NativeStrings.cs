// A zero-terminated array of zero-terminated UTF-8 texts, as execve(2) takes arguments and environment.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    internal NativeStrings(IReadOnlyList<string> texts)
    {
        if (texts.FirstOrDefault(text => text.Contains('\0', StringComparison.Ordinal)) is { } broken)
            throw new ArgumentException($"An argument or variable holds a zero character: {broken.Replace('\0', '?')}");
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (_count = 0; _count < texts.Count; _count++)
            Pointer[_count] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[_count]);
    }

    internal byte** Pointer { get; }

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
            Marshal.FreeCoTaskMem((nint)Pointer[i]);
        NativeMemory.Free(Pointer);
    }
}
