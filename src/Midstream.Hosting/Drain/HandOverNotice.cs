namespace Midstream.Hosting.Drain;

/// <summary>The notice as the drain gives it.</summary>
internal sealed class HandOverNotice : IHandOverNotice, IDisposable
{
    private volatile CancellationTokenSource _source = new();

    public CancellationToken HandingOver => _source.Token;

    /// <summary>The drain begins.</summary>
    /// <returns>A task that ends when everybody who listens has been told.</returns>
    public Task GiveAsync() => _source.CancelAsync();

    /// <summary>The drain is taken back.</summary>
    public void TakeBack()
    {
        if (_source.IsCancellationRequested)
            _source = new CancellationTokenSource();
    }

    public void Dispose() => _source.Dispose();
}
