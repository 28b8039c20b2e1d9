using System.Globalization;

namespace Midstream.TestKit;

/// <summary>What the kernel tells of TCP sockets in /proc/net/tcp (proc(5)).</summary>
public static class TcpSockets
{
    private const string EstablishedState = "01";
    private const string ListeningState = "0A";
    private const string CloseWaitState = "08";
    private const int LocalAddressField = 1;
    private const int StateField = 3;
    private const int QueuesField = 4;
    private const int InodeField = 9;

    /// <summary>Counts the connections that clients of a port have to a process and that the process has not closed.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="port">The local port, of an IPv4 address.</param>
    /// <returns>The number; a connection that two of the process's descriptors lead to counts once.</returns>
    public static int Established(int pid, int port)
    {
        var owned = Processes.Descriptors(pid).Select(open => open.Target).ToHashSet();
        var local = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/tcp")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[LocalAddressField].EndsWith(local, StringComparison.Ordinal)
                && (fields[StateField] is EstablishedState or CloseWaitState)
                && owned.Contains($"socket:[{fields[InodeField]}]"));
    }

    /// <summary>Counts the connections that the kernel has taken for a port and that nobody has accepted yet.</summary>
    /// <param name="port">The port, of an IPv4 address.</param>
    /// <returns>The number.</returns>
    public static int NotAccepted(int port)
    {
        var local = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        // Of a listening socket the second queue is that of accept(2).
        return File.ReadLines("/proc/net/tcp")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[LocalAddressField].EndsWith(local, StringComparison.Ordinal)
                && fields[StateField] == ListeningState)
            .Sum(fields => int.Parse(
                fields[QueuesField].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
