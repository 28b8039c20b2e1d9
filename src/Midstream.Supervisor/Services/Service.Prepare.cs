using Midstream.Control.Operators;
using Midstream.Core.Deployments;
using Midstream.Releases;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

// What is readied before it is deployed, and what becomes of it with the next deployment.

internal sealed partial class Service
{
    /// <summary>Starts and proves the content of a folder behind closed gates, for its deployment to switch to.</summary>
    /// <param name="request">The folder.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> PrepareAsync(
        PrepareRequest request, Operator who, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        RunAsync(new Operation("prepare", who, onPhase, time), async operation =>
        {
            operation.Enter(DeploymentPhase.Store, request.Folder);
            using var givenUp = GivenUpBy(operation, cancelled);
            if (Directory.Exists(request.Folder)
                && AcceptGate.FindFault(request.Folder, settings.Model.Command, settings.Model.Inject) is { } noGate)
                throw new EntryPointException($"It cannot be prepared, for it would take traffic at once: {noGate}.");
            var release = await AddAsync(request.Folder, givenUp.Token);
            if (situation.Serves(release.Id))
                return Unchanged(release, operation);
            try
            {
                await preparation.RunAsync(release, operation, givenUp.Token);
                return Ended(Outcomes.Prepared, operation, $"Release {release.Id} waits for its deployment, for " +
                    $"{settings.Model.Prepare.Wait.TotalSeconds:0.###} s.");
            }
            catch (WorkerFailedException failed)
            {
                return Ended(Outcomes.Failed, operation, failed.Message, failed.Failure) with { LastLines = failed.LastLines };
            }
        });

    /// <summary>Ends what is prepared.</summary>
    /// <param name="who">Who asks.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> DiscardAsync(Operator who) =>
        RunAsync(new Operation("discard", who, null, time), async operation => await preparation.DiscardAsync() == 0
            ? Ended(Outcomes.Unchanged, operation, "Nothing is prepared; nothing was changed.")
            : Ended(Outcomes.Committed, operation, reason: null));

    // Whichever way it ends, nothing of what was prepared is left: what has failed once is not switched to a second time.
    private async Task<ResultEvent> DeployAsync(StoredRelease release, Operation operation, CancellationToken cancelled)
    {
        await preparation.DiscardOthersAsync(release.Id);
        try
        {
            return await ReplaceAsync(release, operation, static () => { }, cancelled);
        }
        finally
        {
            await preparation.DiscardAsync();
        }
    }
}
