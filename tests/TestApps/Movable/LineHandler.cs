// A protocol of lines on a raw connection: each is answered with the number of lines so far, the process, and the line.

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Midstream.Hosting;

namespace Movable;

internal sealed class LineHandler(ILogger<LineHandler> logger) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var count = 0;
        var move = connection.MakeMovable(() => BitConverter.GetBytes(count), logger);
        if (move.Restored is { } saved)
            count = BinaryPrimitives.ReadInt32LittleEndian(saved.Span);
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync();
            var buffer = read.Buffer;
            while (TryReadLine(ref buffer, out var line))
                await connection.Transport.Output.WriteAsync(
                    Encoding.ASCII.GetBytes($"{++count} {Environment.ProcessId} {line}\n"));
            if (read.IsCompleted)
                return;
            connection.Transport.Input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> buffer, out string line)
    {
        line = "";
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> bytes, (byte)'\n'))
            return false;
        line = Encoding.ASCII.GetString(bytes);
        buffer = reader.UnreadSequence;
        return true;
    }
}
