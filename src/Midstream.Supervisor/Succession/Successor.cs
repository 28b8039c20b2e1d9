using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Midstream.Linux;

namespace Midstream.Supervisor.Succession;

/// <summary>Becomes another program in this very process, which finds everything open that this one had.</summary>
internal static class Successor
{
    // What a supervisor handles. Until the next program does, these wait: by default they would end the process.
    private static readonly int[] s_held =
    [
        Signal.SIGHUP, Signal.SIGINT, Signal.SIGQUIT, Signal.SIGUSR1, Signal.SIGUSR2, Signal.SIGTERM, Signal.SIGTTIN,
        Signal.SIGTTOU, Signal.SIGWINCH,
    ];

    /// <summary>Gets the signals that a supervisor handles, and that wait from one program to the next.</summary>
    public static IReadOnlyList<int> Held => s_held;

    /// <summary>Gets or sets the command line that the next program is given: this process's own, unless it is a guard.</summary>
    public static IReadOnlyList<string> CommandLine { get; set; } = ReadCommandLine();

    /// <summary>Becomes a program.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="estate">What it finds.</param>
    /// <param name="kept">The estate's descriptors.</param>
    /// <param name="waiting">The signals that it finds waiting.</param>
    /// <exception cref="LinuxException">The program cannot be started; this one goes on.</exception>
    [DoesNotReturn]
    public static void Become(
        string program, Estate estate, IReadOnlyList<FileDescriptor> kept, IReadOnlyList<int>? waiting = null)
    {
        using var file = estate.ToMemoryFile();
        var environment = Variables();
        environment[Estate.VariableName] = $"{file.Number}";
        ProcessImage.Replace(program, CommandLine, environment, [.. kept, file], s_held, waiting);
    }

    /// <summary>Gets this process's environment.</summary>
    /// <returns>The variables.</returns>
    public static Dictionary<string, string> Variables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(
            variable => (string)variable.Key, variable => (string)variable.Value!, StringComparer.Ordinal);

    private static string[] ReadCommandLine() =>
        Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).TrimEnd('\0').Split('\0');
}
