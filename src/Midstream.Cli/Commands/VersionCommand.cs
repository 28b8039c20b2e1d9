using System.CommandLine;
using System.Reflection;

namespace Midstream.Cli.Commands;

// `midstream version`: the version, and of what it is made.
internal static class VersionCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print the answer as JSON" };
        var command = new Command("version", "Show the version") { json };
        command.SetAction(parsed =>
        {
            var attribute = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
            var version = attribute?.InformationalVersion ?? "unknown";
            Console.WriteLine(parsed.GetValue(json) ? $"{{\"version\":\"{version}\"}}" : $"midstream {version}");
            return ExitCodes.Success;
        });
        return command;
    }
}
