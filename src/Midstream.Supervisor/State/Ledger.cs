using System.Text.Json;
using Midstream.Linux;

namespace Midstream.Supervisor.State;

/// <summary>One line of the ledger.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Who">The user who asked, or <c>midstream</c>.</param>
/// <param name="Uid">The user's id; null for <c>midstream</c>.</param>
/// <param name="What">The operation: <c>run</c>, <c>deploy</c>, <c>rollback</c>, <c>restart</c>, <c>stop</c>.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Release">The release it was about; null when none was stored.</param>
/// <param name="Generation">The generation that served afterwards; null when none did.</param>
/// <param name="Reason">Why it did not end as asked; null when it did.</param>
/// <param name="ElapsedMs">How long it took, in milliseconds.</param>
/// <param name="Subject">The modules it was about; null when it was about the whole application.</param>
public sealed record LedgerEntry(
    DateTimeOffset At, string Who, uint? Uid, string What, string Outcome, string? Release, long? Generation,
        string? Reason, long ElapsedMs, string? Subject = null);

/// <summary>The record of who changed what, when, and how it ended.</summary>
internal interface ILedger
{
    /// <summary>Appends an entry. Failing to report never changes what was done: an error is the caller's to tell.</summary>
    /// <param name="entry">The entry.</param>
    /// <exception cref="IOException">The disk is full or broken; there is no entry.</exception>
    void Append(LedgerEntry entry);
}

/// <summary>The ledger on disk: one JSON object a line, appended and flushed.</summary>
/// <param name="path">The file.</param>
internal sealed class Ledger(string path) : ILedger, IDisposable
{
    private readonly DurableLog _log = DurableLog.Open(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    public void Append(LedgerEntry entry) =>
        _log.Append(JsonSerializer.SerializeToUtf8Bytes(entry, StateJson.Default.LedgerEntry));

    public void Dispose() => _log.Dispose();
}
