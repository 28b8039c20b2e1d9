using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Core.Modules;
using Midstream.Releases;

namespace Midstream.Cli.Commands;

// `midstream module test PACKAGE --host FOLDER`: what a swap would do, in a process of the host application that serves nobody.
internal static class ModuleTestCommand
{
    private const int TimeoutDefaultSeconds = 120;
    private const int TimeoutMaxSeconds = 3600;

    public static Command Create()
    {
        var package = new Argument<string>("package") { Description = "The published module" };
        var host = new Option<string>("--host")
        {
            Description = "The published application that is to host it", Required = true, HelpName = "FOLDER",
        };
        var previous = new Option<string?>("--previous")
        {
            Description = "The package it is to replace: state goes to the new one, back and forth again", HelpName = "PACKAGE",
        };
        var state = new Option<string?>("--from")
        {
            Description = "A folder with state to begin with, a file NAME.VERSION.state for each", HelpName = "FOLDER",
        };
        var timeout = new Option<int>("--timeout")
        {
            Description = $"The longest time for all of it, 1 to {TimeoutMaxSeconds} seconds",
            DefaultValueFactory = static _ => TimeoutDefaultSeconds,
            HelpName = "SECONDS",
        };
        timeout.Within(1, TimeoutMaxSeconds);
        var json = OperationCommand.JsonOption();
        var command = new Command("test", "Load, run, migrate and unload a package in a process of its host application")
        {
            package, host, previous, state, timeout, json,
        };
        command.SetAction((parsed, interrupted) =>
        {
            var application = HostOfModules(Existing(parsed.GetRequiredValue(host)));
            var report = Path.GetTempFileName();
            var order = new ModuleCheckOrder(
                Existing(parsed.GetRequiredValue(package)), report,
                parsed.GetValue(previous) is { } before ? Existing(before) : null,
                parsed.GetValue(state) is { } folder ? Existing(folder) : null);
            return RunAsync(
                application, order, TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                parsed.GetValue(json), interrupted);
        });
        return command;
    }

    private static string Existing(string folder) => Directory.Exists(folder)
        ? Path.GetFullPath(folder) : throw new CommandException(ExitCodes.Usage, $"{folder} is no folder.");

    // One that was published as a single file says nothing of what it is made of; it shows when it runs.
    private static string HostOfModules(string folder)
    {
        var libraries = Directory.GetFiles(folder, "*.deps.json");
        return libraries.Length == 0 || libraries.Any(IsOfModules)
            ? folder
            : throw new CommandException(
                ExitCodes.Usage, $"The application in {folder} hosts no modules: it does not have Midstream.Modules. Name the " +
                    "one that calls builder.AddModules().");
    }

    private static bool IsOfModules(string libraries) =>
        File.ReadAllText(libraries).Contains("\"Midstream.Modules/", StringComparison.Ordinal);

    private static async Task<int> RunAsync(
        string host, ModuleCheckOrder order, TimeSpan timeout, bool json, CancellationToken interrupted)
    {
        try
        {
            await RunHostAsync(host, order, timeout, interrupted);
            var text = await File.ReadAllTextAsync(order.Report, CancellationToken.None);
            if (text.Length == 0)
                throw new CommandException(
                    ExitCodes.Failed, $"The application in {host} ended without a report; what it wrote is above.");
            var report = ModuleCheckReport.Read(text);
            if (json)
                Console.WriteLine(text);
            else
                Print(report, Paint.ForStandardOutput());
            return report.Passed ? ExitCodes.Success : ExitCodes.Failed;
        }
        finally
        {
            File.Delete(order.Report);
        }
    }

    private static async Task RunHostAsync(
        string host, ModuleCheckOrder order, TimeSpan timeout, CancellationToken interrupted)
    {
        using var process = Start(host, order);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        patience.CancelAfter(timeout);
        try
        {
            await Task.WhenAll(
                RelayAsync(process.StandardOutput, patience.Token), RelayAsync(process.StandardError, patience.Token),
                process.WaitForExitAsync(patience.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw interrupted.IsCancellationRequested
                ? new CommandException(ExitCodes.Cancelled, "The test was given up.")
                : new CommandException(
                    ExitCodes.Failed, $"There was no report within {timeout.TotalSeconds:0} s. Either the package takes longer " +
                        "(--timeout), or the application does not call builder.AddModules().");
        }
    }

    private static Process Start(string host, ModuleCheckOrder order)
    {
        IReadOnlyList<string> command;
        try
        {
            command = ApplicationEntryPoint.Find(host, command: null).Command;
        }
        catch (EntryPointException unclear)
        {
            throw new CommandException(ExitCodes.Usage, unclear.Message);
        }

        // A path is one from the host's folder; what has none is found as a shell finds it.
        var program = command[0].Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(command[0], host) : command[0];
        var start = new ProcessStartInfo(program, command.Skip(1))
        {
            WorkingDirectory = host,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ModuleCheckOrder.VariableName] = order.ToVariable();
        // It binds nothing; one that does not know of the check must not meet the service that runs.
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        return Process.Start(start)!;
    }

    // What the application says is no result: standard output is for that.
    private static async Task RelayAsync(StreamReader from, CancellationToken cancellationToken)
    {
        while (await from.ReadLineAsync(cancellationToken) is { } line)
            Console.Error.WriteLine($"  | {Printable.Of(line)}");
    }

    private static void Print(ModuleCheckReport report, Paint paint)
    {
        foreach (var step in report.Steps)
        {
            Console.WriteLine($"{(step.Passed ? paint.Good("ok    ") : paint.Bad("failed"))} {Printable.Of(step.Name)} " +
                $"({step.ElapsedMs.ToString("0 ms", CultureInfo.InvariantCulture)})");
            foreach (var line in step.Detail.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Console.WriteLine($"         {Printable.Of(line)}");
        }

        Console.WriteLine($"{Printable.Of(report.Module)} {Printable.Of(report.Version)}: " +
            (report.Passed ? paint.Good("passed") : paint.Bad("failed")));
    }
}
