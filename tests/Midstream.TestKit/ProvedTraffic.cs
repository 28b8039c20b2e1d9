using Midstream.Prove;

namespace Midstream.TestKit;

/// <summary>Traffic of a `midstream prove` process, which accounts for every request.</summary>
/// <remarks>Begun before, and ended after, what is tested.</remarks>
public sealed class ProvedTraffic : IAsyncDisposable
{
    private readonly RunningProgram _prove;
    private readonly IReadOnlyDictionary<ClientKind, int> _clients;

    private ProvedTraffic(RunningProgram prove, IReadOnlyDictionary<ClientKind, int> clients)
    {
        _prove = prove;
        _clients = clients;
    }

    /// <summary>Gets the number of connections that the clients open at the beginning and keep to the end.</summary>
    public int KeptConnections => _clients.Where(kind => ClientKinds.KeepsConnection(kind.Key)).Sum(kind => kind.Value);

    /// <summary>Gets the number of clients that open a connection for each request.</summary>
    public int NewConnectionClients => _clients.GetValueOrDefault(ClientKind.NewConnection);

    /// <summary>Starts the traffic and waits until every client that keeps its connection has it.</summary>
    /// <param name="target">The address.</param>
    /// <param name="clients">How many clients of each kind.</param>
    /// <param name="options">More options of `midstream prove`.</param>
    /// <returns>The traffic.</returns>
    public static async Task<ProvedTraffic> StartAsync(
        string target, IReadOnlyDictionary<ClientKind, int> clients, params string[] options)
    {
        ArgumentNullException.ThrowIfNull(clients);
        var kinds = string.Join(',', clients.Select(kind => $"{ClientKinds.NameOf(kind.Key)}={kind.Value}"));
        var prove = RunningProgram.Start(
            Repository.Program, ["prove", target, "--duration", "1h", "--json", "--clients", kinds, .. options]);
        var traffic = new ProvedTraffic(prove, clients);
        try
        {
            await Waiting.UntilAsync(traffic.HasBegun, "the clients' connections");
            return traffic;
        }
        catch
        {
            await traffic.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the traffic in order: the requests under way are finished.</summary>
    /// <returns>The account of every request.</returns>
    public async Task<ProveReport> EndAsync()
    {
        _prove.Signal("TERM");
        var ended = await _prove.WaitAsync();
        return ended.Output.Length > 0
            ? ProveReport.FromJson(ended.Output)
            : throw new InvalidOperationException($"prove: {ended}");
    }

    /// <summary>Kills the traffic, if it still runs.</summary>
    /// <returns>A task that ends when it is gone.</returns>
    public ValueTask DisposeAsync() => _prove.DisposeAsync();

    private bool HasBegun()
    {
        if (_prove.HasExited)
            throw new InvalidOperationException($"prove ended at once: {_prove.Error}");
        var open = Processes.Descriptors(_prove.Pid);
        return open.Count(descriptor => descriptor.Target.StartsWith("socket:", StringComparison.Ordinal)) >= KeptConnections;
    }
}
