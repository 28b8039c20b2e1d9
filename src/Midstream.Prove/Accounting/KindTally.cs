namespace Midstream.Prove.Accounting;

// Everything counted about the clients of one kind. Any thread may count at any time.
internal sealed class KindTally(ClientKind kind, int clients)
{
    private readonly long[] _outcomes = new long[Enum.GetValues<RequestOutcome>().Length];
    private long _opened;
    private long _openedAtBeginning;
    private long _survived;
    private long _announcedCloses;
    private long _unannouncedCloses;
    private long _closesUnderRequest;
    private long _unsolicited;

    public ClientKind Kind => kind;

    public int Clients => clients;

    // Apart, for quantiles cannot be taken from each other.
    public LatencyHistogram MarkedLatencies { get; } = new();

    public LatencyHistogram OtherLatencies { get; } = new();

    public LatencyHistogram AllLatencies
    {
        get
        {
            var all = new LatencyHistogram();
            all.Add(MarkedLatencies);
            all.Add(OtherLatencies);
            return all;
        }
    }

    public void CountOutcome(RequestOutcome outcome) => Interlocked.Increment(ref _outcomes[(int)outcome]);

    public void CountOpened() => Interlocked.Increment(ref _opened);

    public void CountOpenedAtBeginning() => Interlocked.Increment(ref _openedAtBeginning);

    public void CountSurvived() => Interlocked.Increment(ref _survived);

    public void CountAnnouncedClose() => Interlocked.Increment(ref _announcedCloses);

    public void CountUnannouncedClose() => Interlocked.Increment(ref _unannouncedCloses);

    public void CountCloseUnderRequest() => Interlocked.Increment(ref _closesUnderRequest);

    public void CountUnsolicited() => Interlocked.Increment(ref _unsolicited);

    public OutcomeCounts Outcomes => new()
    {
        Answered = Of(RequestOutcome.Answered),
        NotSent = Of(RequestOutcome.NotSent),
        LostConnectFailed = Of(RequestOutcome.LostConnectFailed),
        LostNoResponse = Of(RequestOutcome.LostNoResponse),
        LostTruncated = Of(RequestOutcome.LostTruncated),
        LostTimeout = Of(RequestOutcome.LostTimeout),
        LostUnanswered = Of(RequestOutcome.LostUnanswered),
        WrongStatus = Of(RequestOutcome.WrongStatus),
        WrongBody = Of(RequestOutcome.WrongBody),
        WrongId = Of(RequestOutcome.WrongId),
        Malformed = Of(RequestOutcome.Malformed),
    };

    public ConnectionCounts Connections => new()
    {
        Opened = Volatile.Read(ref _opened),
        OpenedAtBeginning = Volatile.Read(ref _openedAtBeginning),
        Survived = Volatile.Read(ref _survived),
        AnnouncedCloses = Volatile.Read(ref _announcedCloses),
        UnannouncedCloses = Volatile.Read(ref _unannouncedCloses),
        ClosesUnderRequest = Volatile.Read(ref _closesUnderRequest),
        Unsolicited = Volatile.Read(ref _unsolicited),
    };

    private long Of(RequestOutcome outcome) => Volatile.Read(ref _outcomes[(int)outcome]);
}
