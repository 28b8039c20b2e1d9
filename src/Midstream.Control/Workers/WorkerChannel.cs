using System.Runtime.InteropServices;
using System.Text.Json;
using Midstream.Linux;

namespace Midstream.Control.Workers;

/// <summary>
/// The worker protocol over one SOCK_SEQPACKET socket: a message is a packet, descriptors travel with it, and the end of
/// the stream means that the other process has died.
/// </summary>
/// <remarks>Several senders may send at once; one receiver at a time.</remarks>
/// <param name="packets">The socket; owned by this channel from now on.</param>
public sealed class WorkerChannel(SeqPacketChannel packets) : IAsyncDisposable
{
    /// <summary>The version of the protocol that this library speaks.</summary>
    public const int Protocol = 1;

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="descriptors">Descriptors that go with it; they stay the caller's.</param>
    /// <param name="cancellationToken">Ends the wait for room in the socket's buffer; a message is sent whole or not at
    /// all.</param>
    /// <returns>A task that ends when the kernel has taken the message.</returns>
    /// <exception cref="ChannelClosedException">The other process is gone.</exception>
    public ValueTask SendAsync(
        WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken) =>
        packets.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(message, WorkerJson.Default.WorkerMessage), descriptors, cancellationToken);

    /// <summary>Sends a message without descriptors.</summary>
    /// <inheritdoc cref="SendAsync(WorkerMessage, IReadOnlyList{SafeHandle}, CancellationToken)"/>
    public ValueTask SendAsync(WorkerMessage message, CancellationToken cancellationToken) =>
        SendAsync(message, [], cancellationToken);

    /// <summary>Receives the next message that this version of the protocol knows; others are passed over.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message with its descriptors, which are the caller's to dispose of; null when the other process is
    /// gone.</returns>
    public async ValueTask<ReceivedWorkerMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (await packets.ReceiveAsync(cancellationToken) is { } packet)
        {
            if (TryRead(packet.Payload.Span) is { } message)
                return new ReceivedWorkerMessage(message, packet);
            packet.Dispose();
        }

        return null;
    }

    /// <summary>Measures a message.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Its length in a packet, in bytes.</returns>
    public static int LengthOf(WorkerMessage message) =>
        JsonSerializer.SerializeToUtf8Bytes(message, WorkerJson.Default.WorkerMessage).Length;

    /// <summary>Gets the process at the other end.</summary>
    public PeerCredentials Peer => packets.Peer;

    /// <summary>Tells whether a process of a group holds the other end, whoever has made it.</summary>
    /// <inheritdoc cref="SeqPacketChannel.IsHeldBy"/>
    public bool? IsHeldBy(int processGroup) => packets.IsHeldBy(processGroup);

    /// <summary>Stops using the socket and gives it up open, for another program to go on with.</summary>
    /// <returns>The socket, the caller's from now on; what was not received stays in it.</returns>
    public ValueTask<FileDescriptor> ReleaseAsync() => packets.ReleaseAsync();

    /// <summary>Closes the socket; the other side reads the end of the stream.</summary>
    /// <returns>A task that ends when it is closed.</returns>
    public ValueTask DisposeAsync() => packets.DisposeAsync();

    private static WorkerMessage? TryRead(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, WorkerJson.Default.WorkerMessage);
        }
        catch (Exception malformed) when (malformed is JsonException or NotSupportedException)
        {
            // A type from a newer version, or rubbish: neither may end the conversation.
            return null;
        }
    }
}

/// <summary>A message with the descriptors that came with it.</summary>
/// <param name="message">The message.</param>
/// <param name="packet">The packet that carried it, which owns the descriptors nobody has taken.</param>
public sealed class ReceivedWorkerMessage(WorkerMessage message, SeqPacketMessage packet) : IDisposable
{
    /// <summary>The message.</summary>
    public WorkerMessage Message { get; } = message;

    /// <summary>Takes the message's first descriptor, which the caller owns from then on.</summary>
    /// <param name="index">Its place in the message, from 0.</param>
    /// <returns>The descriptor; null when none came.</returns>
    public FileDescriptor? TakeDescriptor(int index = 0) =>
        packet.Descriptors.Count > index ? packet.Take(index) : null;

    /// <summary>Closes the descriptors that nobody has taken.</summary>
    public void Dispose() => packet.Dispose();
}
