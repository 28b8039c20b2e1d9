using System.Text.Json;

namespace Midstream.Control.Workers;

/// <summary>
/// What a worker is told at its birth: which descriptors it inherited and who it is. Travels as JSON in one environment
/// variable, <see cref="VariableName"/>, so that a worker that does not know Midstream never notices it.
/// </summary>
/// <param name="Protocol">The version of the worker protocol the supervisor speaks (docs/specs/worker-protocol.md).</param>
/// <param name="Service">The service's name.</param>
/// <param name="Generation">The generation's number, counted from 1 over the life of the service.</param>
/// <param name="Slot">The worker's place among the service's workers, counted from 1.</param>
/// <param name="Release">The id of the release this generation was started from.</param>
/// <param name="ControlDescriptor">The inherited descriptor of the control channel, a SOCK_SEQPACKET socket.</param>
/// <param name="ReunionDescriptor">The inherited descriptor of a listening SOCK_SEQPACKET socket on which a later supervisor
/// connects when the first one has died; null when there is none.</param>
/// <param name="OutputDescriptor">The inherited reading end of the pipe that is the worker's own standard output, kept so that
/// the pipe outlives the supervisor and can be given to the next; null when there is none.</param>
/// <param name="Listeners">The inherited sockets that clients reach, in the order of their descriptors.</param>
/// <param name="SupervisorLock">The path of the file that whoever is the supervisor holds locked (flock(2)): who connects to the
/// reunion socket and does not is refused. Null from a supervisor that does not say; then the user alone is looked at.</param>
public sealed record WorkerEnvironment(
    int Protocol,
    string Service,
    long Generation,
    int Slot,
    string Release,
    int ControlDescriptor,
    int? ReunionDescriptor,
    int? OutputDescriptor,
    IReadOnlyList<WorkerListener> Listeners,
    string? SupervisorLock = null)
{
    /// <summary>The environment variable that carries this record.</summary>
    public const string VariableName = "MIDSTREAM_WORKER";

    /// <summary>Writes the record as the value of <see cref="VariableName"/>.</summary>
    /// <returns>JSON on one line.</returns>
    public string ToVariable() => JsonSerializer.Serialize(this, WorkerJson.Default.WorkerEnvironment);

    /// <summary>Reads the value of <see cref="VariableName"/>.</summary>
    /// <param name="value">The variable's value; null when it is not set.</param>
    /// <returns>The record; null when there is none or when it cannot be understood, because a program must be able to
    /// run with a variable that was meant for another one.</returns>
    public static WorkerEnvironment? FromVariable(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        try
        {
            return JsonSerializer.Deserialize(value, WorkerJson.Default.WorkerEnvironment);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A listening socket that a worker inherited.</summary>
/// <param name="Id">Names the socket for as long as the supervisor keeps it; the same in every generation.</param>
/// <param name="Descriptor">The inherited descriptor.</param>
/// <param name="Name">The socket's name, as in LISTEN_FDNAMES.</param>
/// <param name="Url">The address as an ASP.NET Core application writes it: <c>http://127.0.0.1:5000</c>,
/// <c>http://unix:/run/x.sock</c>.</param>
public sealed record WorkerListener(int Id, int Descriptor, string Name, string Url);
