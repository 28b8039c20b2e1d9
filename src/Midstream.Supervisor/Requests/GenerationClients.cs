using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Requests;

/// <summary>Reaches generations over the service's first socket that speaks HTTP, or a private connection served like one of
/// it.</summary>
/// <param name="listeners">The sockets.</param>
internal sealed class GenerationClients(ListenerSet listeners) : IGenerationClients
{
    public IGenerationClient Of(Worker worker) => new GenerationClient(
        worker,
        // Who asks has an address to ask at: the configuration is refused otherwise.
        listeners.All.First(static listener => !listener.Address.IsDatagram));
}
