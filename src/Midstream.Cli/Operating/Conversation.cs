using System.Runtime.InteropServices;
using Midstream.Control.Operators;
using Midstream.Linux;
using Midstream.Supervisor.State;

namespace Midstream.Cli.Operating;

/// <summary>
/// One request to a supervisor and its answers. Ctrl-C asks the supervisor to give up and waits for what it says; a second
/// Ctrl-C goes without waiting.
/// </summary>
internal static class Conversation
{
    /// <summary>Asks and waits for the last answer.</summary>
    /// <param name="service">The service.</param>
    /// <param name="request">The request.</param>
    /// <param name="onPhase">Told of each phase; null when nobody is interested.</param>
    /// <returns>The last answer.</returns>
    /// <exception cref="CommandException">No supervisor answers, or it went away before it had answered.</exception>
    public static async Task<OperatorEvent> AskAsync(
        ServiceDirectory service, OperatorRequest request, Action<PhaseEvent>? onPhase = null)
    {
        using var client = Connect(service);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, new Interruption(client).Hear);
        try
        {
            await foreach (var answer in client.AskAsync(request, CancellationToken.None))
            {
                if (answer is not PhaseEvent phase)
                    return answer;
                onPhase?.Invoke(phase);
            }
        }
        catch (IOException)
        {
            // Said below: it makes no difference how the supervisor went away.
        }

        throw new CommandException(
            ExitCodes.NoSupervisor,
            "The supervisor went away before it had answered. 'midstream status' shows what runs; the ledger in its state " +
                "directory what was done.");
    }

    private static OperatorClient Connect(ServiceDirectory service)
    {
        try
        {
            return OperatorClient.Connect(service.ControlSocket);
        }
        catch (LinuxException refused)
        {
            throw new CommandException(
                ExitCodes.NoSupervisor,
                refused.Errno is Errno.EACCES or Errno.EPERM
                    ? $"The supervisor of {service.Path} belongs to another user: {refused.Message}"
                    : $"No supervisor runs for {service.Path}. Start it with 'midstream run'.");
        }
    }

    private sealed class Interruption(OperatorClient client)
    {
        private int _count;

        public void Hear(PosixSignalContext context)
        {
            if (Interlocked.Increment(ref _count) > 1)
                return;
            context.Cancel = true;
            _ = client.CancelAsync();
        }
    }
}
