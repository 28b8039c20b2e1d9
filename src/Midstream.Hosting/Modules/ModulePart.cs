using Microsoft.Extensions.DependencyInjection;
using Midstream.Control.Workers;
using Midstream.Core.Modules;
using Midstream.Hosting.Worker;
using Midstream.Linux;

namespace Midstream.Hosting.Modules;

// Supervisor says  | the worker                                                      | answers
// -----------------+-----------------------------------------------------------------+---------------------------------
// list_modules     | lets who is named trace it, looks                               | modules
// prepare_modules  | gives up what waits, goes through all phases before the move    | module_phase*, modules_prepared
// move_modules     | moves what waits                                                | modules_moved
// abandon_modules  | gives up what waits                                             | modules_abandoned
// await_modules    | waits for the end of what was replaced                          | modules_ended
// (nothing)        | gives up what has waited for the time that was said             |

/// <summary>The application's modules in the conversation with the supervisor. Whether there are any is the application's affair:
/// it says so by registering <see cref="IModuleControl"/>.</summary>
internal sealed class ModulePart(IServiceProvider services, ISupervisorLink supervisor, TimeProvider? time = null) : IWorkerPart
{
    private const int ListLengthMax = SeqPacketChannel.MaximumMessageBytes * 3 / 4;
    private const int ProblemMax = 200;

    private readonly IModuleControl? _modules = services.GetService<IModuleControl>();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private Waiting? _waiting;
    private (long Number, IModuleChange Change)? _moved;

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => _modules is null ? [] : [WorkerCapabilities.Modules];

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(ReceivedWorkerMessage received, CancellationToken cancellationToken)
    {
        if (_modules is not { } modules)
            return false;
        switch (received.Message)
        {
            case ListModulesMessage list:
                if (list.Tracer is { } tracer)
                    ProcessTracing.TryAllow(tracer);
                await supervisor.SayAsync(Describe(modules, list));
                return true;
            case PrepareModulesMessage prepare:
                var waiting = Replace(new Waiting(prepare.Change));
                _ = PrepareAsync(modules, prepare, waiting.Before, waiting.Now, cancellationToken);
                return true;
            case MoveModulesMessage move:
                _ = MoveAsync(move.Change);
                return true;
            case AbandonModulesMessage:
                _ = AbandonAsync();
                return true;
            case AwaitModulesMessage wait:
                _ = SayEndedAsync(wait.Change);
                return true;
            default:
                return false;
        }
    }

    private static ModulesMessage Describe(IModuleControl modules, ListModulesMessage asked)
    {
        var found = modules.Describe(asked.Module);
        if (asked.Module is not null)
            return new ModulesMessage(found, Question: asked.Question);
        // Of all modules no more than what serves, and no more of them than fit: a message has its limit.
        var left = found.Where(one => string.CompareOrdinal(one.Name, asked.After) > 0).Select(Shortened).ToList();
        var (told, length) = (0, 0);
        while (told < left.Count && (length += LengthOf(left[told])) <= ListLengthMax)
            told++;
        // One that is too long by itself is told all the same: whoever asks has to come on.
        told = Math.Max(told, Math.Min(1, left.Count));
        return new ModulesMessage([.. left.Take(told)], left.Count - told, asked.Question);
    }

    private static ModuleSummary Shortened(ModuleSummary one) => one with
    {
        Generations = [.. one.Generations.Where(generation => generation.State is "serving" or "canary" or "paused")],
        Problem = one.Problem is { Length: > ProblemMax } problem ? problem[..ProblemMax] : one.Problem,
    };

    private static int LengthOf(ModuleSummary one) => WorkerChannel.LengthOf(new ModulesMessage([one]));

    private async Task PrepareAsync(
        IModuleControl modules, PrepareModulesMessage prepare, Waiting? before, Waiting waiting, CancellationToken stopping)
    {
        await GiveUpAsync(before);
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(stopping, waiting.GivenUp.Token);
        try
        {
            var change = await modules.PrepareAsync(
                prepare.Difference,
                (module, phase) =>
                    _ = supervisor.SayAsync(new ModulePhaseMessage(prepare.Change, module, NameOf(phase))).AsTask(),
                givenUp.Token);
            waiting.Change.TrySetResult(change);
            await supervisor.SayAsync(new ModulesPreparedMessage(prepare.Change, change.Fault));
        }
        catch (Exception failed)
        {
            waiting.Change.TrySetResult(null);
            await supervisor.SayAsync(new ModulesPreparedMessage(prepare.Change, failed.Message));
            return;
        }

        // A supervisor that has died says nothing any more, and state that waits for its move is kept twice.
        await Task.Delay(TimeSpan.FromMilliseconds(prepare.WaitMs), _time, CancellationToken.None);
        if (Interlocked.CompareExchange(ref _waiting, null, waiting) == waiting)
            await GiveUpAsync(waiting);
    }

    private async Task MoveAsync(long number)
    {
        var waiting = Interlocked.Exchange(ref _waiting, null);
        if (waiting?.Number != number || await waiting.Change.Task is not { } change)
        {
            await supervisor.SayAsync(new ModulesMovedMessage(number, [], "That change does not wait any more."));
            return;
        }

        var (moves, fault) = await change.MoveAsync();
        _moved = (number, change);
        await supervisor.SayAsync(new ModulesMovedMessage(number, moves, fault));
    }

    private async Task AbandonAsync()
    {
        await GiveUpAsync(Interlocked.Exchange(ref _waiting, null));
        await supervisor.SayAsync(new ModulesAbandonedMessage());
    }

    private async Task SayEndedAsync(long number)
    {
        IReadOnlyList<ModuleEnding> endings =
            _moved is { } moved && moved.Number == number ? await moved.Change.EndedAsync() : [];
        await supervisor.SayAsync(new ModulesEndedMessage(number, endings));
    }

    private (Waiting? Before, Waiting Now) Replace(Waiting now) => (Interlocked.Exchange(ref _waiting, now), now);

    private static async Task GiveUpAsync(Waiting? waiting)
    {
        if (waiting is null)
            return;
        await waiting.GivenUp.CancelAsync();
        if (await waiting.Change.Task is { } change)
            await change.AbandonAsync();
    }

    private static string NameOf(SwapPhase phase) => phase switch
    {
        SwapPhase.Verify => "verify",
        SwapPhase.Load => "load",
        SwapPhase.Build => "build",
        SwapPhase.Migrate => "migrate",
        SwapPhase.Start => "start",
        SwapPhase.WarmUp => "warm-up",
        _ => "move",
    };

    // A change from its order on; without a change in the end when it could not even be begun.
    private sealed class Waiting(long number)
    {
        public long Number => number;

        public CancellationTokenSource GivenUp { get; } = new();

        public TaskCompletionSource<IModuleChange?> Change { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
