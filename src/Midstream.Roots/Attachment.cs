using System.Diagnostics;
using Microsoft.Diagnostics.Runtime;
using Midstream.Core.Modules;
using Midstream.Linux;

namespace Midstream.Roots;

// ptrace(2): only the thread that has attached may let go, so all of this is one thread's; and a tracer that dies, of whatever,
// leaves a process that goes on. That is the last bound: the kernel ends this program when it is past its time.

/// <summary>Attaches to a process for a short time.</summary>
internal static class Attachment
{
    private const int AttemptsMax = 5;

    // The rest is for the names of what was found.
    private const double SearchShare = 0.8;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    /// <summary>Looks for what keeps load contexts in memory.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="timeMax">How long it may stand still.</param>
    /// <param name="contexts">The names of the contexts.</param>
    public static RootReport Examine(int pid, TimeSpan timeMax, IReadOnlyList<string> contexts)
    {
        var stoodStill = TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            var left = timeMax - stoodStill;
            ProcessDeadline.Set(left + s_grace);
            var begun = Stopwatch.GetTimestamp();
            var (found, isComplete, problem) = Look(pid, begun, left, contexts);
            stoodStill += Stopwatch.GetElapsedTime(begun);
            if (found is not null || problem is not null)
                return new RootReport(stoodStill.TotalMilliseconds, isComplete, found ?? [], problem);
            if (attempt == AttemptsMax || stoodStill >= timeMax)
                return new RootReport(
                    stoodStill.TotalMilliseconds, false, [], "Its garbage collector was at work each time. Try again.");
            Thread.Sleep(s_pause);
        }
    }

    // Neither a result nor a problem: in the midst of a collection nothing can be followed.
    private static (IReadOnlyList<ContextRoots>? Found, bool IsComplete, string? Problem) Look(
        int pid, long begun, TimeSpan timeMax, IReadOnlyList<string> contexts)
    {
        try
        {
            using var target = DataTarget.AttachToProcess(pid, suspend: true);
            if (!Directory.EnumerateDirectories($"/proc/{pid}/task").All(IsTracedByUs))
                return (null, false, $"Not all threads of process {pid} could be attached to. {MayNot(pid)}");
            if (target.ClrVersions.Length == 0)
                return (null, false, $"Process {pid} does not run .NET.");
            using var runtime = CreateRuntime(target.ClrVersions[0]);
            if (!runtime.Heap.CanWalkHeap)
                return default;
            var search = new RootSearch(runtime, contexts, () => Stopwatch.GetElapsedTime(begun) > timeMax * SearchShare);
            var found = search.Find();
            return (found, search.IsComplete, null);
        }
        catch (Exception failed)
        {
            return (null, false, $"Process {pid} could not be looked into: {failed.Message} {MayNot(pid)}");
        }
    }

    // The library is content with some threads. The others would run on, or another tracer would let them.
    private static bool IsTracedByUs(string thread)
    {
        const string Field = "TracerPid:";
        try
        {
            var line = File.ReadLines(Path.Combine(thread, "status"))
                .First(line => line.StartsWith(Field, StringComparison.Ordinal));
            return Directory.Exists($"/proc/self/task/{line[Field.Length..].Trim()}");
        }
        catch (IOException)
        {
            return true; // It has ended.
        }
    }

    // The library says of a refusal no more than that there was one.
    private static string MayNot(int pid) =>
        !Directory.Exists($"/proc/{pid}") ? "It has ended." : "It has to be allowed: run this as root (in a container with " +
            "CAP_SYS_PTRACE) or as the user of the process, and let no other debugger be attached to it.";

    // The debugging half of a runtime lies beside it. Builds of distributions do not have the numbers that Microsoft's have.
    private static ClrRuntime CreateRuntime(ClrInfo runtime)
    {
        var library = Path.Combine(Path.GetDirectoryName(runtime.ModuleInfo.FileName)!, "libmscordaccore.so");
        if (!File.Exists(library))
            throw new FileNotFoundException($"{library}, by which a runtime is looked into, is not there.");
        // The process names it, and may be of another user: it must not choose what this one runs.
        if (!FileOwner.IsOnlyOurs(library))
            throw new UnauthorizedAccessException($"{library} is another user's. Run this as that user.");
        return runtime.CreateRuntime(library, ignoreMismatch: true);
    }
}
