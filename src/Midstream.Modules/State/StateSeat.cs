using Midstream.HandOver;

namespace Midstream.Modules.State;

/// <summary>Who is in charge of one state of a slot, over all its generations. A generation that still has requests asks whoever
/// sits here, also after several swaps.</summary>
internal sealed class StateSeat
{
    public volatile ILoggedState? InCharge;
}

/// <summary>What a generation that is not in charge asks: whoever is, in the version that the two have in common.</summary>
internal sealed class SeatAuthority(StateSeat seat, int version) : IStateAuthority
{
    // Nobody mirrors in one process, so the id that would find the mirror's answer only has to be one.
    private const uint AnyRequest = 1;

    public async ValueTask<StateAnswer> AskAsync(
        ILoggedState state, StateRequest request, CancellationToken cancellationToken)
    {
        while (seat.InCharge is { } asked)
        {
            var answer = await TryAsync(asked, request with { Id = AnyRequest }, cancellationToken);
            if (answer.Status != StateStatus.Moved)
                return answer;
            // It has just handed over: the seat has been given to the next one before.
            cancellationToken.ThrowIfCancellationRequested();
        }

        return new StateAnswer(StateStatus.Failed, 0);
    }

    private async ValueTask<StateAnswer> TryAsync(
        ILoggedState asked, StateRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await asked.CarryOutAsync(request, version, cancellationToken)
                ?? throw new InvalidOperationException("A state of a module has a mirror.");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A codec of the other generation, whose exception must not reach this one.
            return new StateAnswer(StateStatus.Failed, 0);
        }
    }
}
