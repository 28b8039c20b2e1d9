// The supervisor's own notifications to the service manager that started it.

using System.Runtime.InteropServices;
using System.Text;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Tells the service manager about this process's state (sd_notify(3)).</summary>
public static class Notifier
{
    private static readonly TimeSpan s_sendTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Sends a state to the socket named by NOTIFY_SOCKET.</summary>
    /// <param name="state">Assignments, one a line, such as <c>READY=1</c>.</param>
    /// <returns>False when NOTIFY_SOCKET is unset or empty: nobody wants to know.</returns>
    /// <exception cref="LinuxException">The socket is gone (ECONNREFUSED, ENOENT), or its queue stayed full for five seconds
    /// (EAGAIN).</exception>
    public static bool Send(string state) => Send(state, Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>Sends a state to a notify socket.</summary>
    /// <param name="state">Assignments, one a line, such as <c>READY=1</c>.</param>
    /// <param name="address">An absolute path, or an abstract name with a leading @; null or empty for nobody.</param>
    /// <returns>False when there is no address.</returns>
    /// <exception cref="ArgumentException">The address is neither kind.</exception>
    /// <exception cref="LinuxException">The socket is gone (ECONNREFUSED, ENOENT), or its queue stayed full for five seconds
    /// (EAGAIN).</exception>
    public static bool Send(string state, string? address) => Send(state, [], address);

    /// <summary>Sends a state with descriptors, such as <c>FDSTORE=1</c>, to a notify socket.</summary>
    /// <param name="state">Assignments, one a line.</param>
    /// <param name="descriptors">Up to 253 descriptors, of which the receiver gets copies. They stay the caller's.</param>
    /// <param name="address">An absolute path, or an abstract name with a leading @; null or empty for nobody.</param>
    /// <returns>False when there is no address.</returns>
    /// <exception cref="ArgumentException">The address is neither kind.</exception>
    /// <exception cref="LinuxException">The socket is gone (ECONNREFUSED, ENOENT), its queue stayed full for five seconds
    /// (EAGAIN), or there are too many descriptors (EINVAL).</exception>
    /// <exception cref="ObjectDisposedException">A descriptor is closed.</exception>
    public static unsafe bool Send(string state, IReadOnlyList<SafeHandle> descriptors, string? address)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(descriptors);
        if (string.IsNullOrEmpty(address))
            return false;
        using var references = new HandleReferences(descriptors);
        using var target = AddressOf(address);
        using var socket = UnixAddress.Open(Abi.SOCK_DGRAM);
        UnixAddress.SetSendTimeout(socket, s_sendTimeout);
        var content = Encoding.UTF8.GetBytes(state);
        var rights = new byte[ControlMessages.Space(descriptors.Count * sizeof(int))];
        nint sent;
        fixed (byte* text = content, bytes = target.Bytes, control = rights)
        {
            var vector = new IoVector { Base = text, Length = (nuint)content.Length };
            var header = new MessageHeader
            {
                Name = bytes,
                NameLength = (uint)target.Bytes.Length,
                Vectors = &vector,
                VectorCount = 1,
            };
            if (descriptors.Count > 0)
            {
                header.ControlLength = (nuint)ControlMessages.WriteRights(control, descriptors);
                header.Control = control;
            }

            do
                sent = Libc.sendmsg(socket, &header, Abi.MSG_NOSIGNAL);
            while (Calls.Interrupted(sent));
        }

        Calls.Check((int)sent, "sendmsg", $"Cannot notify {address}");
        return true;
    }

    private static UnixAddress AddressOf(string address) => address[0] switch
    {
        '@' => UnixAddress.OfAbstract(address),
        '/' => UnixAddress.OfPath(address),
        _ => throw new ArgumentException($"NOTIFY_SOCKET is neither an absolute path nor an abstract name: {address}"),
    };
}
