using System.Text;
using Microsoft.AspNetCore.Http;

namespace Midstream.Hosting.Requests;

/// <summary>What client and server have agreed on when a WebSocket was opened, and both rely on until it is closed.</summary>
/// <param name="SubProtocol">The subprotocol; empty for none.</param>
/// <param name="Extensions">The extensions; empty for none.</param>
internal sealed record Agreement(string SubProtocol, string Extensions)
{
    /// <summary>Gets whether nothing that was received has to be remembered to understand what comes. Compression is free of
    /// such a context only if the client starts each message anew (RFC 7692, 7.1.1.2); what this side compresses, it may start
    /// anew whenever it likes.</summary>
    public bool KeepsNoContext =>
        Extensions.Length == 0 || (Extensions.StartsWith("permessage-deflate", StringComparison.OrdinalIgnoreCase)
            && Extensions.Contains("client_no_context_takeover", StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads it off a response that has not been sent yet.</summary>
    /// <param name="response">The 101.</param>
    /// <returns>The agreement.</returns>
    public static Agreement Of(HttpResponse response) =>
        new(response.Headers.SecWebSocketProtocol.ToString(), response.Headers.SecWebSocketExtensions.ToString());

    /// <summary>Writes it for the next process, which compares.</summary>
    /// <returns>The text's bytes.</returns>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes($"{SubProtocol}\n{Extensions}");
}
