// The seam between deciding to start a worker and the operating system that starts it.

namespace Midstream.Linux;

/// <summary>Starts processes.</summary>
public interface IProcessSpawner
{
    /// <summary>Starts a process.</summary>
    /// <param name="request">What to start, and with what.</param>
    /// <returns>The child.</returns>
    /// <exception cref="ArgumentException">The command is empty, or a text holds a zero character.</exception>
    /// <exception cref="LinuxException">The program or folder does not exist (ENOENT), may not be executed (EACCES), a limit
    /// may not be set (EPERM, with advice), or the process could not be created.</exception>
    ChildProcess Spawn(SpawnRequest request);
}
