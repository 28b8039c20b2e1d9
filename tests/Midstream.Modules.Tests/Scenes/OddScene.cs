// A host with the module that does wrong what it is asked to.

using Microsoft.Extensions.DependencyInjection;
using Midstream.Core.Modules;

namespace Midstream.Modules.Tests.Scenes;

/// <summary>The tests of the odd module come one after the other: what it is to do is said process-wide, because its
/// constructor has nobody else to ask.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OddTests
{
    internal const string Name = "odd";
}

internal sealed class OddScene : IAsyncDisposable
{
    private readonly ManualResetEventSlim _end = new();

    private OddScene(ModuleScene modules) => Modules = modules;

    internal static string Package { get; } = TestModule.Built("Odd");

    internal ModuleScene Modules { get; }

    /// <summary>Gets what the host keeps for ever.</summary>
    internal required List<object> Registry { get; init; }

    internal static async Task<OddScene> StartAsync(
        Action<ModulesOptions>? configure = null, Action<IServiceCollection>? add = null)
    {
        var registry = new List<object>();
        var modules = await ModuleScene.StartAsync(
            options =>
            {
                options.Lent.Add(registry.GetType());
                configure?.Invoke(options);
            },
            builder =>
            {
                builder.Services.AddSingleton(registry);
                add?.Invoke(builder.Services);
            });
        var scene = new OddScene(modules) { Registry = registry };
        AppContext.SetData("odd.end", scene._end);
        return scene;
    }

    /// <summary>Deploys a generation that does what is asked for; empty for nothing.</summary>
    internal async Task<SwapResult> DeployAsync(string wish)
    {
        AppContext.SetData("odd", wish);
        try
        {
            return await Modules.Host.DeployAsync(Package);
        }
        finally
        {
            AppContext.SetData("odd", "");
        }
    }

    /// <summary>Begins to deploy a generation that hangs in its start.</summary>
    /// <returns>The deployment, once it hangs.</returns>
    internal async Task<Task<SwapResult>> DeployHangingAsync()
    {
        AppContext.SetData("odd", "hang in start");
        var hangs = new Reached(SwapPhase.Start);
        var deployment = Modules.Host.DeployAsync(Package, hangs);
        await Task.WhenAny(deployment, hangs.Task);
        AppContext.SetData("odd", "");
        return deployment;
    }

    internal async Task<SwapResult> DeployWellAsync(string wish = "")
    {
        var result = await DeployAsync(wish);
        Assert.True(result.Outcome == SwapOutcome.Moved, result.Reason);
        return result;
    }

    internal Task<string> WhoAsync() => Modules.GetAsync("/odd/who");

    /// <summary>Ends whatever hangs.</summary>
    internal void EndHanging() => _end.Set();

    public async ValueTask DisposeAsync()
    {
        EndHanging();
        await Modules.DisposeAsync();
    }

    private sealed class Reached(SwapPhase awaited) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
        IProgress<SwapPhase>
    {
        public void Report(SwapPhase value)
        {
            if (value == awaited)
                TrySetResult();
        }
    }
}
