namespace Midstream.Supervisor.State;

/// <summary>Where it is written down what a supervisor must know after it was killed.</summary>
internal interface IStateFile
{
    /// <summary>Writes the state in the place of the one before; when this returns it survives a power cut.</summary>
    /// <param name="state">The state.</param>
    /// <exception cref="IOException">The disk is full or broken; what was written before is what counts.</exception>
    void Write(ServiceState state);
}

/// <summary>A file of the state directory.</summary>
/// <param name="path">Its path.</param>
internal sealed class StateFile(string path) : IStateFile
{
    public void Write(ServiceState state) => state.Write(path);
}
