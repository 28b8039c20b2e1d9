using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;

namespace Midstream;

/// <summary>What the host lends to one generation of a module. All of it ends with the generation, so nothing of it keeps the
/// generation in memory. Thread-safe. Also a service of the module's container.</summary>
public interface IModuleContext
{
    /// <summary>Gets the module's name, as its package says.</summary>
    string Name { get; }

    /// <summary>Gets the package's version, as the package says.</summary>
    string Version { get; }

    /// <summary>Gets the number of this generation: from 1, over all loads of the module in this process.</summary>
    long Generation { get; }

    /// <summary>Gets the module's own section of the host's configuration, <c>Modules:NAME</c>. It follows the host's
    /// changes.</summary>
    IConfiguration Configuration { get; }

    /// <summary>Gets the time. Its timers end with the generation.</summary>
    TimeProvider Time { get; }

    /// <summary>Gets the module's meter, named <c>Midstream.Module.NAME</c>. It is disposed of with the generation.</summary>
    Meter Meter { get; }

    /// <summary>Gets the events that modules send one another.</summary>
    IModuleEvents Events { get; }

    /// <summary>Gets a token that is cancelled when another generation serves in this one's place. Requests that never end by
    /// themselves (streams, WebSockets) should end then.</summary>
    CancellationToken Draining { get; }

    /// <summary>Gets a token that is cancelled when the generation ends: after its last request, or when the time for them is
    /// over.</summary>
    CancellationToken Stopping { get; }

    /// <summary>Creates an HTTP client. Its connections are the generation's own and close with it.</summary>
    /// <returns>The client; disposing of it is allowed and not needed.</returns>
    HttpClient CreateHttpClient();

    /// <summary>Runs work beside requests. The generation waits for it when it stops; what it throws is logged.</summary>
    /// <param name="name">What it is, for the log.</param>
    /// <param name="work">The work; its token is <see cref="Stopping"/>.</param>
    /// <exception cref="ObjectDisposedException">The generation has ended.</exception>
    void Run(string name, Func<CancellationToken, Task> work);
}
