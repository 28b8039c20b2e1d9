using System.Runtime.InteropServices;
using Midstream.Control.Workers;

namespace Midstream.Hosting.Worker;

/// <summary>The way to the supervisor, whichever process that is at the moment.</summary>
internal interface ISupervisorLink
{
    /// <summary>Sends a message. Does nothing when the supervisor is gone: who needs to know learns it in its own time, and
    /// a new supervisor asks for what it needs.</summary>
    /// <param name="message">The message.</param>
    /// <param name="descriptors">Descriptors that go with it; they stay the caller's.</param>
    /// <param name="cancellationToken">Ends the wait for room in the channel.</param>
    /// <returns>A task that ends when the message is sent or cannot be.</returns>
    ValueTask SayAsync(
        WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken);
}

/// <summary>Shortens the ordinary case.</summary>
internal static class SupervisorLinkExtensions
{
    /// <summary>Sends a message without descriptors.</summary>
    public static ValueTask SayAsync(this ISupervisorLink link, WorkerMessage message) =>
        link.SayAsync(message, [], CancellationToken.None);
}
