using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>A wall clock of the test's own for a supervisor and its workers; the monotonic clock is the kernel's. What it shows
/// is what the processes see from the same moment on.</summary>
internal sealed class JumpingClock
{
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder;

    private JumpingClock(TemporaryFolder folder)
    {
        _folder = folder;
        JumpTo(TimeSpan.Zero);
    }

    /// <summary>Gets the variables of a process that lives by it, and of what that starts.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["LD_PRELOAD"] = Library,
        ["JUMPING_CLOCK"] = Showing,
    };

    private string Library => _folder.In("clock.so");

    private string Showing => _folder.In("clock");

    /// <summary>Makes a clock that goes right.</summary>
    public static async Task<JumpingClock> MakeAsync(TemporaryFolder folder)
    {
        var clock = new JumpingClock(folder);
        var source = Path.Combine(Repository.Root, "tests", "Midstream.FunctionalTests", "FaultMatrix", "clock.c");
        var compiled = await RunningProgram.RunAsync(
            "gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", clock.Library, source]);
        Assert.True(compiled.ExitCode == 0, $"gcc failed; install gcc and libc6-dev. {compiled}");
        return clock;
    }

    /// <summary>Makes it jump.</summary>
    /// <param name="ahead">How far ahead of the true time it is from now on.</param>
    public void JumpTo(TimeSpan ahead)
    {
        // In place, for it is mapped: a shorter file would end the processes.
        using var file = new FileStream(Showing, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.Write(BitConverter.GetBytes((long)ahead.TotalSeconds));
    }

    /// <summary>Makes a shell command by which it jumps.</summary>
    /// <param name="ahead">How far ahead of the true time it is from then on.</param>
    public string CommandToJumpTo(TimeSpan ahead)
    {
        File.WriteAllBytes(Showing + ".next", BitConverter.GetBytes((long)ahead.TotalSeconds));
        return $"dd if='{Showing}.next' of='{Showing}' conv=notrunc status=none";
    }

    /// <summary>Fails the test unless a process has seen what it shows.</summary>
    /// <param name="seen">The time that the process wrote down just now.</param>
    /// <param name="ahead">How far ahead of the true time the clock is.</param>
    public static void AssertSeen(DateTimeOffset seen, TimeSpan ahead) =>
        Assert.InRange(seen - DateTimeOffset.UtcNow, ahead - s_tolerance, ahead + s_tolerance);
}
