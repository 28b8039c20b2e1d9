using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Midstream.Core.Modules;
using Midstream.Modules.State;

namespace Midstream.Modules.Testing;

/// <summary>One test of a package, step by step; it ends with the first that fails.</summary>
internal sealed class ModuleTestRun(ModuleHost host, ModuleTestOptions options)
{
    private readonly List<ModuleTestStep> _steps = [];
    private string _module = "";
    private string _version = "";

    public async Task<ModuleTestResult> RunAsync(string package, CancellationToken cancellationToken)
    {
        var passed = await TryGiveStateAsync(package)
            && await DeployPreviousAsync(cancellationToken)
            && await DeployAsync("", package, cancellationToken)
            && await WriteStateAsync(cancellationToken)
            && await GoBackAndForthAsync(package, cancellationToken)
            && await RemoveAsync();
        return new ModuleTestResult(passed, _module, _version, _steps);
    }

    private async Task<bool> TryGiveStateAsync(string package)
    {
        if (options.StateFolder is not { } folder)
            return true;
        var begun = Stopwatch.GetTimestamp();
        try
        {
            var states = ReadStates(folder);
            host.GiveState(Packages.PackageStore.NameOf(options.PreviousPackage ?? package), states);
            var names = string.Join(", ", states.Select(state => $"{state.Name} in version {state.Version}"));
            return await Task.FromResult(Add("given state", true, begun, names.Length == 0 ? $"none in {folder}" : names));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ModulePackageException)
        {
            return Add("given state", false, begun, error.Message);
        }
    }

    private static List<GivenState> ReadStates(string folder)
    {
        var states = new List<GivenState>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.state").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            var dot = name.LastIndexOf('.');
            if (dot < 1 || !int.TryParse(name[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                throw new ModulePackageException($"{path} is not named NAME.VERSION.state.");
            states.Add(new GivenState(name[..dot], version, File.ReadAllBytes(path)));
        }

        return states;
    }

    private Task<bool> DeployPreviousAsync(CancellationToken cancellationToken) => options.PreviousPackage is { } previous
        ? DeployAsync("the one before: ", previous, cancellationToken)
        : Task.FromResult(true);

    // What went well of a deployment, and then what did not.
    private async Task<bool> DeployAsync(string which, string package, CancellationToken cancellationToken)
    {
        var result = await host.DeployAsync(package, progress: null, cancellationToken);
        (_module, _version) = (result.Module, result.Version);
        var isMoved = result.Outcome == SwapOutcome.Moved;
        foreach (var (phase, elapsed) in result.Durations.SkipLast(isMoved ? 0 : 1))
            _steps.Add(new ModuleTestStep(which + NameOf(phase), true, elapsed, ""));
        if (!isMoved)
            _steps.Add(new ModuleTestStep(which + NameOf(result.Phase), false, LastOf(result), ReasonOf(result)));
        return isMoved && await EndsAsync(which, result);
    }

    private async Task<bool> GoBackAndForthAsync(string package, CancellationToken cancellationToken)
    {
        if (options.PreviousPackage is not { } previous)
            return true;
        return await DeployAsync("back: ", previous, cancellationToken)
            && await DeployAsync("forth: ", package, cancellationToken);
    }

    private async Task<bool> EndsAsync(string which, SwapResult result) =>
        result.Retirement is not { } retirement || Judge($"{which}end of what was replaced", await retirement);

    private async Task<bool> RemoveAsync() => await host.RemoveAsync(_module) is not { } ended || Judge("stop and unload", ended);

    private bool Judge(string name, Retirement ended)
    {
        var passed = ended.Faults.Count == 0 && ended.Verdict.Outcome != UnloadOutcome.Pinned;
        var text = ended.Faults.Concat(ended.Verdict.Culprits.Select(culprit => culprit.ToString()))
            .Prepend($"{ended.Verdict.Outcome}".ToLowerInvariant());
        _steps.Add(new ModuleTestStep(name, passed, ended.Verdict.Elapsed, string.Join("\n  ", text)));
        return passed;
    }

    private async Task<bool> WriteStateAsync(CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            foreach (var line in await ExportAllAsync(cancellationToken))
                Add("state", true, begun, line);
            return true;
        }
        catch (Exception failed)
        {
            // The text alone: the exception would keep the module.
            return Add("state", false, begun, failed.ToString());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<List<string>> ExportAllAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        foreach (var state in host.Board.Find(_module)!.Current.Loaded!.States)
        {
            foreach (var version in state.Writes)
            {
                await using var stream = new ChunkedStream();
                await state.ExportAsync(stream, version, cancellationToken);
                lines.Add($"{state.Name} is written in version {version}: {stream.Length} bytes");
            }
        }

        return lines;
    }

    private bool Add(string name, bool passed, long begun, string detail)
    {
        _steps.Add(new ModuleTestStep(name, passed, Stopwatch.GetElapsedTime(begun), detail));
        return passed;
    }

    private static TimeSpan LastOf(SwapResult result) => result.Durations is [.., var last] ? last.Value : TimeSpan.Zero;

    private static string ReasonOf(SwapResult result) =>
        string.Join("\n  ", result.Problems.Select(problem => problem.ToString()).Prepend(result.Reason ?? ""));

    private static string NameOf(SwapPhase phase) => phase switch
    {
        SwapPhase.WarmUp => "warm-up",
        _ => $"{phase}".ToLowerInvariant(),
    };
}
