using System.Net.Sockets;
using System.Text;
using Midstream.Control.Operators;
using Midstream.Linux;

namespace Midstream.Supervisor.Operators;

/// <summary>One operator's connection: lines in, lines out, each line one JSON object.</summary>
/// <param name="socket">The connection; stays the caller's.</param>
internal sealed class OperatorSession(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly List<byte> _pending = [];
    private bool _broken;

    /// <summary>Reads the next request.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The line; null when the operator is gone or has sent too long a line.</returns>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var end = _pending.IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString([.. _pending[..end]]);
                _pending.RemoveRange(0, end + 1);
                return line;
            }

            if (_pending.Count > OperatorProtocol.RequestMaxBytes)
                return null;
            var count = await _stream.ReadAsync(buffer, cancellationToken);
            if (count == 0)
                return null;
            _pending.AddRange(buffer.AsSpan(0, count));
        }
    }

    /// <summary>Sends an event. Does not throw when the operator is gone: what was asked for goes on without a
    /// listener.</summary>
    /// <param name="answer">The event.</param>
    /// <returns>A task that ends when it is sent.</returns>
    public async Task SayAsync(OperatorEvent answer)
    {
        await _writing.WaitAsync();
        try
        {
            if (!_broken)
                await _stream.WriteAsync(Encoding.UTF8.GetBytes(OperatorProtocol.ToLine(answer) + "\n"));
        }
        catch (IOException)
        {
            _broken = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Duplicates the connection, for a program that is to answer in this one's place.</summary>
    /// <returns>The duplicate.</returns>
    public FileDescriptor DuplicateConnection() => FileDescriptor.DuplicateOf(socket.SafeHandle);

    public void Dispose()
    {
        _stream.Dispose();
        _writing.Dispose();
    }
}
