using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Midstream.Hosting.Transport;

/// <summary>Sends a whole buffer, however many segments it has and however little the kernel takes at a time.</summary>
internal static class SocketSending
{
    /// <summary>Sends every byte of the buffer.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="buffer">The bytes.</param>
    /// <returns>A task that ends when the kernel has taken the last byte.</returns>
    /// <exception cref="SocketException">The connection is broken.</exception>
    public static ValueTask SendAllAsync(this Socket socket, ReadOnlySequence<byte> buffer) =>
        buffer.IsSingleSegment ? SendAsync(socket, buffer.First) : SendSegmentsAsync(socket, buffer);

    private static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> memory)
    {
        while (!memory.IsEmpty)
            memory = memory[await socket.SendAsync(memory, SocketFlags.None)..];
    }

    // One system call for all segments: sent one by one they would leave as one small packet each.
    private static async ValueTask SendSegmentsAsync(Socket socket, ReadOnlySequence<byte> buffer)
    {
        var segments = new List<ArraySegment<byte>>();
        while (!buffer.IsEmpty)
        {
            segments.Clear();
            foreach (var memory in buffer)
            {
                if (!MemoryMarshal.TryGetArray(memory, out var segment))
                    segment = new ArraySegment<byte>(memory.ToArray());
                segments.Add(segment);
            }

            buffer = buffer.Slice(await socket.SendAsync(segments, SocketFlags.None));
        }
    }
}
