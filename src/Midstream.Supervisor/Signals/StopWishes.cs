using Midstream.Supervisor.Services;

namespace Midstream.Supervisor.Signals;

/// <summary>A wish that the supervisor stop.</summary>
/// <param name="Who">Whose.</param>
/// <param name="IsGraceful">True to let clients go in the way their protocol announces, for as long as a drain may last; false
/// to finish what is under way and no more.</param>
internal sealed record StopWish(Operator Who, bool IsGraceful);

/// <summary>The wishes to stop: the first one stops the service in order, whoever has it; one more by signal, at once.</summary>
internal sealed class StopWishes
{
    private readonly TaskCompletionSource<StopWish> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _atOnce = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task with the first wish.</summary>
    public Task<StopWish> First => _first.Task;

    /// <summary>Gets a task that ends when there is no more patience.</summary>
    public Task AtOnce => _atOnce.Task;

    /// <summary>Gets the signals that would wish the same, for the program that follows this one; none when there is no
    /// wish.</summary>
    public IReadOnlyList<string> Waiting
    {
        get
        {
            if (!First.IsCompletedSuccessfully)
                return [];
            var name = First.Result.IsGraceful ? SignalNames.Quit : SignalNames.Term;
            return AtOnce.IsCompleted ? [name, name] : [name];
        }
    }

    /// <summary>Takes a signal as a wish: QUIT asks for grace, TERM and INT do not.</summary>
    /// <param name="signal">The signal.</param>
    /// <returns>False when it means something else.</returns>
    public bool TryTake(string signal)
    {
        if (signal is not (SignalNames.Term or SignalNames.Int or SignalNames.Quit))
            return false;
        var wish = new StopWish(new Operator($"signal {signal}", null), IsGraceful: signal == SignalNames.Quit);
        if (!_first.TrySetResult(wish))
            _atOnce.TrySetResult();
        return true;
    }

    /// <summary>Takes an operator's wish.</summary>
    /// <param name="wish">The wish; does nothing when there is one already.</param>
    public void Asked(StopWish wish) => _first.TrySetResult(wish);
}
