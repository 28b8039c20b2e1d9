using Microsoft.Extensions.Logging;
using Midstream.Control.HandOver;

namespace Midstream.Hosting.Movable;

/// <summary>Has the application save the state of one conversation, and keeps what it has saved.</summary>
/// <param name="save">The application's function.</param>
/// <param name="logger">For what it throws.</param>
internal sealed partial class SavedState(Func<ReadOnlyMemory<byte>> save, ILogger logger)
{
    /// <summary>Gets what was saved.</summary>
    public ReadOnlyMemory<byte> State { get; private set; }

    /// <summary>Saves.</summary>
    /// <returns>False when the application could not, or the state is too long to travel: the connection stays.</returns>
    public bool TrySave()
    {
        try
        {
            State = save();
        }
        catch (Exception failed)
        {
            // Whatever the application throws: its conversation ends in the announced way, and nobody else's.
            LogNotSaved(failed);
            return false;
        }

        if (State.Length <= Passage.StateMax)
            return true;
        LogTooLong(State.Length, Passage.StateMax);
        return false;
    }

    [LoggerMessage(EventId = 140, EventName = "StateNotSaved", Level = LogLevel.Error,
        Message = "The application could not save the state of a connection, which is ended instead of moved.")]
    private partial void LogNotSaved(Exception error);

    [LoggerMessage(EventId = 141, EventName = "StateTooLong", Level = LogLevel.Error,
        Message = "The state of a connection has {Length} bytes, more than {Max}; the connection is ended instead of moved.")]
    private partial void LogTooLong(int length, int max);
}
