// Two processes' ends of a hand-over of state over a real socket pair, each with an application of its own, in one process.

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Midstream.HandOver;
using Midstream.Hosting.State;
using Midstream.Linux;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Restarts;

internal sealed class ProcessPair : IAsyncDisposable
{
    private static readonly TimeSpan s_freezeMax = TimeSpan.FromSeconds(10);

    private readonly FdPoller _poller = new();
    private readonly StateGiver _giver;
    private readonly StateTaker _taker;

    private ProcessPair(ModuleScene old, ModuleScene next, FdPoller poller, StateGiver giver, StateTaker taker)
    {
        (Old, New, _poller, _giver, _taker) = (old, next, poller, giver, taker);
    }

    internal ModuleScene Old { get; }

    internal ModuleScene New { get; }

    /// <summary>Starts the first process of a service.</summary>
    internal static Task<ModuleScene> StartFirstAsync(TemporaryFolder data) => StartAsync(data, static source =>
    {
        foreach (var state in source.States.Select(named => named.State).OfType<ILoggedState>())
            state.TakeCharge(mirror: null, version: 0);
        return Task.CompletedTask;
    });

    /// <summary>Starts the next process, whose state comes from the one that serves.</summary>
    internal static async Task<ProcessPair> StartNextAsync(ModuleScene old, TemporaryFolder data)
    {
        var poller = new FdPoller();
        var (first, second) = SeqPacketChannel.CreateDescriptorPair();
        await old.Host.Process.HoldAsync();
        var giver = new StateGiver(new SeqPacketChannel(first, poller), old.Host.Process.States);
        StateTaker? taker = null;
        var next = await StartAsync(data, async source =>
        {
            await source.HoldAsync();
            taker = new StateTaker(new SeqPacketChannel(second, poller), source.States, source.Release);
            Assert.Null((await taker.Imported).Fault);
        });
        return new ProcessPair(old, next, poller, giver, taker!);
    }

    /// <summary>Puts the next process in charge.</summary>
    internal async Task HandOverAsync() => Assert.Null((await _giver.HandOverAsync(s_freezeMax)).Fault);

    /// <summary>Ends the old process's part, as its death would.</summary>
    internal ValueTask EndOldAsync() => _giver.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _giver.DisposeAsync();
        await _taker.DisposeAsync();
        await New.DisposeAsync();
        _poller.Dispose();
    }

    private static Task<ModuleScene> StartAsync(TemporaryFolder data, Func<IStateSource, Task> gate) => ModuleScene.StartAsync(
        options => options.DataFolder = data.In("data"),
        builder => builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(
            provider => new Gate(provider.GetRequiredService<IStateSource>(), gate))));

    // The place of the worker's own gate: before every other hosted service.
    private sealed class Gate : IHostedService
    {
        private readonly IStateSource _source;
        private readonly Func<IStateSource, Task> _open;

        public Gate(IStateSource source, Func<IStateSource, Task> open)
        {
            (_source, _open) = (source, open);
            source.Govern();
        }

        public Task StartAsync(CancellationToken cancellationToken) => _open(_source);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
