using System.Net.Sockets;
using System.Text;

namespace Midstream.Supervisor.Metrics;

/// <summary>One request to the metrics endpoint and its answer (RFC 9112); the connection ends with it.</summary>
/// <param name="client">The connection; stays the caller's.</param>
/// <param name="read">Reads the service as it is.</param>
internal sealed class MetricsExchange(Socket client, Func<MetricsSnapshot> read)
{
    /// <summary>The one path that is answered.</summary>
    public const string Path = "/metrics";

    private const int HeadMaxBytes = 8 * 1024;

    /// <summary>Reads the request and answers it.</summary>
    /// <param name="patience">Ends the exchange, wherever it stands.</param>
    /// <returns>A task that ends when the client has closed its side as well.</returns>
    /// <exception cref="SocketException">The client is gone.</exception>
    public async Task RunAsync(CancellationToken patience)
    {
        var buffer = new byte[HeadMaxBytes];
        var head = await ReadHeadAsync(buffer, patience);
        if (head is { Length: 0 })
            return;

        await SendAsync(head is null ? Refusal("431 Request Header Fields Too Large") : AnswerTo(head), patience);

        // What the client has sent beyond its head must be read before the close, or a reset would overtake the answer.
        client.Shutdown(SocketShutdown.Send);
        while (await client.ReceiveAsync(buffer, SocketFlags.None, patience) > 0)
        {
        }
    }

    // Null for a head that is too long, empty for none.
    private async Task<string?> ReadHeadAsync(byte[] buffer, CancellationToken patience)
    {
        var length = 0;
        while (length < buffer.Length)
        {
            var count = await client.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, patience);
            if (count == 0)
                return "";
            length += count;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is var end and >= 0)
                return Encoding.Latin1.GetString(buffer, 0, end);
        }

        return null;
    }

    private byte[] AnswerTo(string head)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"])
            return Refusal("400 Bad Request");
        if (target.Split('?')[0] != Path)
            return Refusal("404 Not Found");
        return method == "GET" ? Metrics(WantsOpenMetrics(lines)) : Refusal("405 Method Not Allowed", "Allow: GET\r\n");
    }

    private byte[] Metrics(bool isOpenMetrics) => Response(
        "200 OK",
        isOpenMetrics ? PrometheusText.OpenMetricsType : PrometheusText.PlainType,
        PrometheusText.Write(read(), isOpenMetrics));

    // Whoever names the newer format can read it; the order of preference does not matter, for both say the same.
    private static bool WantsOpenMetrics(string[] lines) => lines.Any(line =>
        line.StartsWith("Accept:", StringComparison.OrdinalIgnoreCase)
        && line.Contains("application/openmetrics-text", StringComparison.OrdinalIgnoreCase));

    private static byte[] Refusal(string status, string headers = "") =>
        Response(status, "text/plain; charset=utf-8", $"{status}. The metrics are at GET {Path}.\n", headers);

    private static byte[] Response(string status, string type, string body, string headers = "")
    {
        var content = Encoding.UTF8.GetBytes(body);
        var head = $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {content.Length}\r\n{headers}"
            + "Connection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. content];
    }

    private async Task SendAsync(byte[] bytes, CancellationToken patience)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await client.SendAsync(bytes.AsMemory(sent), SocketFlags.None, patience);
    }
}
