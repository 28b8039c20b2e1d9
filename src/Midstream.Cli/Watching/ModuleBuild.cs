using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Midstream.Cli.Watching;

/// <summary>Says how a build came out.</summary>
/// <param name="Errors">What a person has to read; empty when it succeeded.</param>
internal sealed record BuildResult(IReadOnlyList<string> Errors)
{
    public bool HasSucceeded => Errors.Count == 0;
}

/// <summary>Builds a module's package by `dotnet publish`, as its author would.</summary>
internal static partial class ModuleBuild
{
    private const int LinesMax = 20;
    private const int OutputMax = 2_000;

    /// <summary>Builds. No process is left when it ends, however it ends.</summary>
    /// <param name="project">The project's file.</param>
    /// <param name="configuration">Debug, Release, or another that the project has.</param>
    /// <param name="output">Where the package goes.</param>
    /// <param name="restore">Whether packages may have to be restored.</param>
    /// <param name="cancellationToken">Ends the build, with all its processes.</param>
    public static async Task<BuildResult> RunAsync(
        string project, string configuration, string output, bool restore, CancellationToken cancellationToken)
    {
        // No server and no node of the build outlives it.
        string[] arguments =
        [
            "publish", project, "--configuration", configuration, "--output", output, "--nologo", "--verbosity", "quiet",
            "-nodeReuse:false", "-p:UseSharedCompilation=false", .. restore ? Array.Empty<string>() : ["--no-restore"],
        ];
        var lines = new List<string>();
        using var process = new Process { StartInfo = StartOf(arguments) };
        process.OutputDataReceived += (_, line) => Take(lines, line.Data);
        process.ErrorDataReceived += (_, line) => Take(lines, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return new BuildResult(process.ExitCode == 0 ? [] : ErrorsIn(lines));
    }

    private static ProcessStartInfo StartOf(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        return start;
    }

    private static void Take(List<string> lines, string? line)
    {
        if (line is null)
            return;
        lock (lines)
        {
            if (lines.Count == OutputMax)
                lines.RemoveAt(0);
            lines.Add(line);
        }
    }

    // Each error once, without the project that every line of MSBuild's ends with.
    private static List<string> ErrorsIn(List<string> lines)
    {
        var errors = lines.Where(line => ErrorLine().IsMatch(line))
            .Select(line => Project().Replace(line.Trim(), "")).Distinct().ToList();
        if (errors.Count == 0)
            errors = [.. lines.Where(line => line.Trim().Length > 0).TakeLast(LinesMax), "dotnet publish has failed."];
        return errors.Count <= LinesMax ? errors : [.. errors.Take(LinesMax), $"and {errors.Count - LinesMax} more errors"];
    }

    [GeneratedRegex(@"\berror\s+[A-Z]+\d+\s*:|: error\b")]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"\s*\[[^\[\]]+proj[^\[\]]*\]$")]
    private static partial Regex Project();
}
