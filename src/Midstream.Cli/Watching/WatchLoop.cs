using System.Diagnostics;

namespace Midstream.Cli.Watching;

/// <summary>Says how the deployment of a package came out.</summary>
/// <param name="Served">What serves now, for people; null when what served before goes on.</param>
/// <param name="Reason">Why it does; null otherwise.</param>
internal sealed record WatchedDeployment(string? Served, string? Reason)
{
    /// <summary>Gets when it began to serve, in ticks of the stopwatch.</summary>
    public long ServedAt { get; init; } = Stopwatch.GetTimestamp();
}

/// <summary>
/// Build, deploy, wait for the next save, over and over. What cannot be built or deployed is shown, and what served before
/// goes on. A save during a build ends that build: the latest wins.
/// </summary>
/// <param name="project">The project.</param>
/// <param name="configuration">The configuration it is built in.</param>
/// <param name="deploy">Deploys the package in a folder.</param>
/// <param name="say">Tells the developer, line by line.</param>
internal sealed class WatchLoop(
    WatchedProject project, string configuration, Func<string, Task<WatchedDeployment>> deploy, Action<string> say)
{
    private BuildInputs _restored;

    /// <summary>Runs until it is told to end.</summary>
    /// <param name="cancellationToken">Ends it. No process and no file is left.</param>
    /// <returns>A task that ends then, and throws nothing for the cancellation.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var packages = Directory.CreateTempSubdirectory("midstream-watch-");
        using var saves = new SaveWatch(project);
        try
        {
            say($"watching {string.Join(", ", project.Folders)}");
            await RunAsync(saves, packages.FullName, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The wish to end.
        }
        finally
        {
            packages.Delete(recursive: true);
        }
    }

    private async Task RunAsync(SaveWatch saves, string packages, CancellationToken cancellationToken)
    {
        // Null before the first build, which no save has asked for.
        long? saved = null;
        var tried = default(BuildInputs);
        var next = saves.WaitAsync(cancellationToken);
        for (var number = 1; ; number++)
        {
            var inputs = project.Read();
            if (inputs != tried)
            {
                tried = inputs;
                var package = Path.Combine(packages, $"{number}");
                if (!await BuildAndDeployAsync(package, inputs, saved, next, cancellationToken))
                    tried = default;
            }

            saved = await next;
            next = saves.WaitAsync(cancellationToken);
        }
    }

    // Returns false when a save came in between, and what was built is not wanted any more.
    private async Task<bool> BuildAndDeployAsync(
        string package, BuildInputs inputs, long? saved, Task next, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        if (await BuildAsync(package, inputs, next, cancellationToken) is not { } built)
            return false;
        if (!built.HasSucceeded)
        {
            foreach (var error in built.Errors)
                say(error);
            say($"{project.Name} does not build; the version before goes on");
            return true;
        }

        _restored = inputs;
        var buildTime = Stopwatch.GetElapsedTime(begun);
        begun = Stopwatch.GetTimestamp();
        var deployed = await deploy(package);
        Directory.Delete(package, recursive: true);
        say(deployed.Served is { } served
            ? $"{served} {Times(saved, buildTime, begun, deployed.ServedAt)}"
            : $"{project.Name} was not deployed, and the version before goes on: {deployed.Reason}");
        return true;
    }

    private async Task<BuildResult?> BuildAsync(
        string package, BuildInputs inputs, Task next, CancellationToken cancellationToken)
    {
        using var newer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var build = ModuleBuild.RunAsync(
            project.Path, configuration, package, restore: inputs.Projects != _restored.Projects, newer.Token);
        await Task.WhenAny(build, next);
        // Only a file that is different now is a reason to begin again: the build itself may touch some.
        if (!build.IsCompleted && project.Read() != inputs)
            await newer.CancelAsync();
        try
        {
            return await build;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string Times(long? saved, TimeSpan build, long deployed, long served)
    {
        var parts = $"build {build.TotalSeconds:0.00} s, swap {Stopwatch.GetElapsedTime(deployed, served).TotalSeconds:0.00} s";
        return saved is { } at
            ? $"{Stopwatch.GetElapsedTime(at, served).TotalSeconds:0.00} s after the save ({parts})"
            : $"({parts})";
    }
}
