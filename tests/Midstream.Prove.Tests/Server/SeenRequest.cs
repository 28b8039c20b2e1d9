namespace Midstream.Prove.Tests.Server;

// One request as the server read it, completely, its body included.
public sealed record SeenRequest(
    string Method, string Path, long Id, int OnConnection, int Ordinal, int BodyBytes, bool AsksClose);
