using System.Globalization;
using System.Text;
using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Linux;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Succession;

/// <summary>
/// The way in of a program that follows another one in the same process: it makes sure that it can speak with the workers, sends
/// the guard away, and gives the operator the answer.
/// </summary>
/// <param name="estate">What the program before has left.</param>
/// <param name="open">The same, with its descriptors.</param>
/// <param name="service">Writes down how it ended.</param>
/// <param name="poller">Waits for the guard's end.</param>
/// <param name="observer">Told of it.</param>
internal sealed class Arrival(
    Estate estate, OpenEstate open, Service service, FdPoller poller, ISupervisorObserver observer)
{
    /// <summary>Makes sure that this program is in charge.</summary>
    /// <param name="workers">The workers.</param>
    /// <param name="patience">How long they have for an answer.</param>
    /// <returns>Why it is not; null when it is.</returns>
    public static async Task<string?> FindFaultAsync(IReadOnlyList<Worker> workers, TimeSpan patience)
    {
        var speaking = workers.Where(worker => worker.SpeaksMidstream && !worker.Exited.IsCompleted).ToList();
        if (speaking.Count == 0)
            return null;
        var answers = await Task.WhenAll(speaking.Select(worker => AnswersAsync(worker, patience)));
        // A worker that hangs is not this program's fault; that none of them answers is.
        return answers.Any(answered => answered)
            ? null : $"None of {speaking.Count} workers answered the new program within {patience.TotalSeconds:0.#} s.";
    }

    /// <summary>Sends the guard away and answers.</summary>
    /// <param name="onInCharge">Told that there is no way back, before the answer.</param>
    /// <returns>A task that ends when it is done.</returns>
    public async Task TakeChargeAsync(Action onInCharge)
    {
        await DismissGuardAsync();
        // There is no way back from here on; the file of the program before need not be held.
        open[estate.Program].Dispose();
        onInCharge();
        var who = new Operator(estate.Asked.Who, estate.Asked.Uid);
        var result = service.UpgradeEnded(who, estate.Failure, estate.Asked.ElapsedMs);
        observer.Information("Upgraded", estate.Failure is { } fault
            ? $"The supervisor's update failed, version {StatusReport.Version} goes on: {fault}"
            : string.Create(CultureInfo.InvariantCulture, $"The supervisor was version {estate.Version} and is version ") +
                $"{StatusReport.Version} now, the same process, with the same workers.");
        if (estate.Asked.Descriptor is { } number)
            await AnswerAsync(open[number], result);
    }

    private static async Task<bool> AnswersAsync(Worker worker, TimeSpan within)
    {
        using var patience = new Patience(within, worker.Time);
        try
        {
            await worker.AskAsync<IdentityMessage>(new IdentifyMessage(WithDescriptors: false), [], patience.Token);
            return true;
        }
        catch (Exception silent) when (silent is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private async Task DismissGuardAsync()
    {
        if (estate.Guard is not { } guard)
            return;
        using (var word = open[guard.Word].ToSocket())
            await word.SendAsync(Guard.Word);
        using var process = ChildProcess.AdoptStranger(guard.Pid, guard.StartTime, poller);
        if (process is not null)
            await process.Exited;
    }

    private static async Task AnswerAsync(FileDescriptor connection, ResultEvent result)
    {
        try
        {
            using var socket = connection.ToSocket();
            await socket.SendAsync(Encoding.UTF8.GetBytes(OperatorProtocol.ToLine(result) + "\n"));
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Nobody waits any more; the ledger has it.
        }
    }
}
