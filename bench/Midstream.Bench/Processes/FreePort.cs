using System.Net;
using System.Net.Sockets;

namespace Midstream.Bench.Processes;

/// <summary>Finds a port for a server that cannot be asked which one it got: by binding to port 0 first.</summary>
internal static class FreePort
{
    /// <summary>Finds a free port on 127.0.0.1. It is free at this moment; the server binds it right after.</summary>
    public static int Find()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
