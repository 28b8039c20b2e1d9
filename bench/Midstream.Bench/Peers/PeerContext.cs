using Midstream.Bench.Processes;

namespace Midstream.Bench.Peers;

/// <summary>What a peer is started with.</summary>
/// <param name="Launcher">Starts its processes.</param>
/// <param name="Folder">An empty folder of its own.</param>
/// <param name="Port">A free port on 127.0.0.1 to listen on.</param>
/// <param name="Artifacts">The folder with the built product and the published applications.</param>
internal sealed record PeerContext(Launcher Launcher, string Folder, int Port, string Artifacts)
{
    /// <summary>Gets the published service that the .NET servers run.</summary>
    public string PublishedService => Path.Combine(Artifacts, "apps", "bench-apps-Hello");
}
