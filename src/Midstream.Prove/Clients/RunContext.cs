using System.Diagnostics;
using System.Net;
using Midstream.Prove.Accounting;
using Midstream.Prove.Http;

namespace Midstream.Prove.Clients;

// What all clients of a run share: the options, the target, the books, and whether the run is coming to its end.
internal sealed class RunContext(ProveOptions options, ProveTarget target, EndPoint endPoint, RunAccounts accounts) : IDisposable
{
    // So many clients connect at the same time at the beginning: twenty thousand at once would overflow any server's backlog.
    private const int ConnectingAtOnce = 128;

    private long _stopDeadline = long.MaxValue;

    public ProveOptions Options => options;

    public EndPoint EndPoint => endPoint;

    public RunAccounts Accounts => accounts;

    public SemaphoreSlim FirstConnects { get; } = new(ConnectingAtOnce);

    public ResponseLimits Limits { get; } = new() { BodyBytesMax = options.ResponseBytesMax };

    public bool Stopping => Volatile.Read(ref _stopDeadline) != long.MaxValue;

    public UploadBody? UploadOf(ClientKind kind) =>
        ClientKinds.IsUpload(kind) ? new UploadBody(options.UploadBytes, kind == ClientKind.UploadChunked) : null;

    public RequestText TextOf(ClientKind kind, UploadBody? upload) => kind switch
    {
        ClientKind.Upload or ClientKind.UploadChunked => new("POST", options.UploadPath!, target.Authority, upload!.Headers),
        ClientKind.Download => new("GET", options.DownloadPath!, target.Authority, ""),
        ClientKind.NewConnection => new("GET", options.Path ?? target.Path, target.Authority, "Connection: close\r\n"),
        _ => new("GET", options.Path ?? target.Path, target.Authority, ""),
    };

    // A request under way at the end has its usual time from then on and no more, however often its client is given new time.
    public void Stop() =>
        Interlocked.CompareExchange(ref _stopDeadline, Stopwatch.GetTimestamp() + TimeoutTimestamps, long.MaxValue);

    public long DeadlineFromNow() =>
        Math.Min(Stopwatch.GetTimestamp() + TimeoutTimestamps, Volatile.Read(ref _stopDeadline));

    public void Dispose() => FirstConnects.Dispose();

    private long TimeoutTimestamps => (long)(options.RequestTimeout.TotalSeconds * Stopwatch.Frequency);
}
