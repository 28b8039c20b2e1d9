// What the process that hosts a state needs of it beyond IHandedOverState, so that the freeze covers only the last changes and
// the operations of one process can be carried out by the other. Internal: the two projects are released together.

namespace Midstream.HandOver;

/// <summary>A state that keeps a log of its changes.</summary>
internal interface ILoggedState : IHandedOverState
{
    /// <summary>Nobody is in charge yet: operations wait.</summary>
    void Wait();

    /// <summary>This process is in charge.</summary>
    /// <param name="mirror">Told of every change before whoever made it goes on; null when nobody is to be told.</param>
    /// <param name="version">The version of the format the mirror is told in.</param>
    void TakeCharge(IStateMirror? mirror, int version);

    /// <summary>Another process is in charge: operations are asked of it.</summary>
    /// <param name="authority">The process in charge.</param>
    /// <param name="version">The version of the format it is asked in.</param>
    void Follow(IStateAuthority authority, int version);

    /// <summary>Begins to note which keys change. What <see cref="IHandedOverState.ExportAsync"/> writes after this and the
    /// changes noted since make up the whole.</summary>
    void BeginLog();

    /// <summary>Stops noting.</summary>
    void EndLog();

    /// <summary>Writes the present state of every key that has changed since the log began or was last written.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="version">The version of the format.</param>
    /// <returns>The number of keys.</returns>
    long ExportChanges(Stream destination, int version);

    /// <summary>Applies what <see cref="ExportChanges"/> wrote.</summary>
    /// <param name="source">The changes.</param>
    /// <param name="version">The version of the format.</param>
    void ImportChanges(Stream source, int version);

    /// <summary>Carries out an operation that the other process asks for.</summary>
    /// <param name="request">The operation.</param>
    /// <param name="version">The version of the format it is in.</param>
    /// <param name="cancellationToken">The other process is gone.</param>
    /// <returns>The answer; null when the mirror has told the other process.</returns>
    ValueTask<StateAnswer?> CarryOutAsync(StateRequest request, int version, CancellationToken cancellationToken);

    /// <summary>Carries out an operation for another generation in the same process, wherever it has to be done.</summary>
    /// <param name="request">The operation.</param>
    /// <param name="version">The version of the format it is in.</param>
    /// <param name="cancellationToken">Ends the wait; the operation may have been carried out.</param>
    /// <returns>The answer.</returns>
    ValueTask<StateAnswer> PassOnAsync(StateRequest request, int version, CancellationToken cancellationToken);

    /// <summary>Tells whether the entries of another state in the same process can be taken as they are: its keys and values have
    /// the same types, which belong to no module.</summary>
    /// <param name="other">The other state.</param>
    bool CanAdopt(ILoggedState other);

    /// <summary>Takes the entries of another state in the same process, and leaves it none. Nobody may be in charge of either.
    /// </summary>
    /// <param name="other">The other state, for which <see cref="CanAdopt"/> is true.</param>
    void Adopt(ILoggedState other);

    /// <summary>Takes note of a change that the process in charge has made.</summary>
    /// <param name="change">The change.</param>
    /// <param name="version">The version of the format it is in.</param>
    void ApplyMirrored(StateChange change, int version);
}

/// <summary>The process in charge, as the other one sees it.</summary>
internal interface IStateAuthority
{
    /// <summary>Asks for an operation.</summary>
    /// <param name="state">The state.</param>
    /// <param name="request">The operation; its id is chosen by the callee.</param>
    /// <param name="cancellationToken">Ends the wait; the operation may have been carried out.</param>
    /// <returns>The answer: <see cref="StateStatus.Moved"/> when it was not carried out here and is to be tried again once
    /// somebody else is in charge.</returns>
    ValueTask<StateAnswer> AskAsync(ILoggedState state, StateRequest request, CancellationToken cancellationToken);
}

/// <summary>The process that keeps a copy, as the one in charge sees it.</summary>
internal interface IStateMirror
{
    /// <summary>Gets a task that ends when all that was added so far is out of this process's hands.</summary>
    Task Sent { get; }

    /// <summary>Adds a change. Called in the order of the changes of a key, under the lock that orders them.</summary>
    /// <param name="state">The state.</param>
    /// <param name="change">The change.</param>
    /// <returns>A task that ends when the change is out of this process's hands, or the other process is given up.</returns>
    Task AddAsync(ILoggedState state, StateChange change);
}

/// <summary>An operation on one key.</summary>
internal enum StateOperation : byte
{
    Read = 1,
    Write = 2,
    Remove = 3,
    Count = 4,
}

/// <summary>An operation that one process asks of the other.</summary>
/// <param name="Id">Chosen by who asks; from 1.</param>
/// <param name="Operation">What to do.</param>
/// <param name="Expected">The version that the entry must have: 0 none must exist, -1 any.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value to write.</param>
internal readonly record struct StateRequest(
    uint Id, StateOperation Operation, long Expected, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);

/// <summary>How an operation ended.</summary>
internal enum StateStatus : byte
{
    /// <summary>Carried out.</summary>
    Done = 1,

    /// <summary>Not carried out: the entry has another version.</summary>
    Differs = 2,

    /// <summary>Not carried out: this process is not in charge.</summary>
    Moved = 3,

    /// <summary>Not carried out: a codec has failed.</summary>
    Failed = 4,
}

/// <summary>The answer to a <see cref="StateRequest"/>.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Version">The entry's version, 0 when there is none; of a removal, the version removed; of a count, the
/// count.</param>
/// <param name="Value">The entry's value where it was read or differs.</param>
internal readonly record struct StateAnswer(StateStatus Status, long Version, ReadOnlyMemory<byte> Value = default);

/// <summary>A change that was made.</summary>
/// <param name="Request">The id of the other process's request that made it; 0 when it was none of its.</param>
/// <param name="Operation">Write or remove.</param>
/// <param name="Version">The entry's new version; of a removal, the version removed.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The new value.</param>
internal readonly record struct StateChange(
    uint Request, StateOperation Operation, long Version, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);
