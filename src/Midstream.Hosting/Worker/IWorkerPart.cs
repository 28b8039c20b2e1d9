using Midstream.Control.Workers;

namespace Midstream.Hosting.Worker;

/// <summary>
/// A part of the worker that has its own share in the conversation with the supervisor. Registered in
/// <see cref="MidstreamServices"/>; the session offers it each message that it does not answer itself.
/// </summary>
internal interface IWorkerPart
{
    /// <summary>Gets what the worker can do because of this part; said in its hello.</summary>
    IReadOnlyList<string> Capabilities => [];

    /// <summary>Adds to a hello what a supervisor that has not started this process needs to know of this part.</summary>
    /// <param name="hello">The hello so far.</param>
    /// <returns>The hello to say.</returns>
    HelloMessage Complete(HelloMessage hello) => hello;

    /// <summary>Offers a message.</summary>
    /// <param name="received">The message with its descriptors, which end with this call unless they are taken.</param>
    /// <param name="cancellationToken">The application stops.</param>
    /// <returns>True when the message was this part's.</returns>
    ValueTask<bool> TryHandleAsync(ReceivedWorkerMessage received, CancellationToken cancellationToken);
}
