using System.CommandLine;
using System.Globalization;
using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;
using Midstream.Supervisor.State;

namespace Midstream.Cli.Commands;

// `midstream status`: what runs, since when, and what is under way.
internal static class StatusCommand
{
    public static Command Create()
    {
        var json = OperationCommand.JsonOption();
        var watch = new Option<bool>("--watch", "-w") { Description = "Show it again every second, until Ctrl-C" };
        var service = new ServiceOptions();
        var command = new Command("status", "Show what runs") { watch, json };
        service.AddTo(command);
        command.SetAction((parsed, interrupted) => parsed.GetValue(watch)
            ? WatchAsync(service.Find(parsed), parsed.GetValue(json), interrupted)
            : RunAsync(service.Find(parsed), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> WatchAsync(ServiceDirectory service, bool json, CancellationToken interrupted)
    {
        // At a terminal the picture is drawn over; into a file one follows the other.
        var home = json || Console.IsOutputRedirected ? "" : "\e[H\e[2J";
        using var everySecond = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            do
            {
                Console.Write(home);
                await RunAsync(service, json);
            }
            while (await everySecond.WaitForNextTickAsync(interrupted));
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how one stops looking.
        }

        return ExitCodes.Success;
    }

    private static async Task<int> RunAsync(ServiceDirectory service, bool json)
    {
        var answer = await Conversation.AskAsync(service, new StatusRequest());
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
        foreach (var worker in status.Workers)
            Console.WriteLine($"  worker       {Describe(worker)}");
        var serving = status.Workers.Count(worker => worker.State == "serving");
        if (serving != status.WorkerCount)
            Console.WriteLine($"  {paint.Bad("workers")}      {serving} of {status.WorkerCount} serve");
        foreach (var module in status.Modules ?? [])
            Console.WriteLine($"  module       {Describe(module, serving, paint)}");
        Print(status.Reserve, paint);
        if (status.Operation is { } operation)
            Console.WriteLine($"  under way    {operation.Kind} by {operation.Who} since {operation.Since:HH:mm:ss} UTC, " +
                $"phase {operation.Phase}");
        Console.WriteLine($"  supervisor   process {status.Supervisor.Pid}, version {status.Supervisor.Version}, up " +
            $"{Age(status.Supervisor.StartedAt)}, " +
            $"{status.Supervisor.Deployments} deployments, {status.Supervisor.Restarts} restarts");
        if (status.Problem is { } problem)
            Console.WriteLine($"  {paint.Bad("problem")}      {Printable.Of(problem)}");
    }

    private static void Print(ReserveStatus? reserve, Paint paint)
    {
        foreach (var worker in reserve?.Workers ?? [])
            Console.WriteLine($"  {(worker.Slot == 0 ? "standby " : "prepared")}     {Describe(worker)}");
        if (reserve?.PreparedLeftMs is { } left)
            Console.WriteLine($"  prepared     release {reserve.Prepared}, for {left / 1000} s more");
        if (reserve?.Problem is { } problem)
            Console.WriteLine($"  {paint.Bad("standby")}      {Printable.Of(problem)}");
    }

    private static string Describe(ServiceModuleStatus module, int serving, Paint paint) => Printable.Of(module.Name) +
        (module.Version is { } version ? $" {Printable.Of(version)}" : $" {paint.Bad("not loaded")}") +
        (module.Version is not null && module.Workers < serving ? paint.Bad($" in {module.Workers} of {serving} workers") : "") +
        (module.Canary is { } canary ? $", canary {Printable.Of(canary.Version)}: {CanaryText.Of(canary.Rule)}" : "");

    private static string Describe(WorkerStatus worker) =>
        $"{worker.Name} {worker.State}{PlaceOf(worker)}, process {worker.Pid}, release {worker.Release}, up " +
        Age(worker.StartedAt) +
        (worker.ReadyInMs is { } ready ? $", ready after {ready} ms" : "") +
        (worker.HandsOver || worker.State == "starting" ? "" : ", connections do not move");

    // One that was started as the standby is named by no slot, and has one when it serves.
    private static string PlaceOf(WorkerStatus worker) =>
        worker.Slot > 0 && worker.Name.EndsWith(".0", StringComparison.Ordinal) ? $" in slot {worker.Slot}" : "";

    private static string Age(DateTimeOffset since)
    {
        var age = DateTimeOffset.UtcNow - since;
        return age.TotalDays >= 1 ? age.ToString(@"d\d\ h\h", CultureInfo.InvariantCulture)
            : age.TotalMinutes >= 1 ? age.ToString(@"h\h\ mm\m", CultureInfo.InvariantCulture)
            : $"{age.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s";
    }
}
