using Midstream.Bench.Processes;

namespace Midstream.Bench.Modules;

/// <summary>Makes the measurements that are asked for, each in a process of its own, and leaves nothing behind.</summary>
internal sealed class ModulesRun(ModulesPlan plan, string artifacts, Action<string> say)
{
    /// <summary>Makes one of them.</summary>
    /// <param name="part">One of <see cref="ModulesPlan.Parts"/>.</param>
    public async Task<ModulesResult> RunAsync(string part)
    {
        using var launcher = new Launcher();
        var folder = Directory.CreateTempSubdirectory("midstream-bench-").FullName;
        try
        {
            using var host = await MeasuredHost.StartAsync(launcher, folder, artifacts);
            var result = await MeasureAsync(part, host, new Packages(artifacts, folder));
            say($"{part} measured");
            return result;
        }
        finally
        {
            await Launcher.EndAllAsync();
            TemporaryFolders.Delete(folder);
        }
    }

    private async Task<ModulesResult> MeasureAsync(string part, MeasuredHost host, Packages packages) => part switch
    {
        "slot-cost" => new ModulesResult { SlotCost = await new SlotCost(plan, host, packages).RunAsync() },
        "endpoints" => new ModulesResult { Endpoints = await new EndpointsEffect(plan, host, packages).RunAsync() },
        "swap-times" => new ModulesResult { SwapTimes = await new SwapTimes(plan, host, packages).RunAsync() },
        "many-swaps" => new ModulesResult { ManySwaps = await new ManySwaps(plan, host, packages).RunAsync() },
        "paced" => new ModulesResult { Paced = await new PacedSwaps(plan, host, packages).RunAsync() },
        "state" => new ModulesResult { State = await new StateSwaps(plan, host, packages).RunAsync() },
        _ => throw new ArgumentException($"There is no measurement {part}.", nameof(part)),
    };
}
