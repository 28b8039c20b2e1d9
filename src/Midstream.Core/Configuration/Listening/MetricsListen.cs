// Makes the sockets of the metrics endpoint, which must not be those that clients reach the service on.

namespace Midstream.Core.Configuration;

/// <summary>Makes sockets of "metrics.listen".</summary>
internal static class MetricsListen
{
    private const string Key = "metrics.listen";

    /// <summary>Makes sockets of the URL.</summary>
    /// <param name="url">The URL; null for no endpoint.</param>
    /// <param name="clients">The sockets that clients reach the service on.</param>
    /// <param name="errors">Where to add what is wrong.</param>
    /// <returns>The sockets; not to be used when there are errors.</returns>
    public static IReadOnlyList<ListenSocket> Resolve(string? url, IReadOnlyList<ListenSocket> clients, ConfigErrors errors)
    {
        if (url is null)
            return [];

        IReadOnlyList<ListenSocket> sockets =
            ListenResolver.Resolve([new ListenConfig(url, Name: "metrics")], _ => Key, errors);
        if (sockets.Any(socket => socket.Scheme == "https"))
            errors.Add(Key, $"\"{url}\" asks for TLS, which this endpoint does not speak; write http:// or unix:.");
        if (sockets.Any(socket => socket.IsDatagram))
            errors.Add(Key, $"\"{url}\" asks for datagrams, and a scraper speaks HTTP; write http:// or unix:.");
        if (sockets.SelectMany(_ => clients, (socket, client) => (socket, client))
            .FirstOrDefault(pair => ListenConflict.Exists(pair.socket, pair.client)) is { client: { } taken })
            errors.Add(Key, $"\"{url}\" takes the same address as {ListenConflict.Describe(taken)} in listen; choose another.");

        return sockets;
    }
}
