using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Midstream.Control.Workers;
using Midstream.Core.Generations;
using Midstream.Core.Modules;
using Midstream.Linux;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.Modules;

/// <summary>A worker with one module, m, that answers what a supervisor asks of it and writes down what it does.</summary>
internal sealed class ModuleWorker : IWorkerProcess
{
    private readonly Channel<WorkerMessage> _answers = Channel.CreateUnbounded<WorkerMessage>();
    private readonly TaskCompletionSource<ProcessExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _record;
    private readonly int _slot;
    private string? _prepared;

    public ModuleWorker(int slot, string package, ConcurrentQueue<string> record)
    {
        (_slot, Package, _record) = (slot, package, record);
        Worker = new Worker(new WorkerBirth(
            new WorkerName(1, slot), "0123456789ab", DateTimeOffset.UnixEpoch, this,
            Past: new WorkerPast(GenerationState.Serving, [WorkerCapabilities.Modules], ReadyInMs: 1)));
    }

    public Worker Worker { get; }

    /// <summary>Gets or sets the package that serves.</summary>
    public string Package { get; set; }

    public string? PrepareFault { get; set; }

    public string? MoveFault { get; set; }

    public bool DiesOverTheMove { get; set; }

    public bool DiesOverTheEnd { get; set; }

    /// <summary>Gets or sets what it says before it answers a preparation.</summary>
    public WorkerMessage? SaysFirst { get; set; }

    public int Pid => 70_000_000 + _slot;

    public Task<ProcessExit> Exited => _exited.Task;

    public IReadOnlyList<string> LastLines => [];

    public Task OutputEnded => Task.CompletedTask;

    public TimeProvider Time => TimeProvider.System;

    public long? ResidentBytes => null;

    public string? DescribeThreads() => null;

    public (SafeHandle ToOther, SafeHandle ToThis) OpenChannel() => throw new NotSupportedException("It hands nothing over.");

    public ValueTask SendAsync(
        WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case ListModulesMessage list:
                Say(new ModulesMessage([Describe()], Question: list.Question));
                break;
            case PrepareModulesMessage prepare:
                _record.Enqueue($"{_slot} prepare");
                _prepared = prepare.Difference.Packages.Select(Path.GetFileName).Single();
                if (SaysFirst is { } first)
                    Say(first);
                Say(new ModulesPreparedMessage(prepare.Change, PrepareFault));
                break;
            case AbandonModulesMessage:
                _record.Enqueue($"{_slot} abandon");
                Say(new ModulesAbandonedMessage());
                break;
            case MoveModulesMessage move:
                Move(move.Change);
                break;
            case AwaitModulesMessage when DiesOverTheEnd:
                Die();
                break;
            case AwaitModulesMessage wait:
                Say(new ModulesEndedMessage(wait.Change, []));
                break;
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<WorkerMessage?> ReceiveAsync(CancellationToken cancellationToken) =>
        await _answers.Reader.WaitToReadAsync(cancellationToken) && _answers.Reader.TryRead(out var message) ? message : null;

    public Task<bool> ReceiveNoticeAsync(CancellationToken cancellationToken) =>
        Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(
            static _ => false, CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    public void Signal(int signal) => Die();

    public void SignalGroup(int signal) => Die();

    public Task<ProcessRemains> ReleaseAsync() => throw new NotSupportedException("Nobody follows.");

    public ValueTask DisposeAsync()
    {
        Die();
        return ValueTask.CompletedTask;
    }

    private void Move(long change)
    {
        _record.Enqueue($"{_slot} move");
        if (DiesOverTheMove)
        {
            Die();
            return;
        }

        if (MoveFault is null)
            Package = _prepared!;
        Say(new ModulesMovedMessage(change, MoveFault is null ? [new ModuleMove("m", "2", 2, FreezeMs: 0)] : [], MoveFault));
    }

    private void Die()
    {
        _exited.TrySetResult(ProcessExit.WithCode(9));
        _answers.Writer.TryComplete();
    }

    private void Say(WorkerMessage message) => _answers.Writer.TryWrite(message);

    private ModuleSummary Describe() => new(
        "m", Package, Package, "/m", 1, [], Shipped: null, ShippedFolder: null, []);
}
