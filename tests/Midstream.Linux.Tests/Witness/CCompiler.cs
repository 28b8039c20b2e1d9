// Compiles C while the tests run: what the system's own headers and a program without .NET say is the evidence.

using System.Diagnostics;

namespace Midstream.Linux.Tests;

internal static class CCompiler
{
    private static readonly Lazy<string> s_witness = new(() => Compile(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Witness", "witness.c"))));

    /// <summary>Gets the path of the compiled witness program.</summary>
    internal static string Witness => s_witness.Value;

    internal static string Compile(string source)
    {
        var folder = Directory.CreateTempSubdirectory("midstream-c-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var file = Path.Combine(folder, "program.c");
        File.WriteAllText(file, source);
        var program = Path.Combine(folder, "program");
        var (code, _, errors) = Run("gcc", "-O1", "-Wall", "-Wno-unused", "-o", program, file);
        Assert.True(code == 0, $"gcc failed ({code}); install gcc and libc6-dev. {errors}");
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101); // For the test that runs it as another user.
        return program;
    }

    internal static (int Code, string Output, string Errors) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
