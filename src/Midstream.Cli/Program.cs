using System.CommandLine;
using Midstream.Cli.Commands;

internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("Midstream");
        root.Subcommands.Add(ProveCommand.Create());
        return root.Parse(args).Invoke();
    }
}
