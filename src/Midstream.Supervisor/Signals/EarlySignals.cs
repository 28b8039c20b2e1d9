namespace Midstream.Supervisor.Signals;

/// <summary>
/// Listens from the first moment on: wishes to stop count at once, and other signals are kept until there is a desk for them.
/// </summary>
internal sealed class EarlySignals : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<string> _kept = [];
    private readonly StopWishes _wishes;
    private readonly SignalSource _source;
    private Action<string>? _desk;

    /// <summary>Begins to listen.</summary>
    /// <param name="wishes">Takes the wishes to stop.</param>
    public EarlySignals(StopWishes wishes)
    {
        _wishes = wishes;
        _source = new SignalSource(Hear);
    }

    /// <summary>Passes on what was kept, and what comes from now on.</summary>
    /// <param name="desk">Takes the signals.</param>
    public void PassTo(Action<string> desk)
    {
        lock (_lock)
        {
            _desk = desk;
            _kept.ForEach(desk);
            _kept.Clear();
        }
    }

    public void Dispose() => _source.Dispose();

    private void Hear(string name)
    {
        if (_wishes.TryTake(name))
            return;
        lock (_lock)
        {
            if (_desk is null)
                _kept.Add(name);
            else
                _desk(name);
        }
    }
}
