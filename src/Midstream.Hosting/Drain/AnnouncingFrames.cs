namespace Midstream.Hosting.Drain;

/// <summary>The frames by which protocols announce that a connection will end.</summary>
internal static class AnnouncingFrames
{
    /// <summary>A WebSocket close frame with the code 1001, going away (RFC 6455, sections 5.5.1 and 7.4.1).</summary>
    public static readonly byte[] WebSocketGoingAway = [0x88, 0x02, 0x03, 0xE9];

    /// <summary>A WebSocket close frame with the code 1012, service restart (IANA's registry of close codes): the conversation
    /// was
    /// to go on, and could not.</summary>
    public static readonly byte[] WebSocketRestart = [0x88, 0x02, 0x03, 0xF4];

    /// <summary>An HTTP/2 GOAWAY with the highest stream id and no error: every stream that is on its way will still be
    /// served, and no new one should follow (RFC 9113, section 6.8).</summary>
    public static readonly byte[] Http2GoAway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

    /// <summary>The time between the early GOAWAY and the final one: longer than a round trip, so that the final one names every
    /// stream that the client had begun before it knew.</summary>
    public static readonly TimeSpan GoAwayDelay = TimeSpan.FromMilliseconds(300);
}
