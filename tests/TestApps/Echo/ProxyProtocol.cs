// Takes the client's address from the line that a proxy puts in front of a connection (PROXY protocol, version 1), when
// ECHO_PROXY is set: a connection middleware such as applications behind HAProxy have.

using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Echo;

internal static class ProxyProtocol
{
    public static void UseProxyProtocol(this ConfigureWebHostBuilder host)
    {
        if (Environment.GetEnvironmentVariable("ECHO_PROXY") is not null)
            host.ConfigureKestrel(static kestrel => kestrel.ConfigureEndpointDefaults(Use));
    }

    private static void Use(ListenOptions listen) => listen.Use(static next => async connection =>
    {
        if (await TryReadAsync(connection))
            await next(connection);
    });

    private static async Task<bool> TryReadAsync(ConnectionContext connection)
    {
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync();
            if (TryParse(read.Buffer, out var client, out var consumed))
            {
                connection.RemoteEndPoint = client;
                connection.Transport.Input.AdvanceTo(consumed);
                return true;
            }

            if (read.IsCompleted)
                return false;
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"
    private static bool TryParse(in ReadOnlySequence<byte> buffer, out IPEndPoint? client, out SequencePosition consumed)
    {
        client = null;
        consumed = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
            return false;
        var words = Encoding.ASCII.GetString(line).Split(' ');
        client = new IPEndPoint(IPAddress.Parse(words[2]), int.Parse(words[4], CultureInfo.InvariantCulture));
        consumed = reader.Position;
        return true;
    }
}
