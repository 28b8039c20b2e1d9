using Midstream.Core.Drain;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Drain;

/// <summary>Ends a connection in the way its protocol announces.</summary>
internal static class Announcements
{
    /// <summary>Announces the end; without effect on a connection that has been told in this way before.</summary>
    /// <param name="connection">The connection.</param>
    public static void Make(MidstreamConnection connection)
    {
        var kind = connection.Kind;
        if (connection.AnnouncedAs == kind)
            return;
        connection.AnnouncedAs = kind;
        switch (kind)
        {
            case ConnectionKind.Http2:
                connection.Interject(AnnouncingFrames.Http2GoAway, mute: false);
                _ = RequestCloseLaterAsync(connection);
                break;
            case ConnectionKind.Http2OverTls:
                connection.Streams.Announce();
                break;
            case ConnectionKind.WebSocket:
                connection.Interject(AnnouncingFrames.WebSocketGoingAway, mute: true);
                break;
            case ConnectionKind.MovableWebSocket:
                connection.Interject(AnnouncingFrames.WebSocketRestart, mute: true);
                break;
            default:
                connection.AnnounceClose();
                break;
        }
    }

    // Kestrel's own shutdown sends the final GOAWAY at once; a stream that crosses it on the wire would be lost.
    private static async Task RequestCloseLaterAsync(MidstreamConnection connection)
    {
        await Task.Delay(AnnouncingFrames.GoAwayDelay);
        connection.RequestClose();
    }
}
