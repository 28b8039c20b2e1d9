using Midstream.Control.HandOver;

namespace Midstream.Hosting.Transport;

/// <summary>What is spoken on a connection after HTTP or instead of it, followed closely enough to know where it can be
/// cut.</summary>
internal interface IMovableProtocol
{
    /// <summary>Gets whether nothing is under way: the connection could be cut here.</summary>
    bool MayLeave { get; }

    /// <summary>Cuts the connection here, if it can be, and has the application save its state.</summary>
    /// <returns>True when it is cut: nothing more is read or written in this process.</returns>
    bool TryLeave();

    /// <summary>Takes what the next process needs beside the socket and its unread bytes.</summary>
    /// <returns>The passage, of a connection that was cut.</returns>
    Passage TakePassage();
}
