using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Midstream.Linux;

namespace Midstream.Control.Operators;

/// <summary>
/// An operator's connection to a supervisor: one request, then events until the last one.
/// </summary>
/// <remarks>Not thread-safe but for <see cref="CancelAsync"/>, which may be called while events are read.</remarks>
public sealed class OperatorClient : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;

    private OperatorClient(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, new UTF8Encoding(false));
    }

    /// <summary>Connects to a service's control socket.</summary>
    /// <param name="path">The socket's path; it may be longer than the 107 bytes that Unix sockets allow.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="LinuxException">Nobody listens there, or the caller may not connect.</exception>
    public static OperatorClient Connect(string path)
    {
        using var connected = UnixSocketPath.Connect(path);
        return new OperatorClient(connected.ToSocket());
    }

    /// <summary>Sends a request and yields the supervisor's events, the last one included.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the reading, not the operation; see <see cref="CancelAsync"/>.</param>
    /// <returns>The events; events of types that this version does not know are passed over.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public async IAsyncEnumerable<OperatorEvent> AskAsync(
        OperatorRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await WriteAsync(request, cancellationToken);
        while (await _reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (OperatorProtocol.ReadEvent(line) is not { } answer)
                continue;
            yield return answer;
            if (answer is not PhaseEvent)
                yield break;
        }
    }

    /// <summary>Asks the supervisor to give up the operation under way; events still follow.</summary>
    /// <returns>A task that ends when the wish is sent.</returns>
    public Task CancelAsync() => WriteAsync(new CancelRequest(), CancellationToken.None);

    /// <summary>Closes the connection; an operation that has not reached its commit point is given up by the
    /// supervisor.</summary>
    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }

    private async Task WriteAsync(OperatorRequest request, CancellationToken cancellationToken) =>
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(OperatorProtocol.ToLine(request) + "\n"), cancellationToken);
}
