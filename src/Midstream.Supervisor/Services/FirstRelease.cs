using Midstream.Releases;
using Midstream.Supervisor.State;

namespace Midstream.Supervisor.Services;

/// <summary>Chooses the release that a supervisor without workers starts.</summary>
internal sealed class FirstRelease(
    SupervisorOptions options, ServiceSituation situation, IReleaseStore store, Service service, ISupervisorObserver observer)
{
    /// <summary>Chooses.</summary>
    /// <param name="interrupted">Gives up.</param>
    /// <returns>The folder's release when it is new or the last that was run, else the last good one.</returns>
    /// <exception cref="SupervisorException">There is none.</exception>
    public async Task<StoredRelease> ChooseAsync(CancellationToken interrupted)
    {
        try
        {
            var state = situation.State;
            if (options.Folder is { } folder)
            {
                var added = await service.AddAsync(folder, interrupted);
                if (state.Current is null || !added.AlreadyStored)
                    return added;
                if (added.Id != state.Current)
                    observer.Warning("FolderNotUsed", $"{folder} is release {added.Id}, after which release " +
                        $"{state.Current} was deployed; starting that. Use 'midstream deploy' to go back to the folder.");
            }

            return store.Find(FindLastGood(state));
        }
        catch (Exception unusable) when (unusable is ReleaseStoreException or EntryPointException)
        {
            throw new SupervisorException(SupervisorFailure.NoRelease, unusable.Message, unusable);
        }
        catch (OperationCanceledException)
        {
            throw new SupervisorException(
                SupervisorFailure.FirstStartFailed, "The service did not start: it was interrupted.");
        }
    }

    // A release that was in its probation when the supervisor died is not permanent: the one before it is started.
    private string FindLastGood(ServiceState state)
    {
        if (state.Current is null)
            throw new SupervisorException(
                SupervisorFailure.NoRelease, $"The service '{options.Service.Name}' has never run: name the folder of " +
                    "its first release, 'midstream run FOLDER'.");
        if (state.Committed || (state.GoBackTo ?? state.Previous) is not { } before)
            return state.Current;
        observer.Warning("NotCommitted", $"Release {state.Current} was in its probation when the supervisor ended; going " +
            $"back to release {before}.");
        situation.Write(known => known with
        {
            Current = before,
            Previous = known.Previous == before ? null : known.Previous,
            Committed = true,
            GoBackTo = null,
        });
        return before;
    }
}
