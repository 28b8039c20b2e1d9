using System.CommandLine;
using System.Globalization;
using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream releases`: what is in the store, newest first.
internal static class ReleasesCommand
{
    public static Command Create()
    {
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("releases", "List the releases that can be gone back to") { json };
        service.AddTo(command);
        command.SetAction(parsed => Run(service.Find(parsed), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Supervisor.State.ServiceDirectory service, bool json)
    {
        var answer = Conversation.AskAsync(service, new ReleasesRequest()).GetAwaiter().GetResult();
        if (answer is not ReleasesEvent { Releases: var releases })
            return new ResultPrinter(json, Paint.ForStandardOutput()).Print(answer);
        if (json)
            Console.WriteLine(OperatorProtocol.ToLine(answer));
        else
            Print(releases);
        return ExitCodes.Success;
    }

    private static void Print(IReadOnlyList<ReleaseSummary> releases)
    {
        Console.WriteLine($"{"release",-14}{"stored (UTC)",-21}{"size",10}  from");
        foreach (var release in releases)
        {
            var mark = release.Current ? "  (current)" : release.Previous ? "  (previous)" : "";
            var stored = release.AddedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            var size = (release.SizeBytes / 1e6).ToString("0.0 MB", CultureInfo.InvariantCulture);
            Console.WriteLine($"{release.Id,-14}{stored,-21}{size,10}  {Printable.Of(release.Source)}{mark}");
        }
    }
}
