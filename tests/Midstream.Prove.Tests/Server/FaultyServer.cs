using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Midstream.Prove.Tests.Server;

// An HTTP/1.1 server that fails the requests it is told to fail, in exactly the way it is told, and counts what it did. The
// prover's counts must be the same as these.
public sealed class FaultyServer : IAsyncDisposable
{
    // Part of the fault, not a wait: what came before must have reached the client.
    private static readonly TimeSpan s_readingTime = TimeSpan.FromMilliseconds(50);

    public const string Body = "all is well";

    private readonly Func<SeenRequest, Fault> _plan;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _conversations = new();
    private readonly ConcurrentDictionary<Fault, int> _done = new();
    private readonly Task _accepting;
    private int _ordinal;
    private int _accepted;

    public FaultyServer(Func<SeenRequest, Fault>? plan = null, EndPoint? endPoint = null)
    {
        _plan = plan ?? (_ => Fault.None);
        endPoint ??= new IPEndPoint(IPAddress.Loopback, 0);
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(endPoint);
        _listener.Listen(512);
        Url = _listener.LocalEndPoint is IPEndPoint ip ? $"http://127.0.0.1:{ip.Port}" : $"unix:{endPoint}";
        _accepting = AcceptAsync();
    }

    public string Url { get; }

    public Func<SeenRequest, string?> Release { get; init; } = _ => null;

    public bool EchoesId { get; init; } = true;

    public int BodyChunks { get; init; } = 1;

    // Decides by its number, from 1, whether a connection is closed as soon as it is accepted.
    public Func<int, bool> ClosesConnections { get; init; } = _ => false;

    public ConcurrentBag<SeenRequest> Seen { get; } = [];

    // All accepted connections, the one with which a run knocks at its beginning included.
    public int Accepted => Volatile.Read(ref _accepted);

    public int Did(Fault fault) => _done.GetValueOrDefault(fault);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.WaitAsync(TimeSpan.FromSeconds(10));
        await Task.WhenAll(_conversations.Keys).WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                if (!ClosesConnections(Interlocked.Increment(ref _accepted)))
                    _conversations.TryAdd(Task.Run(() => ConverseAsync(socket)), 0);
                else
                    socket.Dispose();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was closed, by the end of the test or by Fault.StopListening.
        }
    }

    private async Task ConverseAsync(Socket socket)
    {
        using var _ = socket;
        var reader = new RequestReader(socket);
        try
        {
            for (var onConnection = 1; await reader.ReadAsync(_stop.Token) is { } request; onConnection++)
            {
                var seen = ToSeen(request, onConnection);
                Seen.Add(seen);
                if (!await AnswerAsync(socket, seen, _plan(seen)) || seen.AsksClose)
                    return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The client went away, or the test ended.
        }
    }

    private SeenRequest ToSeen(RequestReader.Request request, int onConnection) => new(
        request.Method, request.Path, long.Parse(request.Headers["X-Prove-Id"], CultureInfo.InvariantCulture), onConnection,
        Interlocked.Increment(ref _ordinal), request.BodyBytes, request.Headers.GetValueOrDefault("Connection") == "close");

    // False when the connection is to end.
    private async Task<bool> AnswerAsync(Socket socket, SeenRequest seen, Fault fault)
    {
        _done.AddOrUpdate(fault, 1, (_, count) => count + 1);
        switch (fault)
        {
            case Fault.ResetAfterRequest:
                return Reset(socket);
            case Fault.FinAfterRequest:
                return false;
            case Fault.StallBeforeResponse:
                return await StallAsync();
            case Fault.StopListening:
                _listener.Dispose();
                break;
        }
        await SendAsync(socket, ResponseTo(seen, fault));
        switch (fault)
        {
            case Fault.ResetInBody:
                // The client must have read what was sent: a reset takes back what is still in its buffer on some systems.
                await Task.Delay(s_readingTime, _stop.Token);
                return Reset(socket);
            case Fault.ResetAfterResponse:
                await Task.Delay(s_readingTime, _stop.Token);
                return Reset(socket);
            case Fault.StallInBody:
                return await StallAsync();
            case Fault.BytesWhileIdle:
                await Task.Delay(s_readingTime, _stop.Token);
                await SendAsync(socket, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
                return true;
            default:
                return fault is Fault.None or Fault.WrongId or Fault.WrongStatus or Fault.WrongBody or Fault.SurplusBytes;
        }
    }

    private string ResponseTo(SeenRequest seen, Fault fault)
    {
        var status = fault == Fault.WrongStatus ? "503 Service Unavailable" : "200 OK";
        var headers = new StringBuilder($"HTTP/1.1 {status}\r\n");
        if (EchoesId)
            headers.Append(CultureInfo.InvariantCulture, $"X-Prove-Id: {(fault == Fault.WrongId ? seen.Id + 1 : seen.Id)}\r\n");
        if (Release(seen) is { } release)
            headers.Append(CultureInfo.InvariantCulture, $"Midstream-Release: {release}\r\n");
        if (fault is Fault.AnnouncedClose or Fault.StopListening || seen.AsksClose)
            headers.Append("Connection: close\r\n");
        var body = fault == Fault.WrongBody ? "all is not so well" : Body;
        return fault switch
        {
            Fault.NotHttp => "220 mail.example ESMTP\r\n",
            Fault.TruncatedLengthBody or Fault.StallInBody or Fault.ResetInBody => $"{headers}Content-Length: 100\r\n\r\n{body}",
            Fault.TruncatedChunkedBody => $"{headers}Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n",
            Fault.SurplusBytes => $"{headers}Content-Length: {body.Length}\r\n\r\n{body}!",
            _ when BodyChunks > 1 => $"{headers}Transfer-Encoding: chunked\r\n\r\n{Chunks(body)}0\r\n\r\n",
            _ => $"{headers}Content-Length: {body.Length}\r\n\r\n{body}",
        };
    }

    private string Chunks(string body) => string.Concat(Enumerable.Repeat($"{body.Length:x}\r\n{body}\r\n", BodyChunks));

    private async Task SendAsync(Socket socket, string text)
    {
        for (ReadOnlyMemory<byte> rest = Encoding.ASCII.GetBytes(text); !rest.IsEmpty;)
            rest = rest[await socket.SendAsync(rest, _stop.Token)..];
    }

    private async Task<bool> StallAsync()
    {
        await Task.Delay(Timeout.Infinite, _stop.Token);
        return false;
    }

    private static bool Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        return false;
    }
}
