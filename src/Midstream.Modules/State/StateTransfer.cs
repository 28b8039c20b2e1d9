using System.Diagnostics;
using Midstream.Core.Modules;
using Midstream.HandOver;

namespace Midstream.Modules.State;

// The two generations, step by step                   | writers           | in charge
// ----------------------------------------------------+-------------------+-----------
// copy: the whole, while the old one notes changes    | go on             | old
// the new one asks the old one (start, warm-up)       | go on             | old
// freeze: rounds of changes, then the last            | wait for the last | old
// commit: the old one asks the new one                | go on, in the new | new
// abandon, at any time before                         | go on             | old
//
// A canary is copied to once, to see that it can be, and then asks the old one for as long as it serves beside it. When it
// takes over, and when a generation that was kept comes back, it has been asking all the time: the copy is made then, in the
// same steps.

/// <summary>The hand-over of a slot's state from the generation that serves to the new one. A state whose keys and values are
/// shared types is not copied: its entries change hands.</summary>
internal sealed class StateTransfer
{
    // With so few changes left the freeze is shorter than another round.
    private const long FewChanges = 256;
    private const int RoundsMax = 5;

    private readonly IReadOnlyList<IHandedOverState> _to;
    private readonly Dictionary<string, StateSeat> _seats;
    private readonly List<Passage> _passages;
    private readonly bool _isAsking;
    private bool _hasBegun;

    private StateTransfer(
        IReadOnlyList<IHandedOverState> to, Dictionary<string, StateSeat> seats, List<Passage> passages, bool isAsking)
    {
        _to = to;
        _seats = seats;
        _passages = passages;
        _isAsking = isAsking;
    }

    /// <summary>Plans a hand-over.</summary>
    /// <param name="from">The states of the generation that serves; empty when there is none.</param>
    /// <param name="to">The states of the new one.</param>
    /// <param name="seats">The slot's seats, by the states' names.</param>
    /// <param name="isAsking">Whether the new one has been asking the old one already.</param>
    /// <exception cref="ModulePackageException">The two have no version in common.</exception>
    public static StateTransfer Plan(
        IReadOnlyList<IHandedOverState> from, IReadOnlyList<IHandedOverState> to, Dictionary<string, StateSeat> seats,
        bool isAsking = false) =>
        new(to, seats, PassagesOf(StatePlan.Make([.. from.Select(OfferOf)], [.. to.Select(OfferOf)]), from, to), isAsking);

    /// <summary>Lets a generation that is to serve beside another ask that one for its state, as long as both serve.</summary>
    /// <param name="current">The states of the generation that serves; it stays in charge.</param>
    /// <param name="canary">The states of the one that is to serve beside it.</param>
    /// <param name="seats">The slot's seats, by the states' names.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ModulePackageException">The two cannot share a state, or could not change places later.</exception>
    public static async Task ShareAsync(
        IReadOnlyList<IHandedOverState> current, IReadOnlyList<IHandedOverState> canary,
        Dictionary<string, StateSeat> seats, CancellationToken cancellationToken)
    {
        var plan = StatePlan.MakeShared([.. current.Select(OfferOf)], [.. canary.Select(OfferOf)]);
        var shared = PassagesOf(plan, current, canary);
        var proof = Plan(current, canary, seats);
        try
        {
            await proof.CopyAsync(cancellationToken);
        }
        finally
        {
            proof.Abandon();
        }

        foreach (var passage in shared)
        {
            passage.NewLogged!.Follow(new SeatAuthority(proof.SeatOf(passage), passage.Version), passage.Version);
            await ForgetAsync(passage, cancellationToken);
        }
    }

    /// <summary>Copies everything while the old generation serves. From then on what the new one does with its state is done by
    /// the old one.</summary>
    public async Task CopyAsync(CancellationToken cancellationToken)
    {
        _hasBegun = true;
        foreach (var passage in _passages)
        {
            if (passage is { OldLogged: { } old, NewLogged: { } young })
            {
                old.BeginLog();
                // One that asks goes on: what is copied to it is not looked at before it is in charge.
                if (!_isAsking)
                    young.Wait();
                if (!passage.ChangesHands)
                    await CopyAsync(passage, cancellationToken);
                if (!_isAsking)
                    young.Follow(new SeatAuthority(SeatOf(passage), passage.Version), passage.Version);
            }
            else
            {
                await CopyAsync(passage, cancellationToken);
            }
        }
    }

    /// <summary>Makes the state stand still and lets the new generation have the last of it.</summary>
    /// <param name="freezeMax">The longest time that writers wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When the freeze began, in ticks of the stopwatch; 0 when nothing had to be frozen.</returns>
    /// <exception cref="TimeoutException">The time was over.</exception>
    public async Task<long> FreezeAsync(TimeSpan freezeMax, CancellationToken cancellationToken)
    {
        if (_passages.Count == 0)
            return 0;
        for (var round = 0; round < RoundsMax && SendChanges() > FewChanges; round++)
            cancellationToken.ThrowIfCancellationRequested();

        var frozenAt = Stopwatch.GetTimestamp();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(freezeMax);
        try
        {
            await Task.Run(() => FinishAsync(patience.Token), CancellationToken.None).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The new generation had not read the last changes of the state within {freezeMax.TotalMilliseconds:0} ms. " +
                $"Make the state smaller or its import faster, or raise {nameof(ModulesOptions.FreezeMax)}.");
        }

        return frozenAt;
    }

    /// <summary>Puts the new generation in charge. Cannot fail.</summary>
    /// <param name="isGoverned">Whether the process has been told who is in charge of the new one's states.</param>
    public void Commit(bool isGoverned)
    {
        foreach (var passage in _passages)
        {
            // One that comes back was made to stand still when it left.
            if (_isAsking)
                passage.New.Thaw();
            if (passage is not { OldLogged: { } old, NewLogged: { } young })
                continue;
            // Nobody may read in the old one any more before the new one may write: so the old one asks first, and waits.
            young.Wait();
            var seat = SeatOf(passage);
            seat.InCharge = young;
            old.Follow(new SeatAuthority(seat, passage.Version), passage.Version);
            if (passage.ChangesHands)
                young.Adopt(old);
            old.EndLog();
        }

        foreach (var state in _to.OfType<ILoggedState>())
        {
            SeatOf(state.Name).InCharge = state;
            if (!isGoverned)
                state.TakeCharge(mirror: null, version: 0);
        }

        LeaveSeats();
    }

    /// <summary>Leaves the old generation in charge.</summary>
    public void Abandon()
    {
        if (!_hasBegun)
            return;
        foreach (var passage in _passages)
        {
            passage.OldLogged?.EndLog();
            passage.Old.Thaw();
        }
    }

    private async Task FinishAsync(CancellationToken patience)
    {
        foreach (var passage in _passages)
        {
            // Given up in between, the old generation has been thawed and must stay so.
            patience.ThrowIfCancellationRequested();
            await passage.Old.FreezeAsync(patience);
        }

        SendChanges();
        foreach (var passage in _passages.Where(passage => passage.OldLogged is null || passage.NewLogged is null))
            await CopyAsync(passage, patience);
    }

    private long SendChanges()
    {
        var all = 0L;
        foreach (var passage in _passages)
        {
            if (passage.ChangesHands || passage is not { OldLogged: { } old, NewLogged: { } young })
                continue;
            using var stream = new ChunkedStream();
            all += old.ExportChanges(stream, passage.Version);
            stream.Rewind();
            young.ImportChanges(stream, passage.Version);
        }

        return all;
    }

    private static async Task CopyAsync(Passage passage, CancellationToken cancellationToken)
    {
        await using var stream = new ChunkedStream();
        await passage.Old.ExportAsync(stream, passage.Version, cancellationToken);
        stream.Rewind();
        await passage.New.ImportAsync(stream, passage.Version, cancellationToken);
    }

    // A copy that only showed that it can be made is memory for nothing.
    private static Task ForgetAsync(Passage passage, CancellationToken cancellationToken)
    {
        var nothing = new ChunkedStream();
        new EntryWriter(nothing).End(clock: 0);
        nothing.Rewind();
        return passage.New.ImportAsync(nothing, passage.Version, cancellationToken);
    }

    // A state that the new generation does not have stays behind, and its seat would keep the old generation.
    private void LeaveSeats()
    {
        lock (_seats)
        {
            foreach (var name in _seats.Keys.Except(_to.Select(state => state.Name)).ToList())
                _seats.Remove(name);
        }
    }

    private static List<Passage> PassagesOf(
        StatePlan plan, IReadOnlyList<IHandedOverState> from, IReadOnlyList<IHandedOverState> to) => plan.Refusal is { } refusal
        ? throw new ModulePackageException(refusal)
        : [.. plan.Passages.Select(passage => new Passage(
            from.Single(state => state.Name == passage.Name), to.Single(state => state.Name == passage.Name),
            passage.Version))];

    private StateSeat SeatOf(Passage passage)
    {
        var seat = SeatOf(passage.Old.Name);
        seat.InCharge ??= passage.OldLogged;
        return seat;
    }

    private StateSeat SeatOf(string name)
    {
        lock (_seats)
        {
            if (!_seats.TryGetValue(name, out var seat))
                _seats[name] = seat = new StateSeat();
            return seat;
        }
    }

    private static StateOffer OfferOf(IHandedOverState state) =>
        new(state.Name, state.Reads, state.Writes, CanBeAsked: state is ILoggedState);

    private sealed record Passage(IHandedOverState Old, IHandedOverState New, int Version)
    {
        public ILoggedState? OldLogged { get; } = Old as ILoggedState;

        public ILoggedState? NewLogged { get; } = New as ILoggedState;

        public bool ChangesHands { get; } = New is ILoggedState young && Old is ILoggedState old && young.CanAdopt(old);
    }
}
