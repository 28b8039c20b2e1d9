using System.Diagnostics;
using System.Text;
using Midstream.Control.State;
using Midstream.Control.Workers;
using Midstream.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.State;

/// <summary>The new generation's end of a hand-over of state. Until the charge has come, whatever the application does with its
/// states is done by the old generation; from then on the old one asks this one.</summary>
internal sealed class StateTaker : IAsyncDisposable
{
    private readonly StateLink _link;
    private readonly Action _whenAlone;
    private IReadOnlyList<NamedState> _states;
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly TaskCompletionSource<StateImportedMessage> _imported =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _lock = new();
    private long _sizeBytes;
    private bool _isOver;

    /// <summary>Begins to import.</summary>
    /// <param name="channel">The channel to the old generation; owned by this object from now on.</param>
    /// <param name="states">The application's states.</param>
    /// <param name="whenAlone">Called when the old generation has ended, after this one has taken over.</param>
    public StateTaker(SeqPacketChannel channel, IReadOnlyList<NamedState> states, Action whenAlone)
    {
        _states = states;
        _whenAlone = whenAlone;
        _link = new StateLink(channel);
        // A request waits in the old process's queue if it has to; there is no moment before which it must not be sent.
        _link.AllowRequests();
        _link.Begin(HandleAsync, WhenEnded);
    }

    /// <summary>Gets a task with what was imported, or why it was not.</summary>
    public Task<StateImportedMessage> Imported => _imported.Task;

    /// <summary>Gets whether this process is in charge.</summary>
    public bool IsInCharge { get; private set; }

    /// <summary>Takes charge of everything without the old generation, which must be dead.</summary>
    /// <returns>A task that ends when all that it sent has been read.</returns>
    public async Task TakeChargeAloneAsync()
    {
        await _link.OutliveAsync(StateLink.Patience);
        TakeCharge(_states.Select(named => named.State));
    }

    /// <summary>Forgets the old generation: its requests are heard no more, and nothing is told it.</summary>
    /// <returns>A task that ends when the channel is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        lock (_lock)
            _isOver = true;
    }

    private async ValueTask HandleAsync(StateFrame frame, FileDescriptor? file)
    {
        using (file)
        {
            try
            {
                await ReadAsync(frame, file);
            }
            catch (Exception failed)
            {
                // An import is the application's own code, and reads what another release wrote: whatever it throws means that
                // this generation cannot take over.
                await RefuseAsync($"The new generation could not import the state: {failed.Message}");
            }
        }
    }

    private async Task ReadAsync(StateFrame frame, FileDescriptor? file)
    {
        switch (frame.Kind)
        {
            case StateFrameKind.Catalogue when StateCatalogue.Read(frame.Value.Span) is { } catalogue:
                await ChooseAsync(catalogue);
                break;
            case StateFrameKind.Whole:
                await ImportAsync(frame, TakeFile(file));
                break;
            case StateFrameKind.Changes:
                await ImportChangesAsync(frame, TakeFile(file));
                break;
            case StateFrameKind.RoundEnd:
                await EndRoundAsync(frame);
                break;
            case StateFrameKind.Charge:
                TakeCharge(_link.States.Select(linked => linked.State));
                await _link.SendAsync(new StateFrame(StateFrameKind.InCharge));
                break;
            case StateFrameKind.Refused:
                Fail(Encoding.UTF8.GetString(frame.Value.Span));
                break;
        }
    }

    private async Task ChooseAsync(StateCatalogue catalogue)
    {
        var chosen = new List<ChosenState>();
        foreach (var offer in catalogue.States)
        {
            if (_states.FirstOrDefault(known => known.Name == offer.Name).State is not { } state)
                continue;
            var common = offer.Writes.Intersect(state.Reads).ToList();
            if (common.Count == 0)
            {
                await RefuseAsync(
                    $"The state \"{offer.Name}\" is written in version {Text(offer.Writes)} by the generation that serves, and " +
                    $"this release reads {Text(state.Reads)}. Deploy a release in between that does both.", versionsDiffer: true);
                return;
            }

            chosen.Add(new ChosenState(offer.Name, common.Max()));
        }

        _link.States = [.. chosen.Select(one => new LinkedState(
            _states.First(named => named.Name == one.Name).State, one.Version))];
        await _link.SendAsync(new StateFrame(StateFrameKind.Choice, Value: new StateChoice(chosen).ToBytes()));
    }

    private async Task ImportAsync(StateFrame frame, FileDescriptor file)
    {
        var (state, version) = _link.States[frame.State];
        await using var source = new MemoryFileReadStream(file);
        _sizeBytes += source.Length;
        await state.ImportAsync(source, version, _link.Ended);
    }

    private async Task ImportChangesAsync(StateFrame frame, FileDescriptor file)
    {
        var (state, version) = _link.States[frame.State];
        await using var source = new MemoryFileReadStream(file);
        ((ILoggedState)state).ImportChanges(source, version);
    }

    private async Task EndRoundAsync(StateFrame frame)
    {
        if (!_imported.Task.IsCompleted)
        {
            foreach (var linked in _link.States)
                (linked.State as ILoggedState)?.Follow(_link, linked.Version);
            // What the old generation does not have is nobody's but this one's.
            foreach (var state in _states.Select(named => named.State).Except(_link.States.Select(linked => linked.State)))
                (state as ILoggedState)?.TakeCharge(mirror: null, version: 0);
            _imported.TrySetResult(new StateImportedMessage(_link.States.Count, _sizeBytes, _time.ElapsedMilliseconds));
        }

        await _link.SendAsync(new StateFrame(StateFrameKind.RoundRead, Request: frame.Request));
    }

    private void TakeCharge(IEnumerable<IHandedOverState> states)
    {
        lock (_lock)
        {
            IsInCharge = true;
            var mirror = _link.Ended.IsCancellationRequested ? null : _link;
            foreach (var state in states.OfType<ILoggedState>())
            {
                var version = _link.States.FirstOrDefault(linked => ReferenceEquals(linked.State, state)).Version;
                state.TakeCharge(version == 0 ? null : mirror, version);
            }
        }
    }

    // The old generation has ended, as it should after a while: nobody has to be told of changes any more.
    private void WhenEnded()
    {
        Fail("The generation that serves was gone before the state was imported.");
        lock (_lock)
        {
            if (!IsInCharge || _isOver)
                return;
            foreach (var state in _link.States.Select(linked => linked.State).OfType<ILoggedState>())
                state.TakeCharge(mirror: null, version: 0);
            // A module's states are let go of with their generation.
            _link.States = [];
            _states = [];
        }

        _whenAlone();
    }

    private async Task RefuseAsync(string reason, bool versionsDiffer = false)
    {
        Fail(reason, versionsDiffer);
        await _link.SendAsync(new StateFrame(StateFrameKind.Refused, Value: Encoding.UTF8.GetBytes(reason)));
    }

    private void Fail(string reason, bool versionsDiffer = false) => _imported.TrySetResult(
        new StateImportedMessage(0, _sizeBytes, _time.ElapsedMilliseconds, reason, versionsDiffer));

    private static FileDescriptor TakeFile(FileDescriptor? file) => file?.Duplicate()
        ?? throw new InvalidDataException("A state came without its memory file.");

    private static string Text(IReadOnlyList<int> versions) => versions.Count == 0 ? "none" : string.Join(", ", versions);
}
