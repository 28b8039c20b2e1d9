using System.CommandLine;
using Midstream.Cli.Explaining;
using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream module explain NAME [--attach]`: what keeps generations in memory, as the workers know, or as seen from outside.
internal static class ModuleExplainCommand
{
    private const int TimeoutDefaultSeconds = 5;
    private const int TimeoutMaxSeconds = 60;

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The module's name" };
        var attach = new Option<bool>("--attach")
        {
            Description = "Look into each worker as a debugger does, if something is kept there: it stands still meanwhile",
        };
        var timeout = new Option<int>("--timeout")
        {
            Description = $"The longest time that a worker stands still, 1 to {TimeoutMaxSeconds} seconds",
            DefaultValueFactory = static _ => TimeoutDefaultSeconds,
            HelpName = "SECONDS",
        };
        timeout.Within(1, TimeoutMaxSeconds);
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("explain", "Show a module's generations, and what keeps each in memory")
        {
            name, attach, timeout, json,
        };
        service.AddTo(command);
        command.SetAction((parsed, givenUp) => RunAsync(
            service, parsed, parsed.GetRequiredValue(name),
            parsed.GetValue(attach) ? TimeSpan.FromSeconds(parsed.GetValue(timeout)) : null, parsed.GetValue(json), givenUp));
        return command;
    }

    private static async Task<int> RunAsync(
        ServiceOptions service, ParseResult parsed, string name, TimeSpan? timeMax, bool json, CancellationToken givenUp)
    {
        var answer = await Conversation.AskAsync(
            service.Find(parsed), new ModulesRequest(name, timeMax is null ? null : Environment.ProcessId));
        if (answer is not ModulesEvent modules)
            return new ResultPrinter(json, Paint.ForStandardOutput()).Print(answer);
        if (timeMax is { } longest)
            modules = modules with { Workers = await LookIntoAsync(modules.Workers, longest, givenUp) };
        if (json)
            Console.WriteLine(OperatorProtocol.ToLine(modules));
        else
            ModulePrinter.Explain(modules, Paint.ForStandardOutput());
        return modules.Workers.Any(worker => worker.Roots?.Problem is not null) ? ExitCodes.Failed : ExitCodes.Success;
    }

    // One after the other, so that the others serve meanwhile.
    private static async Task<IReadOnlyList<WorkerModules>> LookIntoAsync(
        IReadOnlyList<WorkerModules> workers, TimeSpan longest, CancellationToken givenUp)
    {
        var seen = new List<WorkerModules>();
        foreach (var worker in workers)
        {
            var kept = worker.Modules
                .SelectMany(module => module.Generations.Where(generation => generation.State == "pinned")
                    .Select(generation => $"{module.Name}@{generation.Number}"))
                .ToList();
            seen.Add(kept.Count == 0 || worker.Pid is not { } pid || givenUp.IsCancellationRequested
                ? worker : worker with { Roots = await WorkerExamination.ExamineAsync(pid, kept, longest, givenUp) });
        }

        return seen;
    }
}
