using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Cli.Watching;
using Midstream.Control.Operators;
using Midstream.Supervisor.State;

namespace Midstream.Cli.Commands;

// `midstream watch PROJECT`: for developers. Each save of a module's project is built and swapped into the running service.
internal static class WatchCommand
{
    public static Command Create()
    {
        var project = new Argument<string>("project") { Description = "The module's project, or the folder it is in" };
        var configuration = new Option<string>("--configuration", "-c")
        {
            Description = "The configuration it is built in",
            HelpName = "NAME",
            DefaultValueFactory = _ => "Debug",
        };
        var service = new ServiceOptions();
        var command = new Command("watch", "Build a module on each save and swap it into the running service")
        {
            project, configuration,
        };
        service.AddTo(command);
        // Synchronous, so that Ctrl-C stays in our hands.
        command.SetAction(parsed => Run(
            WatchedProject.Find(parsed.GetRequiredValue(project)), parsed.GetRequiredValue(configuration), service.Find(parsed)));
        return command;
    }

    private static int Run(WatchedProject project, string configuration, ServiceDirectory service)
    {
        using var end = new CancellationTokenSource();
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        var loop = new WatchLoop(project, configuration, package => DeployAsync(service, package), Console.Out.WriteLine);
        loop.RunAsync(end.Token).GetAwaiter().GetResult();
        return ExitCodes.Success;
    }

    private static async Task<WatchedDeployment> DeployAsync(ServiceDirectory service, string package)
    {
        try
        {
            long? servedAt = null;
            var answer = await Conversation.AskAsync(service, new ModuleDeployRequest([package], Unwatched: true), phase =>
            {
                // The operation goes on until the version before has left; the new one serves from the move on.
                if (phase.Phase == "retire")
                    servedAt = Stopwatch.GetTimestamp();
            });
            return Read(answer) with { ServedAt = servedAt ?? Stopwatch.GetTimestamp() };
        }
        catch (CommandException gone)
        {
            // The developer starts it again; the next save finds it.
            return new WatchedDeployment(null, gone.Message);
        }
    }

    private static WatchedDeployment Read(OperatorEvent answer) => answer switch
    {
        RefusedEvent refused => new WatchedDeployment(null, refused.Reason),
        ResultEvent { Failure: null, Outcome: Outcomes.Committed or Outcomes.Unchanged } result =>
            new WatchedDeployment(ServedIn(result), null),
        ResultEvent result => new WatchedDeployment(null, result.Reason ?? result.Outcome),
        _ => new WatchedDeployment(null, $"The supervisor has answered with {answer.GetType().Name}."),
    };

    // With several workers each has its own generation.
    private static string ServedIn(ResultEvent result)
    {
        var moves = (result.Modules ?? []).SelectMany(worker => worker.Moves
            .Select(move => $"{move.Module} {move.Version} serves (generation {move.Generation} in {worker.Worker})"));
        return Printable.Of(result.Outcome == Outcomes.Unchanged
            ? "nothing is different from what serves" : string.Join(", ", moves));
    }
}
