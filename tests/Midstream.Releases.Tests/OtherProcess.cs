using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midstream.Releases.Tests;

// Lets a test use the store from another process: this assembly, started again with what to do in its environment. The work
// is done before the test runner would begin, so the process is nothing but a second user of the store.

internal static class OtherProcess
{
    private const string StoreVariable = "MIDSTREAM_RELEASES_TESTS_STORE";
    private const string SourcesVariable = "MIDSTREAM_RELEASES_TESTS_SOURCES";

    /// <summary>Starts a process that opens the store and adds the sources one after the other. The launcher is what goes
    /// before its command, such as unshare(1).</summary>
    public static Process StartAdding(string store, IEnumerable<string> sources, params string[] launcher)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true };
        string[] command = [.. launcher, Environment.ProcessPath!, .. ProgramArguments()];
        start.FileName = command[0];
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        start.Environment[StoreVariable] = store;
        start.Environment[SourcesVariable] = string.Join('\n', sources);
        return Process.Start(start)!;
    }

    // The test host is either this assembly's own executable or `dotnet` with the assembly.
    private static IEnumerable<string> ProgramArguments() =>
        Path.GetFileName(Environment.ProcessPath) == "dotnet" ? ["exec", typeof(OtherProcess).Assembly.Location] : [];

    [ModuleInitializer]
    internal static void AddAndExitWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(StoreVariable) is not { } store)
            return;
        var sources = Environment.GetEnvironmentVariable(SourcesVariable)!.Split('\n');
        Environment.Exit(AddAll(store, sources));
    }

    private static int AddAll(string directory, string[] sources)
    {
        try
        {
            var store = ReleaseStore.Open(directory);
            foreach (var source in sources)
                Console.WriteLine(store.AddAsync(source, CancellationToken.None).GetAwaiter().GetResult().Id);
            return 0;
        }
        catch (ReleaseStoreException error)
        {
            Console.WriteLine($"{error.Failure}: {error.Message}");
            var left = Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path));
            Console.WriteLine($"left: {string.Join(' ', left)}");
            return 3;
        }
    }
}
