// Programs of the system that a test needs.

using System.Diagnostics;

namespace Midstream.Supervisor.Tests.Logs;

internal static class Programs
{
    internal static bool Exists(string name) =>
        ((string[])["/usr/bin", "/usr/sbin", "/bin", "/sbin"]).Any(folder => File.Exists(Path.Combine(folder, name)));

    internal static async Task RunAsync(string program, params string[] arguments)
    {
        var (code, error) = await EndAsync(program, arguments);
        Assert.True(code == 0, $"{program}: {error}");
    }

    internal static async Task<bool> TryRunAsync(string program, params string[] arguments) =>
        (await EndAsync(program, arguments)).Code == 0;

    private static async Task<(int Code, string Error)> EndAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Scene.Patience);
        return (process.ExitCode, error);
    }
}
