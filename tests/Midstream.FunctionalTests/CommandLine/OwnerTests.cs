// Who may ask a supervisor for anything: its owner and root, by the socket's mode, and where that was changed, by the kernel's
// word.

using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.CommandLine;

public sealed class OwnerTests
{
    private const UnixFileMode Everybody = (UnixFileMode)0x1FF;

    [Theory]
    [InlineData("status")]
    [InlineData("stop")]
    [InlineData("scale", "2")]
    public async Task Ask_AsAnotherUser_IsRefusedAndNothingChanges(params string[] command)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Another user needs root.");
        await using var scene = await Scene.StartAsync();

        var shut = await AsNobodyAsync(scene, command);
        OpenToEverybody(scene);
        var open = await AsNobodyAsync(scene, command);

        Assert.NotEqual(0, shut.ExitCode);
        Assert.NotEqual(0, open.ExitCode);
        Assert.Contains("Only root and the user who runs the supervisor may do this", open.Error, StringComparison.Ordinal);
        var status = await scene.Service.StatusAsync();
        Assert.Equal(("serving", 1, scene.First.Pid), (status.State, status.WorkerCount, status.Workers[0].Pid));
    }

    // As an administrator might by mistake.
    private static void OpenToEverybody(Scene scene)
    {
        for (var folder = new DirectoryInfo(Path.Combine(scene.Service.State, "tested"));
            folder.FullName != Path.GetTempPath().TrimEnd('/'); folder = folder.Parent!)
            File.SetUnixFileMode(folder.FullName, Everybody);
        File.SetUnixFileMode(Path.Combine(scene.Service.State, "tested", "control.sock"), Everybody);
    }

    private static Task<ProgramResult> AsNobodyAsync(Scene scene, string[] command) => RunningProgram.RunAsync(
        "setpriv",
        ["--reuid=65534", "--regid=65534", "--clear-groups", Repository.Program, .. command, "--name", "tested", "--state",
            scene.Service.State]);
}
