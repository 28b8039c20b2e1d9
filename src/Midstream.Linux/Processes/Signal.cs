// The signals the supervisor sends and reports, with the names people know them by (signal(7), x86-64 and arm64).

namespace Midstream.Linux;

/// <summary>Numbers and names signals.</summary>
public static class Signal
{
    /// <summary>Terminal closed; by custom, "read your configuration again".</summary>
    public const int SIGHUP = 1;

    /// <summary>Interrupt (Ctrl-C).</summary>
    public const int SIGINT = 2;

    /// <summary>Quit with a core dump.</summary>
    public const int SIGQUIT = 3;

    /// <summary>Aborted by itself.</summary>
    public const int SIGABRT = 6;

    /// <summary>Ends at once; cannot be caught.</summary>
    public const int SIGKILL = 9;

    /// <summary>Free for the program's own meaning.</summary>
    public const int SIGUSR1 = 10;

    /// <summary>Invalid memory access.</summary>
    public const int SIGSEGV = 11;

    /// <summary>Free for the program's own meaning.</summary>
    public const int SIGUSR2 = 12;

    /// <summary>Wrote where nobody reads.</summary>
    public const int SIGPIPE = 13;

    /// <summary>Please end.</summary>
    public const int SIGTERM = 15;

    /// <summary>A child has ended or stopped.</summary>
    public const int SIGCHLD = 17;

    /// <summary>Continues a stopped process.</summary>
    public const int SIGCONT = 18;

    /// <summary>Stops a process; cannot be caught.</summary>
    public const int SIGSTOP = 19;

    /// <summary>Read from the terminal in the background; by custom of servers, "one worker more".</summary>
    public const int SIGTTIN = 21;

    /// <summary>Wrote to the terminal from the background; by custom of servers, "one worker less".</summary>
    public const int SIGTTOU = 22;

    /// <summary>Window changed; some servers drain upon it.</summary>
    public const int SIGWINCH = 28;

    // In the order of their numbers, from 1. Those after 31 are the real-time signals, which have no names.
    private static readonly string[] s_names =
    [
        "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
        "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
        "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary>Returns a signal's name.</summary>
    /// <param name="number">The signal.</param>
    /// <returns>For example <c>SIGTERM</c>, or <c>signal 40</c> for one without a name.</returns>
    public static string NameOf(int number) =>
        number >= 1 && number <= s_names.Length ? s_names[number - 1] : $"signal {number}";

    /// <summary>Finds a signal by its name.</summary>
    /// <param name="name">With or without SIG, in any case: <c>TERM</c>, <c>sigterm</c>. Null is not found.</param>
    /// <param name="number">The signal; 0 when not found.</param>
    /// <returns>Whether there is such a signal.</returns>
    public static bool TryParse(string? name, out int number)
    {
        var full = name is null || name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? name : "SIG" + name;
        number = Array.FindIndex(s_names, known => known.Equals(full, StringComparison.OrdinalIgnoreCase)) + 1;
        return number > 0;
    }
}
