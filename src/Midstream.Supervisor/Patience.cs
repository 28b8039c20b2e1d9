namespace Midstream.Supervisor;

/// <summary>The time that somebody has, by a given clock; it is over before its end when it is given up.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _givenUp;

    /// <summary>Begins to wait.</summary>
    /// <param name="within">The time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="givenUp">Ends it before; the default never does.</param>
    public Patience(TimeSpan within, TimeProvider time, CancellationToken givenUp = default)
    {
        _over = new CancellationTokenSource(within, time);
        _givenUp = givenUp.UnsafeRegister(static over => ((CancellationTokenSource)over!).Cancel(), _over);
    }

    /// <summary>Gets a token that is cancelled when it is over.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>Ends it.</summary>
    /// <returns>A task that ends when everybody who waits has heard of it.</returns>
    public Task EndAsync() => _over.CancelAsync();

    public void Dispose()
    {
        _givenUp.Dispose();
        _over.Dispose();
    }
}
