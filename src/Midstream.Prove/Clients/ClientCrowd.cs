using System.Diagnostics;

namespace Midstream.Prove.Clients;

// All clients of a run: starts them, watches their deadlines, wakes them when the run ends, and waits for the last of them.
internal sealed class ClientCrowd : IDisposable
{
    // How late a deadline is noticed at most, more or less.
    private static readonly TimeSpan s_watchPeriod = TimeSpan.FromMilliseconds(20);

    private readonly RunContext _run;
    private readonly List<ProveClient> _clients = [];

    public ClientCrowd(RunContext run)
    {
        _run = run;
        foreach (var kind in ClientKinds.All)
        {
            var upload = run.UploadOf(kind);
            var count = run.Options.CountOf(kind);
            var text = count > 0 ? run.TextOf(kind, upload) : null;
            for (var i = 0; i < count; i++)
                _clients.Add(Create(kind, text!, upload));
        }
    }

    // Ends when every client has finished: after Stop, or by itself when the run's requests are used up.
    public async Task RunAsync()
    {
        using var watch = new Timer(_ => CloseLate(), null, s_watchPeriod, s_watchPeriod);
        await Task.WhenAll(_clients.Select(client => Task.Run(() => RunOneAsync(client))));
    }

    // No client begins another request; those that pause do not pause any longer.
    public void Stop()
    {
        _run.Stop();
        foreach (var client in _clients)
            client.Wake();
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
    }

    // The first client to finish has found no request left, so the others need not think any longer. Or it has failed, which is a
    // defect of the prover: the others stop, and the run ends with its exception instead of a report.
    private async Task RunOneAsync(ProveClient client)
    {
        try
        {
            await client.RunAsync();
        }
        finally
        {
            if (!_run.Stopping)
                Stop();
        }
    }

    private void CloseLate()
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var client in _clients)
            client.Connection.CloseIfLate(now);
    }

    private ProveClient Create(ClientKind kind, RequestText text, UploadBody? upload) => kind switch
    {
        ClientKind.Download => new DownloadClient(_run, text),
        ClientKind.Pipelined => new PipelinedClient(_run, text),
        ClientKind.SlowHead or ClientKind.Upload or ClientKind.UploadChunked => new PiecewiseClient(_run, kind, text, upload),
        _ => new SingleRequestClient(_run, kind, text),
    };
}
