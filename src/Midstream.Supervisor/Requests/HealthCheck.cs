using System.Net;
using Midstream.Core.Configuration;
using Midstream.Linux;

namespace Midstream.Supervisor.Requests;

/// <summary>Asks a generation whether it is healthy.</summary>
/// <param name="client">Reaches the generation.</param>
/// <param name="health">What to ask, and how long to wait.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthCheck(IGenerationClient client, HealthModel health, TimeProvider time)
{
    /// <summary>Says whether a status is a good answer.</summary>
    /// <param name="status">The status.</param>
    /// <returns>True for 2xx and 3xx: a redirection to HTTPS or to a log-in page is a sign of life.</returns>
    public static bool IsHealthy(HttpStatusCode status) => (int)status is >= 200 and < 400;

    /// <summary>Gets whether the last question could be asked. When it is the supervisor that has no descriptor left for it, that
    /// proves nothing good of the generation, and nothing bad.</summary>
    public bool CouldAsk { get; private set; } = true;

    /// <summary>Asks once.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is wrong; null when it is healthy.</returns>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        CouldAsk = true;
        using var patience = new Patience(health.Timeout, time, cancellationToken);
        try
        {
            var status = await client.GetAsync(health.Path, patience.Token);
            return IsHealthy(status) ? null : $"The health check GET {health.Path} was answered with {(int)status}; 200 " +
                "to 399 is healthy.";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The health check GET {health.Path} was not answered within {health.Timeout.TotalMilliseconds:0} ms.";
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException)
        {
            CouldAsk = !LacksDescriptors(unreachable);
            return $"The health check GET {health.Path} could not be made: {unreachable.Message}";
        }
    }

    private static bool LacksDescriptors(Exception? cause) => cause is not null
        && (cause is LinuxException { Errno: Errno.EMFILE or Errno.ENFILE } || LacksDescriptors(cause.InnerException));
}
