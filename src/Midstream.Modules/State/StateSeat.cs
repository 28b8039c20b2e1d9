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
    public async ValueTask<StateAnswer> AskAsync(
        ILoggedState state, StateRequest request, CancellationToken cancellationToken)
    {
        try
        {
            // One that has handed over meanwhile passes it on to the next, and so to another process too.
            return seat.InCharge is { } asked
                ? await asked.PassOnAsync(request, version, cancellationToken)
                : new StateAnswer(StateStatus.Failed, 0);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A codec of the other generation, whose exception must not reach this one.
            return new StateAnswer(StateStatus.Failed, 0);
        }
    }
}
