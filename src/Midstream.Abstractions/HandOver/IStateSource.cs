// States that come and go while the process runs, those of modules, as the process's own hand-over needs them. Internal: the
// projects are released together.

namespace Midstream.HandOver;

/// <summary>A state and the name by which the next process finds its own.</summary>
/// <param name="Name">Unique in the process.</param>
/// <param name="State">The state.</param>
internal readonly record struct NamedState(string Name, IHandedOverState State);

/// <summary>Whoever has states beside the application's own.</summary>
internal interface IStateSource
{
    /// <summary>Gets the states there are now.</summary>
    IReadOnlyList<NamedState> States { get; }

    /// <summary>Says, before there is any state, that this process is handed its state: what is made at its start waits until it
    /// is told who is in charge.</summary>
    void Govern();

    /// <summary>Makes the set of states stand still, for as long as two processes have it.</summary>
    /// <returns>A task that ends when it does.</returns>
    Task HoldAsync();

    /// <summary>Lets the set change again. Nothing when it was not held.</summary>
    void Release();
}
