// The supervisor's own notifications to the service manager that started it.

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
    public static unsafe bool Send(string state, string? address)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (string.IsNullOrEmpty(address))
            return false;
        using var target = AddressOf(address);
        using var socket = UnixAddress.Open(Abi.SOCK_DGRAM);
        UnixAddress.SetSendTimeout(socket, s_sendTimeout);
        nint sent;
        fixed (byte* text = Encoding.UTF8.GetBytes(state), bytes = target.Bytes)
        {
            var length = (nuint)Encoding.UTF8.GetByteCount(state);
            do
                sent = Libc.sendto(socket, text, length, Abi.MSG_NOSIGNAL, bytes, (uint)target.Bytes.Length);
            while (Calls.Interrupted(sent));
        }

        Calls.Check((int)sent, "sendto", $"Cannot notify {address}");
        return true;
    }

    private static UnixAddress AddressOf(string address) => address[0] switch
    {
        '@' => UnixAddress.OfAbstract(address),
        '/' => UnixAddress.OfPath(address),
        _ => throw new ArgumentException($"NOTIFY_SOCKET is neither an absolute path nor an abstract name: {address}"),
    };
}
