using System.Text.Json;
using System.Text.Json.Serialization;
using Midstream.Linux;

namespace Midstream.Supervisor.State;

/// <summary>
/// What a supervisor must know after it was killed: which release serves, which one to go back to, and whether the present
/// one is permanent. Written whole before it is acted upon, so that a restart finds the old or the new, never a mix.
/// </summary>
/// <param name="Format">The version of this layout.</param>
/// <param name="Service">The service's name.</param>
/// <param name="Current">The id of the release that serves, or is to serve; null before the first.</param>
/// <param name="Previous">The id of the release before it; null when there is none.</param>
/// <param name="Committed">False while <paramref name="Current"/> is in probation: found so at a start, it is gone back
/// on.</param>
/// <param name="Generation">The number of the last generation that was started.</param>
/// <param name="Command">The command that starts a release; null when its entry point is found.</param>
/// <param name="Workers">The number of workers as scaled live; null when the configuration's number holds.</param>
/// <param name="GoBackTo">The release to go back to while <paramref name="Current"/> is in probation, which may be the same
/// release; null when it is committed.</param>
public sealed record ServiceState(
    int Format,
    string Service,
    string? Current,
    string? Previous,
    bool Committed,
    long Generation,
    IReadOnlyList<string>? Command,
    int? Workers = null,
    string? GoBackTo = null)
{
    /// <summary>The version of the layout that this program writes, and the highest that it reads.</summary>
    public const int CurrentFormat = 1;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the state of a service that has never run.</summary>
    /// <param name="service">The service's name.</param>
    /// <returns>The state.</returns>
    public static ServiceState Initial(string service) => new(CurrentFormat, service, null, null, true, 0, null);

    /// <summary>Reads a state file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The state; null when there is no file.</returns>
    /// <exception cref="SupervisorException">The file is of a newer version, or cannot be read.</exception>
    public static ServiceState? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var bytes = File.ReadAllBytes(path);
            var format = JsonSerializer.Deserialize(bytes, StateJson.Default.FormatOnly)?.Format ?? 0;
            if (format > CurrentFormat)
                throw new SupervisorException(
                    SupervisorFailure.StateTooNew,
                    $"{path} was written by a newer Midstream (format {format}; this one reads up to {CurrentFormat}). " +
                    "Run the newer program, or give another --state.");
            return JsonSerializer.Deserialize(bytes, StateJson.Default.ServiceState)
                ?? throw new JsonException("The file says 'null'.");
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new SupervisorException(
                SupervisorFailure.StateUnusable,
                $"{path} cannot be read: {unreadable.Message} The releases beside it are whole; remove the file to start " +
                    "anew from one.",
                unreadable);
        }
    }

    /// <summary>Writes the state to disk; when this returns it survives a power cut.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The disk is full or broken; the file is as it was before.</exception>
    public void Write(string path) =>
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.ServiceState), Mode);

    internal sealed record FormatOnly(int Format);
}

/// <summary>The JSON of the state directory's files, generated for Native AOT.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceState))]
[JsonSerializable(typeof(ServiceState.FormatOnly))]
[JsonSerializable(typeof(LedgerEntry))]
[JsonSerializable(typeof(WorkerRecord))]
internal sealed partial class StateJson : JsonSerializerContext;
