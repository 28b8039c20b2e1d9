using System.Text.Json;
using Midstream.Linux;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.State;

/// <summary>
/// The workers there are, a file and a socket each: written when one is started, removed when it is gone. Whoever finds entries
/// at its start follows a supervisor that was killed.
/// </summary>
/// <param name="folder">Where the entries lie; it exists.</param>
internal sealed class WorkerRegister(string folder)
{
    /// <summary>The environment variable that tells a worker its own <see cref="SocketOf"/>: the one thing by which a process
    /// can be told to be a worker of this register before it has an entry.</summary>
    public const string VariableName = "MIDSTREAM_REUNION";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Gets the path of the socket on which a worker awaits its next supervisor.</summary>
    /// <param name="worker">The worker.</param>
    /// <returns>The path; there need not be anything.</returns>
    public string SocketOf(WorkerName worker) => Path.Combine(folder, $"{worker}.sock");

    /// <summary>Enters a worker.</summary>
    /// <param name="record">What is to be known of it.</param>
    /// <exception cref="IOException">The disk is full or broken; there is no entry.</exception>
    public void Add(WorkerRecord record) => AtomicFile.Write(
        EntryOf(record.Name), JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Default.WorkerRecord), OwnerOnly);

    /// <summary>Takes note that a worker that was started without a slot has one now.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="slot">Its slot.</param>
    /// <exception cref="IOException">The disk is full or broken, or there is no entry; nothing has changed.</exception>
    public void Assign(WorkerName worker, int slot)
    {
        var record = TryRead(EntryOf(worker)) ?? throw new IOException($"The entry of worker {worker} cannot be read.");
        Add(record with { Slot = slot, StartedFor = worker.Slot });
    }

    /// <summary>Removes a worker's entry and socket. Does nothing when there is none.</summary>
    /// <param name="worker">The worker.</param>
    public void Remove(WorkerName worker)
    {
        try
        {
            File.Delete(EntryOf(worker));
            File.Delete(SocketOf(worker));
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // An entry whose process is gone says nothing to anybody.
        }
    }

    /// <summary>Reads all entries. One that cannot be read was half-written when the machine went down, and its process is gone
    /// as well; it is removed.</summary>
    /// <returns>The entries, in no order.</returns>
    public IReadOnlyList<WorkerRecord> ReadAll()
    {
        var records = new List<WorkerRecord>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
        {
            if (TryRead(file) is { } record)
                records.Add(record);
            else
                File.Delete(file);
        }

        return records;
    }

    /// <summary>Lists the sockets of workers that have no entry: it was lost, or the supervisor was killed before it wrote
    /// it.</summary>
    /// <returns>Their paths.</returns>
    public IReadOnlyList<string> SocketsWithoutEntry() =>
        [.. Directory.EnumerateFiles(folder, "*.sock").Where(socket => !File.Exists(Path.ChangeExtension(socket, ".json")))];

    private static WorkerRecord? TryRead(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), StateJson.Default.WorkerRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string EntryOf(WorkerName worker) => Path.Combine(folder, $"{worker}.json");
}
