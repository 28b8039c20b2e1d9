// One message of a channel and the descriptors that came with it, which must be taken or closed, never leaked.

namespace Midstream.Linux;

/// <summary>
/// Holds one received message. Disposing closes the descriptors nobody took. Not thread-safe.
/// </summary>
public sealed class SeqPacketMessage : IDisposable
{
    private readonly FileDescriptor?[] _descriptors;

    internal SeqPacketMessage(ReadOnlyMemory<byte> payload, IEnumerable<FileDescriptor> descriptors)
    {
        Payload = payload;
        _descriptors = [.. descriptors];
        Descriptors = [.. _descriptors.OfType<FileDescriptor>()];
    }

    /// <summary>Gets the message's bytes; never empty.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>Gets the descriptors in the order they were sent, taken ones included.</summary>
    public IReadOnlyList<FileDescriptor> Descriptors { get; }

    /// <summary>Takes the ownership of a descriptor: disposing the message no longer closes it.</summary>
    /// <param name="index">Its index in <see cref="Descriptors"/>.</param>
    /// <returns>The descriptor, now the caller's.</returns>
    /// <exception cref="InvalidOperationException">The descriptor was taken or closed before.</exception>
    public FileDescriptor Take(int index)
    {
        var taken = _descriptors[index]
            ?? throw new InvalidOperationException($"Descriptor {index} of the message was taken or closed before.");
        _descriptors[index] = null;
        return taken;
    }

    /// <summary>Closes the descriptors that were not taken.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _descriptors.Length; i++)
        {
            _descriptors[i]?.Dispose();
            _descriptors[i] = null;
        }
    }
}
