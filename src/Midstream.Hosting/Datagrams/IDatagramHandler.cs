using Midstream.Hosting.Datagrams;

namespace Midstream.Hosting;

/// <summary>
/// Handles the datagrams of one of the service's UDP sockets. Made once for a process, as a singleton, and added by
/// <see cref="MidstreamDatagramExtensions.AddDatagramHandler{THandler}"/>.
/// </summary>
/// <remarks>A process receives from the time it takes over until it is to be replaced. Each datagram is received by one
/// process, and
/// what was received is handled before the process ends; what nobody has received waits in the kernel for the next.</remarks>
public interface IDatagramHandler
{
    /// <summary>Handles a datagram. The next one is received when this ends; as many are under way at once as was said when the
    /// handler was added. An exception is logged, and the next datagram received.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="cancellationToken">The process has no time left.</param>
    /// <returns>A task that ends when it is handled.</returns>
    ValueTask HandleAsync(Datagram datagram, CancellationToken cancellationToken);
}
