// What can be said of a process that does not answer, with what the kernel shows of its threads: where each one waits.

using System.Globalization;
using System.Text;

namespace Midstream.Linux;

/// <summary>Describes the threads of another process without stopping it and without tools (proc(5)).</summary>
public static class ThreadStacks
{
    /// <summary>The most threads described.</summary>
    public const int MaximumThreads = 128;

    /// <summary>
    /// Describes each thread: number, name, state, what it waits for in the kernel, the number of its system call; for root also
    /// its stack inside the kernel. What may not be read is left out. Frames of the program itself are not had this way.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <param name="maximumCharacters">The most text; what is beyond is cut at a line, and the last line says so.</param>
    /// <returns>Lines of printable text, the first about the process; null when there is no such process.</returns>
    public static string? Describe(int pid, int maximumCharacters = 16 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumCharacters);
        if (ThreadsOf(pid) is not { Count: > 0 } threads)
            return null;
        var lines = threads.Take(MaximumThreads).SelectMany(thread => LinesOf(pid, thread))
            .Prepend($"process {pid}: {threads.Count} threads, state {FieldOf($"/proc/{pid}/status", "State:") ?? "unknown"}");
        return Bounded(threads.Count > MaximumThreads ? lines.Append("(more threads left out)") : lines, maximumCharacters);
    }

    private static List<int>? ThreadsOf(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{pid}/task").Select(Path.GetFileName)
                .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Order()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> LinesOf(int pid, int thread)
    {
        var folder = $"/proc/{pid}/task/{thread}";
        if (TryRead($"{folder}/comm") is not { } name)
            yield break; // Ended meanwhile.
        var line = new StringBuilder($"thread {thread} ({Printable(name.Trim())})");
        Append(line, ", ", FieldOf($"{folder}/status", "State:"));
        Append(line, ", waits in ", TryRead($"{folder}/wchan") is { } place && place != "0" ? place : null);
        Append(line, ", system call ", TryRead($"{folder}/syscall")?.Split(' ')[0].Trim());
        yield return line.ToString();
        foreach (var frame in (TryRead($"{folder}/stack") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            yield return $"  {frame}";
    }

    private static void Append(StringBuilder line, string before, string? text)
    {
        if (!string.IsNullOrEmpty(text))
            line.Append(before).Append(text);
    }

    private static string? FieldOf(string path, string name) => TryRead(path)?.Split('\n')
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();

    /// <summary>A thread names itself, with any bytes.</summary>
    private static string Printable(string name) =>
        string.Concat(name.Select(character => char.IsControl(character) ? '?' : character));

    private static string Bounded(IEnumerable<string> lines, int maximumCharacters)
    {
        const string Cut = "(cut)";
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            if (text.Length + line.Length + 1 + Cut.Length > maximumCharacters)
                return text.Append(Cut).ToString();
            text.Append(line).Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
