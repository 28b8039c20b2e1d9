// The worker's side of a change of modules, against a host of modules that only keeps a record.

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Midstream.Control.Workers;
using Midstream.Core.Modules;
using Midstream.Hosting.Modules;
using Midstream.Hosting.Worker;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.Modules;

public sealed class ModulePartTests : ISupervisorLink, IModuleControl
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Channel<WorkerMessage> _said = Channel.CreateUnbounded<WorkerMessage>();
    private readonly ConcurrentQueue<string> _done = [];
    private readonly List<ModuleSummary> _modules = [];
    private readonly ModulePart _part;

    public ModulePartTests() => _part = new ModulePart(
        new ServiceCollection().AddSingleton<IModuleControl>(this).BuildServiceProvider(), this);

    [Fact]
    public async Task List_OfMoreThanAMessageHolds_IsToldInPiecesUntilTheLast()
    {
        for (var number = 0; number < 1000; number++)
            _modules.Add(new ModuleSummary(
                $"module-{number:0000}", "1", "0123456789ab", "/path", 1, [], null, null, [], Problem: new string('x', 9000)));

        var (names, last, pieces) = (new List<string>(), (string?)null, 0);
        ModulesMessage told;
        do
        {
            await SayAsync(new ListModulesMessage(After: last, Question: ++pieces));
            told = await HeardAsync<ModulesMessage>();
            Assert.Equal(pieces, told.Question);
            Assert.InRange(WorkerChannel.LengthOf(told), 1, SeqPacketChannel.MaximumMessageBytes);
            names.AddRange(told.Modules.Select(module => module.Name));
            last = names[^1];
        }
        while (told.More > 0);

        Assert.Equal(_modules.Select(module => module.Name), names);
        Assert.InRange(pieces, 2, 100);
    }

    [Fact]
    public async Task Prepare_WhileAnotherWaits_GivesThatOneUpFirst()
    {
        await PrepareAsync(1);
        await PrepareAsync(2);
        await SayAsync(new MoveModulesMessage(2));

        Assert.Null((await HeardAsync<ModulesMovedMessage>()).Fault);
        Assert.Equal(["prepare", "abandon", "prepare", "move"], _done);
    }

    [Fact]
    public async Task Move_OfWhatDoesNotWait_MovesNothingAndSaysSo()
    {
        await PrepareAsync(1);
        await SayAsync(new MoveModulesMessage(7));

        var moved = await HeardAsync<ModulesMovedMessage>();

        Assert.Equal((7, "That change does not wait any more."), (moved.Change, moved.Fault));
        Assert.DoesNotContain("move", _done);
    }

    [Fact]
    public async Task Abandon_OfWhatWaits_EndsItAndALaterMoveFindsNothing()
    {
        await PrepareAsync(1);
        await SayAsync(new AbandonModulesMessage());
        await HeardAsync<ModulesAbandonedMessage>();
        await SayAsync(new MoveModulesMessage(1));

        Assert.NotNull((await HeardAsync<ModulesMovedMessage>()).Fault);
        Assert.Equal(["prepare", "abandon"], _done);
    }

    [Fact]
    public async Task Prepare_WhenItsTimeIsOver_IsGivenUpByItself()
    {
        await PrepareAsync(1, waitMs: 1);

        var deadline = DateTime.UtcNow + s_patience;
        while (!_done.Contains("abandon") && DateTime.UtcNow < deadline)
            await Task.Yield();
        await SayAsync(new MoveModulesMessage(1));

        Assert.NotNull((await HeardAsync<ModulesMovedMessage>()).Fault);
        Assert.Equal(["prepare", "abandon"], _done);
    }

    [Fact]
    public async Task Await_OfAnotherChangeThanTheLastThatMoved_HasNothingToTell()
    {
        await PrepareAsync(1);
        await SayAsync(new MoveModulesMessage(1));
        await HeardAsync<ModulesMovedMessage>();

        await SayAsync(new AwaitModulesMessage(1));
        Assert.Single((await HeardAsync<ModulesEndedMessage>()).Endings);
        await SayAsync(new AwaitModulesMessage(2));
        Assert.Empty((await HeardAsync<ModulesEndedMessage>()).Endings);
    }

    public ValueTask SayAsync(
        WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken) =>
        _said.Writer.WriteAsync(message, cancellationToken);

    public IReadOnlyList<ModuleSummary> Describe(string? name) => _modules;

    public Task<IModuleChange> PrepareAsync(
        ModuleDifference difference, Action<string, SwapPhase> onPhase, CancellationToken cancellationToken)
    {
        _done.Enqueue("prepare");
        return Task.FromResult<IModuleChange>(new Change(_done));
    }

    private async Task PrepareAsync(long number, long waitMs = 60_000)
    {
        await SayAsync(new PrepareModulesMessage(number, new ModuleDifference(), waitMs));
        Assert.Equal(number, (await HeardAsync<ModulesPreparedMessage>()).Change);
    }

    private async Task SayAsync(WorkerMessage message) =>
        Assert.True(await _part.TryHandleAsync(new ReceivedWorkerMessage(message, null!), CancellationToken.None));

    private async Task<TMessage> HeardAsync<TMessage>()
        where TMessage : WorkerMessage =>
        Assert.IsType<TMessage>(await _said.Reader.ReadAsync().AsTask().WaitAsync(s_patience));

    private sealed class Change(ConcurrentQueue<string> done) : IModuleChange
    {
        public string? Fault => null;

        public Task<(IReadOnlyList<ModuleMove> Moves, string? Fault)> MoveAsync()
        {
            done.Enqueue("move");
            return Task.FromResult<(IReadOnlyList<ModuleMove>, string?)>(([new ModuleMove("m", "2", 2, 0)], null));
        }

        public Task AbandonAsync()
        {
            done.Enqueue("abandon");
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<ModuleEnding>> EndedAsync() =>
            Task.FromResult<IReadOnlyList<ModuleEnding>>([new ModuleEnding("m", 1, "collected", 0, 0, [], [])]);
    }
}
