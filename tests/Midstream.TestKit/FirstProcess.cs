using System.Globalization;

namespace Midstream.TestKit;

/// <summary>
/// A program as process 1 of namespaces of its own, as in a container, and what is run beside it there. Files and the network
/// are the machine's. When it ends, the kernel ends all that is beside it.
/// </summary>
public sealed class FirstProcess : IAsyncDisposable
{
    // Without root, the user namespace gives the right to the others.
    private static readonly string[] s_user = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
    private static readonly string[] s_enterUser = Environment.IsPrivilegedProcess ? [] : ["--user", "--preserve-credentials"];

    private readonly string[] _namespaces;

    private FirstProcess(RunningProgram launcher, string[] namespaces)
    {
        Launcher = launcher;
        _namespaces = namespaces;
    }

    /// <summary>Gets what waits for process 1 outside, as a container's runtime does, and ends with its exit code.</summary>
    public RunningProgram Launcher { get; }

    /// <summary>Gets the number that process 1 has outside; 0 when it has ended at once.</summary>
    public int Pid { get; private set; }

    /// <summary>Says why there can be no such process on this machine.</summary>
    /// <param name="more">More namespaces than those of processes and mounts, as options of unshare(1).</param>
    /// <returns>The reason; null when there can be one.</returns>
    public static async Task<string?> WhyNotAsync(params string[] more)
    {
        var tried = await RunningProgram.RunAsync("unshare", [.. s_user, .. Options(more), "true"]);
        return tried.ExitCode == 0 ? null : $"No namespaces can be made here: {tried.Error.Trim()}";
    }

    /// <summary>Starts a program as process 1.</summary>
    /// <param name="program">The program and its arguments.</param>
    /// <param name="more">More namespaces than those of processes and mounts, as options of unshare(1).</param>
    /// <param name="cgroup">The cgroup.procs that it enters first; null for none.</param>
    /// <param name="environment">Variables for it.</param>
    /// <returns>The process.</returns>
    public static async Task<FirstProcess> StartAsync(
        string[] program, string[]? more = null, string? cgroup = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        string[] unshare = ["unshare", .. s_user, .. Options(more ?? []), .. program];
        string[] launch = cgroup is null ? unshare : ["sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", cgroup, .. unshare];
        var launcher = RunningProgram.Start(launch[0], launch[1..], environment: environment);
        var first = new FirstProcess(launcher, more ?? []);
        try
        {
            await Eventually.HoldsAsync(first.HasBegun, () => $"There is no process 1.\n{launcher.Error}");
            return first;
        }
        catch
        {
            await first.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a program beside process 1.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The running program.</returns>
    public RunningProgram Begin(string program, params string[] arguments) => RunningProgram.Start(
        "nsenter", ["--target", Number(Pid), "--pid", "--mount", .. s_enterUser, .. _namespaces, "--", program, .. arguments]);

    /// <summary>Runs a program beside process 1 to its end.</summary>
    /// <inheritdoc cref="Begin"/>
    /// <returns>How it ended.</returns>
    public async Task<ProgramResult> RunAsync(string program, params string[] arguments)
    {
        await using var running = Begin(program, arguments);
        return await running.WaitAsync();
    }

    /// <summary>Sends process 1 a signal from outside. The kernel delivers it only if the process listens to it.</summary>
    /// <param name="name">Its name without SIG.</param>
    public void Signal(string name) => Processes.Signal(Pid, name);

    /// <summary>Kills process 1 and with it all that is beside it.</summary>
    /// <returns>A task that ends when all is gone.</returns>
    public ValueTask DisposeAsync() => Launcher.DisposeAsync();

    private static string[] Options(string[] more) =>
        ["--pid", "--mount", .. more, "--fork", "--mount-proc", "--kill-child"];

    private bool HasBegun()
    {
        // Its exit code is the caller's to judge.
        if (Launcher.HasExited)
            return true;
        // The launcher itself is a shell at first, which has no children, and then unshare(1), which has one.
        if (Processes.Children(Launcher.Pid) is not [var child])
            return false;
        Pid = child;
        return true;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
