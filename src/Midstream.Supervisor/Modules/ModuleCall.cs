using Midstream.Control.Workers;
using Midstream.Core.Deployments;
using Midstream.Core.Modules;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Modules;

/// <summary>One change of modules in one worker: prepared, then moved or abandoned. Whatever the worker does not do, and that it
/// dies over it, is a <see cref="WorkerFailedException"/>.</summary>
/// <param name="worker">The worker.</param>
/// <param name="number">The change's number.</param>
internal sealed class ModuleCall(Worker worker, long number)
{
    // The worker's own bounds are far below these: who is past them is mute.
    private static readonly TimeSpan s_listTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_prepareTime = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_moveTime = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_waitTime = TimeSpan.FromMinutes(20);

    private static long s_question;

    /// <summary>Gets the worker.</summary>
    public Worker Worker => worker;

    /// <summary>Gets or sets what the worker had before the change.</summary>
    public IReadOnlyList<ModuleSummary> Before { get; set; } = [];

    /// <summary>Gets what was moved.</summary>
    public IReadOnlyList<ModuleMove> Moves { get; private set; } = [];

    /// <summary>Asks a worker for its modules.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="module">One module's name; null for all.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <param name="tracer">A process that the worker is to let trace it; null for none.</param>
    /// <exception cref="ModuleRequestException">It hosts none.</exception>
    /// <exception cref="WorkerFailedException">It does not answer.</exception>
    public static async Task<ModulesMessage> ListAsync(
        Worker worker, string? module, CancellationToken cancellationToken, int? tracer = null)
    {
        if (!worker.Capabilities.Contains(WorkerCapabilities.Modules))
            throw new ModuleRequestException(
                $"Worker {worker.Name} hosts no modules: its application does not call builder.AddModules(), or has a version " +
                    "of Midstream.Modules that cannot be asked. Use 'midstream deploy' to replace the whole application.");
        var modules = new List<ModuleSummary>();
        ModulesMessage answer;
        do
        {
            // Whoever shows the status asks too: each has to get the answer to its own question.
            var question = Interlocked.Increment(ref s_question);
            answer = await AskAsync<ModulesMessage>(
                worker, new ListModulesMessage(module, modules.LastOrDefault()?.Name, question, tracer), s_listTime,
                DeploymentFailure.ModuleRefused, told => (told.Question ?? question) == question, cancellationToken);
            var known = modules.Count;
            modules.AddRange(answer.Modules.Where(one => !modules.Exists(other => other.Name == one.Name)));
            // A worker that cannot be asked for the rest begins anew.
            if (modules.Count == known)
                break;
        }
        while (answer.More > 0);
        return new ModulesMessage(modules, answer.More);
    }

    /// <summary>Lets the worker go through all phases before the move.</summary>
    /// <param name="difference">What is to change.</param>
    /// <param name="onPhase">Told of each phase.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when the change waits at the move.</returns>
    public async Task PrepareAsync(
        ModuleDifference difference, Action<ModulePhaseMessage> onPhase, CancellationToken cancellationToken)
    {
        void Hear(WorkerMessage message)
        {
            if (message is ModulePhaseMessage phase && phase.Change == number)
                onPhase(phase);
        }

        worker.Heard += Hear;
        try
        {
            var prepared = await AskAsync<ModulesPreparedMessage>(
                worker,
                new PrepareModulesMessage(number, difference, (long)s_waitTime.TotalMilliseconds),
                s_prepareTime, DeploymentFailure.ModuleRefused, answer => answer.Change == number, cancellationToken);
            if (prepared.Fault is { } fault)
                throw Failed(DeploymentFailure.ModuleRefused, fault);
        }
        finally
        {
            worker.Heard -= Hear;
        }
    }

    /// <summary>Lets the worker move what waits.</summary>
    /// <returns>A task that ends when it has.</returns>
    public async Task MoveAsync()
    {
        var moved = await AskAsync<ModulesMovedMessage>(
            worker, new MoveModulesMessage(number), s_moveTime, DeploymentFailure.ModuleNotMoved,
            answer => answer.Change == number, CancellationToken.None);
        if (moved.Fault is { } fault)
            throw Failed(DeploymentFailure.ModuleNotMoved, fault);
        Moves = moved.Moves;
    }

    /// <summary>Waits for the end of what was replaced.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <returns>How each generation ended; null when some have not.</returns>
    public async Task<IReadOnlyList<ModuleEnding>?> EndedAsync(TimeSpan timeout)
    {
        using var patience = new Patience(timeout, worker.Time);
        try
        {
            var ended = await worker.AskAsync<ModulesEndedMessage>(
                new AwaitModulesMessage(number), [], patience.Token, answer => answer.Change == number);
            return ended.Endings;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (IOException)
        {
            throw await DiedAsync(worker, DeploymentFailure.ModuleNotMoved);
        }
    }

    /// <summary>Gives up what waits. Nothing happens to a worker that has died.</summary>
    /// <returns>A task that ends when it is given up.</returns>
    public static async Task AbandonAsync(Worker worker)
    {
        try
        {
            using var patience = new Patience(s_moveTime, worker.Time);
            await worker.AskAsync<ModulesAbandonedMessage>(new AbandonModulesMessage(), [], patience.Token);
        }
        catch (Exception silent) when (silent is IOException or OperationCanceledException)
        {
            // It gives up by itself when its wait is over, or is dead.
        }
    }

    private static async Task<TAnswer> AskAsync<TAnswer>(
        Worker worker, WorkerMessage question, TimeSpan timeout, DeploymentFailure failure, Func<TAnswer, bool> isAnswer,
        CancellationToken cancellationToken)
        where TAnswer : WorkerMessage
    {
        using var patience = new Patience(timeout, worker.Time, cancellationToken);
        try
        {
            return await worker.AskAsync(question, [], patience.Token, isAnswer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkerFailedException(
                failure, $"Worker {worker.Name} did not answer within {timeout.TotalSeconds:0} s.", worker.LastLines);
        }
        catch (IOException)
        {
            throw await DiedAsync(worker, failure);
        }
    }

    private static async Task<WorkerFailedException> DiedAsync(Worker worker, DeploymentFailure failure)
    {
        await worker.OutputEndedAsync();
        var how = worker.Exited.IsCompleted ? $"{await worker.Exited}" : "closed its channel";
        return new WorkerFailedException(
            failure, $"Worker {worker.Name} (process {worker.Pid}) {how} over it.", worker.LastLines);
    }

    private WorkerFailedException Failed(DeploymentFailure failure, string fault) =>
        new(failure, $"Worker {worker.Name}: {fault}", []);
}
