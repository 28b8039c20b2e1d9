namespace Midstream.Prove.Tests.Server;

// The ways in which the test's server can fail a request, each named after what it does on the wire.
public enum Fault
{
    None,
    ResetAfterRequest,
    FinAfterRequest,
    FinAfterResponse,
    ResetAfterResponse,
    TruncatedLengthBody,
    TruncatedChunkedBody,
    ResetInBody,
    WrongId,
    WrongStatus,
    WrongBody,
    NotHttp,
    SurplusBytes,
    BytesWhileIdle,
    StallBeforeResponse,
    StallInBody,
    AnnouncedClose,
    StopListening,
}
