using System.CommandLine;
using System.Globalization;
using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream status`: what runs, since when, and what is under way.
internal static class StatusCommand
{
    public static Command Create()
    {
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("status", "Show what runs") { json };
        service.AddTo(command);
        command.SetAction(parsed => Run(service.Find(parsed), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Supervisor.State.ServiceDirectory service, bool json)
    {
        var answer = Conversation.AskAsync(service, new StatusRequest()).GetAwaiter().GetResult();
        if (answer is not StatusEvent { Status: var status })
            return new ResultPrinter(json, Paint.ForStandardOutput()).Print(answer);
        if (json)
            Console.WriteLine(OperatorProtocol.ToLine(answer));
        else
            Print(status, Paint.ForStandardOutput());
        return ExitCodes.Success;
    }

    private static void Print(ServiceStatus status, Paint paint)
    {
        var state = status.State is "serving" ? paint.Good(status.State) : paint.Bad(status.State);
        Console.WriteLine($"{status.Service}: {state} on {string.Join(", ", status.Listeners)}");
        Console.WriteLine($"  release      {status.Release ?? "none"}{(status.Committed ? "" : " (in probation)")}, " +
            $"before it {status.PreviousRelease ?? "none"}");
        foreach (var generation in status.Generations)
            Console.WriteLine($"  generation   {Describe(generation)}");
        if (status.Operation is { } operation)
            Console.WriteLine($"  under way    {operation.Kind} by {operation.Who} since {operation.Since:HH:mm:ss} UTC, " +
                $"phase {operation.Phase}");
        Console.WriteLine($"  supervisor   process {status.Supervisor.Pid}, version {status.Supervisor.Version}, up " +
            $"{Age(status.Supervisor.StartedAt)}, " +
            $"{status.Supervisor.Deployments} deployments, {status.Supervisor.Restarts} restarts");
        if (status.Problem is { } problem)
            Console.WriteLine($"  {paint.Bad("problem")}      {Printable.Of(problem)}");
    }

    private static string Describe(GenerationStatus generation) =>
        $"{generation.Number} {generation.State}, process {generation.Pid}, release {generation.Release}, up " +
            $"{Age(generation.StartedAt)}" +
        (generation.ReadyInMs is { } ready ? $", ready after {ready} ms" : "") +
        (generation.HandsOver || generation.State == "starting" ? "" : ", connections do not move");

    private static string Age(DateTimeOffset since)
    {
        var age = DateTimeOffset.UtcNow - since;
        return age.TotalDays >= 1 ? age.ToString(@"d\d\ h\h", CultureInfo.InvariantCulture)
            : age.TotalMinutes >= 1 ? age.ToString(@"h\h\ mm\m", CultureInfo.InvariantCulture)
            : $"{age.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s";
    }
}
