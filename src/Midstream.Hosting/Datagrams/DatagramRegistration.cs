namespace Midstream.Hosting.Datagrams;

/// <summary>What an application has said of the datagrams of a socket.</summary>
/// <param name="Socket">The socket's name, or its <c>udp://</c> address.</param>
/// <param name="ConcurrencyMax">How many may be handled at once.</param>
/// <param name="Handler">The handler's type, a singleton.</param>
internal sealed record DatagramRegistration(string Socket, int ConcurrencyMax, Type Handler);
