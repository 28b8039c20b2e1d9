using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream module ...`: parts of the application that are replaced inside the running workers.
internal static class ModuleCommand
{
    public static Command Create() => new Command("module", "Replace parts of the application inside the running workers")
    {
        CreateList(),
        CreateDeploy(),
        CreateRollback(),
        ModuleCanaryCommand.Create(),
        CreatePromote(),
        CreateRemove(),
        ModuleExplainCommand.Create(),
        ModuleTestCommand.Create(),
    };

    private static Command CreateList()
    {
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("list", "List the modules, worker by worker") { json };
        service.AddTo(command);
        command.SetAction(parsed => Show(service, parsed, parsed.GetValue(json), new ModulesRequest(), ModulePrinter.List));
        return command;
    }

    private static Command CreateDeploy()
    {
        var packages = new Argument<string[]>("package")
        {
            Description = "The published module; several move together, or none does",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("deploy", "Put packages in the place of what serves, in every worker") { packages, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(
            service, json, parsed, new ModuleDeployRequest([.. parsed.GetRequiredValue(packages).Select(Path.GetFullPath)])));
        return command;
    }

    private static Command CreateRollback()
    {
        var name = NameArgument();
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("rollback", "Go back to the package that served before") { name, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(
            service, json, parsed, new ModuleRollbackRequest(parsed.GetRequiredValue(name))));
        return command;
    }

    private static Command CreatePromote()
    {
        var name = NameArgument();
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("promote", "Let a canary take over") { name, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(
            service, json, parsed, new ModulePromoteRequest(parsed.GetRequiredValue(name))));
        return command;
    }

    private static Command CreateRemove()
    {
        var name = NameArgument();
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("remove", "Take a module away; its path is the application's again") { name, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(
            service, json, parsed, new ModuleRemoveRequest(parsed.GetRequiredValue(name))));
        return command;
    }

    private static Argument<string> NameArgument() => new("name") { Description = "The module's name" };

    private static int Show(
        ServiceOptions service, ParseResult parsed, bool json, ModulesRequest request, Action<ModulesEvent, Paint> print)
    {
        var answer = Conversation.AskAsync(service.Find(parsed), request).GetAwaiter().GetResult();
        if (answer is not ModulesEvent modules)
            return new ResultPrinter(json, Paint.ForStandardOutput()).Print(answer);
        if (json)
            Console.WriteLine(OperatorProtocol.ToLine(answer));
        else
            print(modules, Paint.ForStandardOutput());
        return ExitCodes.Success;
    }
}
