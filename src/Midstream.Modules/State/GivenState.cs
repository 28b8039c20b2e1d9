namespace Midstream.Modules.State;

/// <summary>A state that was written before, by another process or in another run, in the form of who wrote it.</summary>
/// <param name="name">The state's name.</param>
/// <param name="version">The version of the format it is in.</param>
/// <param name="content">What was written.</param>
internal sealed class GivenState(string name, int version, ReadOnlyMemory<byte> content) : IHandedOverState
{
    public string Name => name;

    public int Version => version;

    public Task ExportAsync(Stream destination, int version, CancellationToken cancellationToken) =>
        destination.WriteAsync(content, cancellationToken).AsTask();

    public Task ImportAsync(Stream source, int version, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"The state \"{name}\" was given, and is only read.");

    public ValueTask FreezeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Thaw()
    {
    }
}
