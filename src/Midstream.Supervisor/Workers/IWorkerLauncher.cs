using Midstream.Releases;

namespace Midstream.Supervisor.Workers;

/// <summary>Starts workers.</summary>
internal interface IWorkerLauncher
{
    /// <summary>Starts a worker.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="release">The release.</param>
    /// <returns>The worker, just born.</returns>
    /// <exception cref="WorkerFailedException">There is nothing to start, or it cannot be started.</exception>
    Worker Launch(WorkerName name, StoredRelease release);
}
