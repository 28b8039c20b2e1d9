// What a worker said over the notify protocol.

namespace Midstream.Linux;

/// <summary>Holds one notification.</summary>
/// <param name="Fields">The assignments, such as READY=1; of a name given twice the last one.</param>
/// <param name="SenderPid">The sending process as the kernel vouches for it; 0 when this process cannot see it.</param>
public sealed record NotifyMessage(IReadOnlyDictionary<string, string> Fields, int SenderPid);
