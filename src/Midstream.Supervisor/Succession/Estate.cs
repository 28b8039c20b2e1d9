using System.Text.Json;
using System.Text.Json.Serialization;
using Midstream.Core.Configuration;
using Midstream.Core.Generations;
using Midstream.Linux;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Succession;

/// <summary>
/// What a supervisor's program leaves to the next one in the same process: descriptors by number, and what it knew. A reader
/// ignores members that it does not know; members are added and never change their meaning, so that a newer and an older program
/// can follow each other in either order.
/// </summary>
/// <param name="Format">The version of this layout.</param>
/// <param name="Service">The service's name.</param>
/// <param name="Version">The version of the program that leaves it.</param>
/// <param name="StartedAt">When the service's supervisor was first started, UTC.</param>
/// <param name="Deployments">The replacements that became permanent since then.</param>
/// <param name="Restarts">The workers restarted since then.</param>
/// <param name="Upgrades">The supervisor's own updates since then, this one included.</param>
/// <param name="IsPaused">Whether the workers accept nothing at an operator's wish.</param>
/// <param name="Lock">The descriptor of the state directory's lock.</param>
/// <param name="Control">The descriptor of the control socket.</param>
/// <param name="Program">The descriptor of the old program, to go back to.</param>
/// <param name="Sockets">The listening sockets.</param>
/// <param name="Workers">The workers.</param>
/// <param name="Asked">Who asked for the update, and where to answer.</param>
/// <param name="TimeoutMs">How long the program that follows may take to be in charge, in milliseconds; null in what a program
/// wrote that had no such limit to give.</param>
/// <param name="Signals">The signals that were heard and not yet followed; null when there are none.</param>
/// <param name="Guard">The guard that stands by; null for the guard's own estate.</param>
/// <param name="Failure">Why the program that was to follow could not; null on the way forward.</param>
/// <param name="PidFile">The file with the supervisor's process id; null for none.</param>
internal sealed record Estate(
    int Format,
    string Service,
    string Version,
    DateTimeOffset StartedAt,
    long Deployments,
    long Restarts,
    long Upgrades,
    bool IsPaused,
    int Lock,
    int Control,
    int Program,
    IReadOnlyList<EstateSocket> Sockets,
    IReadOnlyList<EstateWorker> Workers,
    EstateAsked Asked,
    long? TimeoutMs = null,
    IReadOnlyList<string>? Signals = null,
    EstateGuard? Guard = null,
    string? Failure = null,
    string? PidFile = null)
{
    /// <summary>The version of the layout that this program writes, and the highest that it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The environment variable with the number of the memory file's descriptor.</summary>
    public const string VariableName = "MIDSTREAM_ESTATE";

    private static readonly TimeSpan s_usualTimeout = new UpgradeModel().Timeout;

    private const int SizeMaxBytes = 64 * 1024 * 1024;

    /// <summary>Gets how long the program that follows may take; then the guard takes its place.</summary>
    [JsonIgnore]
    public TimeSpan Timeout => TimeoutMs is { } given ? TimeSpan.FromMilliseconds(given) : s_usualTimeout;

    /// <summary>Gets how long the program that follows tries itself before it goes back: shorter than the guard's patience, for
    /// the way back in place keeps the process id.</summary>
    [JsonIgnore]
    public TimeSpan OwnTimeout => Timeout * 2 / 3;

    /// <summary>Gets the numbers of all descriptors.</summary>
    [JsonIgnore]
    public IEnumerable<int> Descriptors =>
    [
        Lock, Control, Program,
        .. Sockets.Select(socket => socket.Descriptor),
        .. Workers.SelectMany(worker => (int[])[worker.Channel, worker.Notify, worker.Output]),
        .. ((int?[])[Asked.Descriptor, Guard?.Word]).OfType<int>(),
    ];

    /// <summary>Says the same with other numbers for the descriptors.</summary>
    /// <param name="to">Gives the new number of an old one.</param>
    /// <returns>The same estate, without a guard.</returns>
    public Estate Renumbered(Func<int, int> to) => this with
    {
        Lock = to(Lock),
        Control = to(Control),
        Program = to(Program),
        Sockets = [.. Sockets.Select(socket => socket with { Descriptor = to(socket.Descriptor) })],
        Workers = [.. Workers.Select(worker => worker with
        {
            Channel = to(worker.Channel), Notify = to(worker.Notify), Output = to(worker.Output),
        })],
        Asked = Asked with { Descriptor = Asked.Descriptor is { } asked ? to(asked) : null },
        Guard = null,
    };

    /// <summary>Writes it to a memory file.</summary>
    /// <returns>The file.</returns>
    public FileDescriptor ToMemoryFile() =>
        MemoryFile.Create("midstream-estate", JsonSerializer.SerializeToUtf8Bytes(this, EstateJson.Default.Estate));

    /// <summary>Reads a memory file.</summary>
    /// <param name="file">The file; stays the caller's.</param>
    /// <returns>The estate.</returns>
    /// <exception cref="SupervisorException">It cannot be understood.</exception>
    public static Estate FromMemoryFile(FileDescriptor file)
    {
        try
        {
            var estate = JsonSerializer.Deserialize(MemoryFile.Read(file, SizeMaxBytes), EstateJson.Default.Estate)
                ?? throw new JsonException("It says 'null'.");
            return estate.Format <= CurrentFormat ? estate : throw new SupervisorException(
                SupervisorFailure.StateTooNew, $"What the program before left is of format {estate.Format}; this one reads " +
                    $"up to {CurrentFormat}.");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidDataException or LinuxException)
        {
            throw new SupervisorException(
                SupervisorFailure.StateUnusable,
                $"What the program before left cannot be read: {unreadable.Message}",
                unreadable);
        }
    }
}

/// <summary>A listening socket of an estate.</summary>
/// <param name="Descriptor">Its descriptor.</param>
/// <param name="Record">Which one it is.</param>
internal sealed record EstateSocket(int Descriptor, SocketRecord Record);

/// <summary>A worker of an estate; see <see cref="WorkerRemains"/>.</summary>
internal sealed record EstateWorker(
    long Generation,
    int Slot,
    string Release,
    DateTimeOffset StartedAt,
    int Pid,
    ulong StartTime,
    GenerationState State,
    IReadOnlyList<string>? Capabilities,
    long? ReadyInMs,
    bool HoldsLease,
    int Channel,
    int Notify,
    string NotifyAddress,
    int Output,
    byte[] PendingOutput,
    int? StartedFor = null,
    bool? LeaseInDoubt = null,
    bool? StateInDoubt = null);

/// <summary>A guard that stands by.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="StartTime">When it was started, in clock ticks after boot.</param>
/// <param name="Word">The descriptor by which it is told that it can go.</param>
internal sealed record EstateGuard(int Pid, ulong StartTime, int Word);

/// <summary>Who asked for an update.</summary>
/// <param name="Who">The user's name.</param>
/// <param name="Uid">The user's id; null for a signal.</param>
/// <param name="Since">When, UTC.</param>
/// <param name="Descriptor">The operator's connection, which awaits the result; null when nobody does.</param>
/// <param name="SinceUptimeMs">When, in milliseconds after boot: a clock that is set meanwhile does not count. Null in what a
/// program wrote that did not know it.</param>
internal sealed record EstateAsked(
    string Who, uint? Uid, DateTimeOffset Since, int? Descriptor, long? SinceUptimeMs = null)
{
    /// <summary>Gets the time from then to now, in milliseconds.</summary>
    [JsonIgnore]
    public long ElapsedMs => SinceUptimeMs is { } since
        ? Environment.TickCount64 - since : (long)(DateTimeOffset.UtcNow - Since).TotalMilliseconds;
}

/// <summary>The JSON of an estate, generated for Native AOT.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Estate))]
internal sealed partial class EstateJson : JsonSerializerContext;
